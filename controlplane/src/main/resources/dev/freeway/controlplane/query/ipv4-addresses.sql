-- description: Public IPv4 addresses and what uses them: each is billed by the hour
-- params: account
-- fields: ec2:network-interface Association.PublicIp, Association.IpOwnerId, PrivateIpAddresses[].Association.PublicIp, PrivateIpAddresses[].Association.IpOwnerId, InterfaceType, Description, Attachment.InstanceId, VpcId
-- fields: ec2:elastic-ip PublicIp, AssociationId
SELECT json_extract(a.value, '$.Association.PublicIp') AS public_ip,
  CASE
    WHEN json_extract(r.details, '$.Attachment.InstanceId') IS NOT NULL THEN 'instance'
    WHEN json_extract(r.details, '$.Description') LIKE 'ELB %' THEN 'load-balancer'
    WHEN json_extract(r.details, '$.Description') LIKE 'RDS%' THEN 'rds'
    ELSE json_extract(r.details, '$.InterfaceType') END AS used_by,
  coalesce(json_extract(r.details, '$.Attachment.InstanceId'), json_extract(r.details, '$.Description')) AS user_id,
  CASE json_extract(a.value, '$.Association.IpOwnerId') WHEN 'amazon' THEN 'assigned'
    WHEN 'amazon-elb' THEN 'assigned' ELSE 'elastic' END AS kind,
  r.region, r.account_id, r.id AS network_interface, json_extract(r.details, '$.VpcId') AS vpc_id
FROM resources r, json_each(r.details, '$.PrivateIpAddresses') a
WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)
  AND r.service = 'ec2' AND r.type = 'network-interface'
  AND json_extract(a.value, '$.Association.PublicIp') IS NOT NULL
UNION ALL
SELECT json_extract(details, '$.PublicIp'), 'nothing', id, 'elastic', region, account_id, NULL, NULL
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'elastic-ip'
  AND json_extract(details, '$.AssociationId') IS NULL
ORDER BY account_id, region, used_by, public_ip
