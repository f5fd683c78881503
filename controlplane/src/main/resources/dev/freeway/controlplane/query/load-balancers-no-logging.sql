-- description: Load balancers without access logs
-- params: account
-- fields: elbv2:application-load-balancer Attributes[].Key, Attributes[].Value
-- fields: elbv2:network-load-balancer Attributes[].Key, Attributes[].Value
-- fields: elb:classic-load-balancer Attributes.AccessLog.Enabled
SELECT name, type, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elbv2' AND type IN ('application-load-balancer', 'network-load-balancer')
  AND NOT EXISTS (
    SELECT 1 FROM json_each(details, '$.Attributes') a
    WHERE json_extract(a.value, '$.Key') = 'access_logs.s3.enabled' AND json_extract(a.value, '$.Value') = 'true')
UNION ALL
SELECT name, type, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elb' AND type = 'classic-load-balancer'
  AND coalesce(CAST(json_extract(details, '$.Attributes.AccessLog.Enabled') AS INTEGER), 0) = 0
ORDER BY account_id, region, name
