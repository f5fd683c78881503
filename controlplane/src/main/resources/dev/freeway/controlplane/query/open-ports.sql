-- description: Security groups that let the whole internet reach a port
-- params: account, port=22
-- fields: ec2:security-group IpPermissions[].IpProtocol, IpPermissions[].FromPort, IpPermissions[].ToPort, IpPermissions[].IpRanges[].CidrIp, IpPermissions[].Ipv6Ranges[].CidrIpv6
SELECT DISTINCT r.name, r.id, r.region, r.account_id, json_extract(p.value, '$.IpProtocol') AS protocol,
  json_extract(p.value, '$.FromPort') AS from_port, json_extract(p.value, '$.ToPort') AS to_port
FROM resources r, json_each(r.details, '$.IpPermissions') p
WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)
  AND r.service = 'ec2' AND r.type = 'security-group'
  AND (json_extract(p.value, '$.IpProtocol') = '-1'
    OR (json_extract(p.value, '$.IpProtocol') IN ('tcp', 'udp')
      AND CAST(:port AS INTEGER) BETWEEN CAST(json_extract(p.value, '$.FromPort') AS INTEGER)
        AND CAST(json_extract(p.value, '$.ToPort') AS INTEGER)))
  AND (EXISTS (SELECT 1 FROM json_each(p.value, '$.IpRanges') s WHERE json_extract(s.value, '$.CidrIp') = '0.0.0.0/0')
    OR EXISTS (SELECT 1 FROM json_each(p.value, '$.Ipv6Ranges') s WHERE json_extract(s.value, '$.CidrIpv6') = '::/0'))
ORDER BY r.account_id, r.region, r.name
