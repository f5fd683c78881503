-- description: Listeners whose policy still takes TLS 1.0 or 1.1
-- params: account
-- fields: elbv2:listener LoadBalancerArn, Protocol, Port, SslPolicy
SELECT name, region, account_id, json_extract(details, '$.Port') AS port, json_extract(details, '$.SslPolicy') AS ssl_policy, json_extract(details, '$.LoadBalancerArn') AS load_balancer
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'elbv2' AND type = 'listener'
  AND json_extract(details, '$.Protocol') IN ('HTTPS', 'TLS')
  AND (json_extract(details, '$.SslPolicy') IN ('ELBSecurityPolicy-2016-08', 'ELBSecurityPolicy-FS-2018-06', 'ELBSecurityPolicy-2015-05')
    OR json_extract(details, '$.SslPolicy') LIKE '%-TLS-1-0-%' OR json_extract(details, '$.SslPolicy') LIKE '%-TLS-1-1-%'
    OR json_extract(details, '$.SslPolicy') LIKE '%TLS13-1-0-%' OR json_extract(details, '$.SslPolicy') LIKE '%TLS13-1-1-%'
    OR json_extract(details, '$.SslPolicy') LIKE '%-FS-1-1-%')
ORDER BY account_id, region, name
