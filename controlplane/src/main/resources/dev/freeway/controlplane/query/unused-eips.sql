-- description: Elastic IPs that nothing uses
-- params: account
-- fields: ec2:elastic-ip PublicIp, AssociationId, InstanceId, NetworkInterfaceId
SELECT name, id, region, account_id, json_extract(details, '$.PublicIp') AS public_ip
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'elastic-ip'
  AND json_extract(details, '$.AssociationId') IS NULL
  AND coalesce(json_extract(details, '$.InstanceId'), '') = ''
  AND coalesce(json_extract(details, '$.NetworkInterfaceId'), '') = ''
ORDER BY account_id, region, name
