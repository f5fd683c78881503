-- description: EBS volumes of type gp2: gp3 costs less
-- params: account
-- fields: ec2:volume Size, VolumeType, Iops
SELECT name, id, region, account_id, CAST(json_extract(details, '$.Size') AS INTEGER) AS size_gb, json_extract(details, '$.Iops') AS iops
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'volume'
  AND json_extract(details, '$.VolumeType') = 'gp2'
ORDER BY size_gb DESC, account_id, region, name
