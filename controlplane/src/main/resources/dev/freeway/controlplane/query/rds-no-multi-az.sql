-- description: RDS instances in one availability zone only
-- params: account
-- fields: rds:db-instance Engine, DBInstanceClass, MultiAZ, DBClusterIdentifier
SELECT name, region, account_id, json_extract(details, '$.Engine') AS engine, json_extract(details, '$.DBInstanceClass') AS instance_class, json_extract(details, '$.DBClusterIdentifier') AS cluster
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'rds' AND type = 'db-instance'
  AND json_extract(details, '$.MultiAZ') = 0
ORDER BY account_id, region, name
