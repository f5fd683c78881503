-- description: Security groups that nothing that has security groups names, and no other group
-- params: account
-- fields: ec2:security-group VpcId, Description
SELECT name, id, region, account_id, json_extract(details, '$.VpcId') AS vpc_id, json_extract(details, '$.Description') AS description
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'security-group' AND is_default = 0
  AND id NOT IN (
    SELECT x.target
    FROM resources o JOIN relation x ON x.resource = o.rowid
    WHERE o.is_current = 1 AND o.id <> x.target
      AND (o.service = 'ec2' AND o.type IN ('network-interface', 'security-group', 'instance', 'launch-template')
        OR o.service = 'autoscaling' AND o.type = 'launch-configuration'
        OR o.service = 'elbv2' AND o.type IN ('application-load-balancer', 'network-load-balancer')
        OR o.service = 'elb' AND o.type = 'classic-load-balancer'
        OR o.service = 'rds' AND o.type IN ('db-instance', 'db-cluster')
        OR o.service = 'lambda' AND o.type = 'function'
        OR o.service = 'ecs' AND o.type = 'service'
        OR o.service = 'eks' AND o.type = 'cluster'
        OR o.service = 'elasticache' AND o.type = 'cluster'
        OR o.service = 'redshift' AND o.type = 'cluster'
        OR o.service = 'vpc' AND o.type = 'vpc-endpoint'))
ORDER BY account_id, region, name
