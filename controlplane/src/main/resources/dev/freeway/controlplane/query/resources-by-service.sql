-- description: How many resources of each service and type
-- params: account, region
SELECT service, type, count(*) AS count
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:region IS NULL OR region = :region)
GROUP BY service, type
ORDER BY count DESC, service, type
