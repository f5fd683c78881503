-- description: RDS instances without encryption
-- params: account
-- fields: rds:db-instance Engine, DBInstanceClass, AllocatedStorage, StorageEncrypted
SELECT name, region, account_id, json_extract(details, '$.Engine') AS engine, json_extract(details, '$.DBInstanceClass') AS instance_class, json_extract(details, '$.AllocatedStorage') AS storage_gb
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'rds' AND type = 'db-instance'
  AND json_extract(details, '$.StorageEncrypted') = 0
ORDER BY account_id, region, name
