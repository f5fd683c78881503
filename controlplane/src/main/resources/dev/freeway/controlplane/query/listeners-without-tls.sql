-- description: Listeners that take plain HTTP and do not send it on to HTTPS
-- params: account
-- fields: elbv2:listener LoadBalancerArn, Protocol, Port, DefaultActions[].Type, DefaultActions[].RedirectConfig.Protocol
SELECT name, region, account_id, json_extract(details, '$.Port') AS port, json_extract(details, '$.LoadBalancerArn') AS load_balancer
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elbv2' AND type = 'listener'
  AND json_extract(details, '$.Protocol') = 'HTTP'
  AND NOT EXISTS (
    SELECT 1 FROM json_each(details, '$.DefaultActions') a
    WHERE json_extract(a.value, '$.Type') = 'redirect'
      AND json_extract(a.value, '$.RedirectConfig.Protocol') = 'HTTPS')
ORDER BY account_id, region, name
