-- description: Secrets that are not rotated
-- params: account
-- fields: secretsmanager:secret RotationEnabled, LastChangedDate, LastAccessedDate, DeletedDate
SELECT name, region, account_id, json_extract(details, '$.LastChangedDate') AS last_changed, json_extract(details, '$.LastAccessedDate') AS last_accessed
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'secretsmanager' AND type = 'secret'
  AND coalesce(CAST(json_extract(details, '$.RotationEnabled') AS INTEGER), 0) = 0
  AND json_extract(details, '$.DeletedDate') IS NULL
ORDER BY account_id, region, name
