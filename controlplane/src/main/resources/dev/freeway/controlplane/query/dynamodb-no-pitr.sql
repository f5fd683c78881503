-- description: DynamoDB tables without point-in-time recovery
-- params: account
-- fields: dynamodb:table ContinuousBackups.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, TableSizeBytes
SELECT name, region, account_id, CAST(json_extract(details, '$.TableSizeBytes') AS BIGINT) AS bytes
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'dynamodb' AND type = 'table'
  AND coalesce(json_extract(details, '$.ContinuousBackups.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus'), 'DISABLED') = 'DISABLED'
ORDER BY account_id, region, name
