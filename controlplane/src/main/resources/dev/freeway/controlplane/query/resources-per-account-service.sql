-- description: How many resources of each account and service
-- params: account
SELECT account_id, service, count(*) AS count
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
GROUP BY account_id, service
ORDER BY account_id, count DESC, service
