-- description: Security groups that no network interface has and no other group names
-- params: account
-- fields: ec2:security-group VpcId, Description, IpPermissions[].UserIdGroupPairs[].GroupId, IpPermissionsEgress[].UserIdGroupPairs[].GroupId
-- fields: ec2:network-interface Groups[].GroupId
SELECT name, id, region, account_id, json_extract(details, '$.VpcId') AS vpc_id, json_extract(details, '$.Description') AS description
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'security-group' AND is_default = 0
  AND id NOT IN (
    SELECT json_extract(g.value, '$.GroupId')
    FROM resources n, json_each(n.details, '$.Groups') g
    WHERE n.is_current = 1 AND n.service = 'ec2' AND n.type = 'network-interface'
      AND json_extract(g.value, '$.GroupId') IS NOT NULL)
  AND id NOT IN (
    SELECT json_extract(u.value, '$.GroupId')
    FROM resources o, json_each(o.details, '$.IpPermissions') p, json_each(p.value, '$.UserIdGroupPairs') u
    WHERE o.is_current = 1 AND o.service = 'ec2' AND o.type = 'security-group'
      AND json_extract(u.value, '$.GroupId') <> o.id)
  AND id NOT IN (
    SELECT json_extract(u.value, '$.GroupId')
    FROM resources o, json_each(o.details, '$.IpPermissionsEgress') p, json_each(p.value, '$.UserIdGroupPairs') u
    WHERE o.is_current = 1 AND o.service = 'ec2' AND o.type = 'security-group'
      AND json_extract(u.value, '$.GroupId') <> o.id)
ORDER BY account_id, region, name
