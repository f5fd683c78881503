-- description: Network interfaces that are attached to nothing
-- params: account
-- fields: ec2:network-interface Status, Description, VpcId, SubnetId
SELECT name, id, region, account_id, json_extract(details, '$.Description') AS description, json_extract(details, '$.VpcId') AS vpc_id, json_extract(details, '$.SubnetId') AS subnet_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'network-interface'
  AND json_extract(details, '$.Status') = 'available'
ORDER BY account_id, region, id
