-- description: EC2 instances whose metadata answers without a token (IMDSv1)
-- params: account
-- fields: ec2:instance MetadataOptions.HttpTokens, MetadataOptions.HttpEndpoint, InstanceType, State.Name
-- Looked through before it is parsed: instances are many and their documents long.
SELECT name, id, region, account_id, json_extract(details, '$.InstanceType') AS instance_type, json_extract(details, '$.State.Name') AS state
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'instance'
  AND details LIKE '%"optional"%' AND json_extract(details, '$.MetadataOptions.HttpTokens') = 'optional'
  AND coalesce(json_extract(details, '$.MetadataOptions.HttpEndpoint'), 'enabled') = 'enabled'
ORDER BY account_id, region, name
