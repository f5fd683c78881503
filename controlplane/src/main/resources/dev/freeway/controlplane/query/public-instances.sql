-- description: EC2 instances with a public address
-- params: account
-- fields: ec2:instance PublicIpAddress, InstanceType, State.Name, VpcId
-- Looked through before it is parsed: instances are many and their documents long.
SELECT name, id, region, account_id, json_extract(details, '$.PublicIpAddress') AS public_ip, json_extract(details, '$.InstanceType') AS instance_type, json_extract(details, '$.State.Name') AS state, json_extract(details, '$.VpcId') AS vpc_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'instance'
  AND details LIKE '%"PublicIpAddress"%' AND json_extract(details, '$.PublicIpAddress') IS NOT NULL
ORDER BY account_id, region, name
