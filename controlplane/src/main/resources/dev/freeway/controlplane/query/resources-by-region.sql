-- description: How many resources in each region
-- params: account, service
SELECT region, count(*) AS count
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
GROUP BY region
ORDER BY count DESC, region
