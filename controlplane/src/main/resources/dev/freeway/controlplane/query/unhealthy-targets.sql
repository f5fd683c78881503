-- description: Targets that their load balancer does not find healthy
-- params: account
-- fields: elbv2:target-group TargetHealth[].Target.Id, TargetHealth[].Target.Port, TargetHealth[].TargetHealth.State, TargetHealth[].TargetHealth.Reason
SELECT r.name AS target_group, r.region, r.account_id,
  json_extract(t.value, '$.Target.Id') AS target, json_extract(t.value, '$.Target.Port') AS port,
  json_extract(t.value, '$.TargetHealth.State') AS state, json_extract(t.value, '$.TargetHealth.Reason') AS reason
FROM resources r, json_each(r.details, '$.TargetHealth') t
WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)
  AND r.service = 'elbv2' AND r.type = 'target-group'
  AND json_extract(t.value, '$.TargetHealth.State') NOT IN ('healthy', 'unused', 'initial', 'draining')
ORDER BY r.account_id, r.region, r.name, target, port
