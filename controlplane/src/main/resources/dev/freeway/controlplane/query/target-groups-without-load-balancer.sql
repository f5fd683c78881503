-- description: Target groups that no load balancer uses
-- params: account
-- fields: elbv2:target-group LoadBalancerArns, TargetType, Protocol, Port
SELECT name, region, account_id, json_extract(details, '$.TargetType') AS target_type, json_extract(details, '$.Protocol') AS protocol, json_extract(details, '$.Port') AS port
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elbv2' AND type = 'target-group'
  AND coalesce(json_array_length(details, '$.LoadBalancerArns'), 0) = 0
ORDER BY account_id, region, name
