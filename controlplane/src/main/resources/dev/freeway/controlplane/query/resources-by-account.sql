-- description: How many resources in each account
-- params: service
SELECT account_id, count(*) AS count
FROM resources
WHERE is_current = 1
  AND (:service IS NULL OR service = :service)
GROUP BY account_id
ORDER BY count DESC, account_id
