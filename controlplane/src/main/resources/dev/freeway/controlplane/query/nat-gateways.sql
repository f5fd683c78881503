-- description: NAT gateways with their VPC, subnet and addresses
-- params: account
-- fields: vpc:nat-gateway State, ConnectivityType, VpcId, SubnetId, NatGatewayAddresses[].PublicIp
SELECT name, id, region, account_id, json_extract(details, '$.State') AS state, json_extract(details, '$.ConnectivityType') AS connectivity,
  json_extract(details, '$.VpcId') AS vpc_id, json_extract(details, '$.SubnetId') AS subnet_id,
  (SELECT string_agg(json_extract(x.value, '$.PublicIp'), ', ')
   FROM json_each(details, '$.NatGatewayAddresses') x) AS public_ips, created
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'vpc' AND type = 'nat-gateway'
ORDER BY account_id, region, vpc_id, id
