-- description: Log groups that are kept for ever
-- params: account
-- fields: logs:log-group retentionInDays, storedBytes
SELECT name, region, account_id, CAST(json_extract(details, '$.storedBytes') AS BIGINT) AS stored_bytes
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'logs' AND type = 'log-group'
  AND json_extract(details, '$.retentionInDays') IS NULL
ORDER BY stored_bytes DESC, account_id, region, name
