-- description: RDS instances that anybody with the permission can delete at once
-- params: account
-- fields: rds:db-instance DeletionProtection, Engine, DBInstanceClass
SELECT name, region, account_id, json_extract(details, '$.Engine') AS engine, json_extract(details, '$.DBInstanceClass') AS instance_class
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'rds' AND type = 'db-instance'
  AND json_extract(details, '$.DeletionProtection') = 0
ORDER BY account_id, region, name
