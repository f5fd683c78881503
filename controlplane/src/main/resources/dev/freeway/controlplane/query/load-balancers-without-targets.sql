-- description: Load balancers behind which nothing is registered
-- params: account
-- fields: elbv2:application-load-balancer LoadBalancerArn, Scheme
-- fields: elbv2:network-load-balancer LoadBalancerArn, Scheme
-- fields: elbv2:gateway-load-balancer LoadBalancerArn, Scheme
-- fields: elbv2:target-group LoadBalancerArns, TargetHealth[].Target.Id
-- fields: elb:classic-load-balancer Instances, Scheme
WITH used AS (
  SELECT DISTINCT l.value AS arn
  FROM resources g, json_each(g.details, '$.LoadBalancerArns') l
  WHERE g.is_current = 1 AND g.service = 'elbv2' AND g.type = 'target-group'
    AND EXISTS (
      SELECT 1 FROM json_each(g.details, '$.TargetHealth') t
      WHERE json_extract(t.value, '$.Target.Id') IS NOT NULL)
)
SELECT name, type, region, account_id, json_extract(details, '$.Scheme') AS scheme, created
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elbv2' AND type IN ('application-load-balancer', 'network-load-balancer', 'gateway-load-balancer')
  AND json_extract(details, '$.LoadBalancerArn') NOT IN (SELECT arn FROM used)
UNION ALL
SELECT name, type, region, account_id, json_extract(details, '$.Scheme'), created
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elb' AND type = 'classic-load-balancer'
  AND coalesce(json_array_length(details, '$.Instances'), 0) = 0
ORDER BY account_id, region, name
