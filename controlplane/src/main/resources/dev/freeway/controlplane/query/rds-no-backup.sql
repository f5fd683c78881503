-- description: RDS instances without automatic backups
-- params: account
-- fields: rds:db-instance BackupRetentionPeriod, Engine, DBInstanceClass
SELECT name, region, account_id, json_extract(details, '$.Engine') AS engine, json_extract(details, '$.DBInstanceClass') AS instance_class
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'rds' AND type = 'db-instance'
  AND json_extract(details, '$.BackupRetentionPeriod') = 0
ORDER BY account_id, region, name
