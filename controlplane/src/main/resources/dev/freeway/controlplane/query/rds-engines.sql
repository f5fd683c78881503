-- description: RDS instances by engine and version
-- params: account
-- fields: rds:db-instance Engine, EngineVersion
SELECT json_extract(details, '$.Engine') AS engine, json_extract(details, '$.EngineVersion') AS version, count(*) AS count
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'rds' AND type = 'db-instance'
GROUP BY engine, version
ORDER BY count DESC, engine, version
