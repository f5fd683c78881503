-- description: EC2 instances that are stopped
-- params: account
-- fields: ec2:instance InstanceType, State.Name, StateTransitionReason
-- Looked through before it is parsed: instances are many and their documents long.
SELECT name, id, region, account_id, json_extract(details, '$.InstanceType') AS instance_type, json_extract(details, '$.State.Name') AS state, json_extract(details, '$.StateTransitionReason') AS reason
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'instance'
  AND details LIKE '%"stopped"%' AND json_extract(details, '$.State.Name') = 'stopped'
ORDER BY account_id, region, name
