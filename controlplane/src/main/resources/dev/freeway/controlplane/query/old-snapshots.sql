-- description: EBS snapshots that are older than some days
-- params: account, days=365
-- fields: ec2:snapshot StartTime, VolumeSize, VolumeId, Description
SELECT name, id, region, account_id, json_extract(details, '$.VolumeSize') AS size_gb, json_extract(details, '$.VolumeId') AS volume_id, json_extract(details, '$.StartTime') AS started, CAST(julianday('now') - julianday(json_extract(details, '$.StartTime')) AS INTEGER) AS age_days, json_extract(details, '$.Description') AS description
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'snapshot'
  AND julianday('now') - julianday(json_extract(details, '$.StartTime')) > CAST(:days AS INTEGER)
ORDER BY started, id
