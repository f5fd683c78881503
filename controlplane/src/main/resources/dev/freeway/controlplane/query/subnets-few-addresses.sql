-- description: Subnets with few free addresses
-- params: account, free=16
-- fields: vpc:subnet AvailableIpAddressCount, CidrBlock, VpcId, AvailabilityZone
SELECT name, id, region, account_id, json_extract(details, '$.CidrBlock') AS cidr, CAST(json_extract(details, '$.AvailableIpAddressCount') AS INTEGER) AS free, json_extract(details, '$.VpcId') AS vpc_id, json_extract(details, '$.AvailabilityZone') AS zone
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'vpc' AND type = 'subnet'
  AND CAST(json_extract(details, '$.AvailableIpAddressCount') AS INTEGER) < CAST(:free AS INTEGER)
ORDER BY free, account_id, region, id
