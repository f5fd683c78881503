-- description: EBS volumes that are attached to nothing
-- params: account
-- fields: ec2:volume Size, VolumeType, State, CreateTime
SELECT name, id, region, account_id, json_extract(details, '$.Size') AS size_gb, json_extract(details, '$.VolumeType') AS type, json_extract(details, '$.State') AS state, json_extract(details, '$.CreateTime') AS created
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'volume'
  AND json_extract(details, '$.State') = 'available'
ORDER BY account_id, region, name
