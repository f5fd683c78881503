-- description: Rules of security groups that let the whole internet in
-- params: account
-- fields: ec2:security-group IpPermissions[].IpProtocol, IpPermissions[].FromPort, IpPermissions[].ToPort, IpPermissions[].IpRanges[].CidrIp, IpPermissions[].Ipv6Ranges[].CidrIpv6, VpcId
WITH rule AS (
  SELECT r.name, r.id, r.region, r.account_id, json_extract(r.details, '$.VpcId') AS vpc_id, p.value AS permission
  FROM resources r, json_each(r.details, '$.IpPermissions') p
  WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)
    AND r.service = 'ec2' AND r.type = 'security-group'
), source AS (
  SELECT rule.*, json_extract(s.value, '$.CidrIp') AS source
  FROM rule, json_each(permission, '$.IpRanges') s
  UNION ALL
  SELECT rule.*, json_extract(s.value, '$.CidrIpv6')
  FROM rule, json_each(permission, '$.Ipv6Ranges') s
)
SELECT name, id, region, account_id, vpc_id,
  CASE json_extract(permission, '$.IpProtocol') WHEN '-1' THEN 'all'
    ELSE json_extract(permission, '$.IpProtocol') END AS protocol,
  json_extract(permission, '$.FromPort') AS from_port,
  json_extract(permission, '$.ToPort') AS to_port, source
FROM source
WHERE source IN ('0.0.0.0/0', '::/0')
ORDER BY account_id, region, name, protocol, from_port, source
