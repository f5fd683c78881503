-- description: IAM roles that may do everything: by an attached or inline policy
-- params: account
-- fields: iam:policy PolicyVersionList[].Document, PolicyVersionList[].IsDefaultVersion
-- fields: iam:role AttachedManagedPolicies[].PolicyArn, AttachedManagedPolicies[].PolicyName, RolePolicyList[].PolicyName, RolePolicyList[].PolicyDocument
-- A policy's statements are a list, or one of them alone; so are an action and a resource.
WITH policy AS (
  SELECT r.arn AS owner, r.name AS policy, url_decode(json_extract(v.value, '$.Document')) AS document
  FROM resources r, json_each(r.details, '$.PolicyVersionList') v
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'policy'
    AND json_extract(v.value, '$.IsDefaultVersion') = 1
  UNION ALL
  SELECT r.arn AS owner, json_extract(v.value, '$.PolicyName') AS policy,
    url_decode(json_extract(v.value, '$.PolicyDocument')) AS document
  FROM resources r, json_each(r.details, '$.RolePolicyList') v
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'role'
), statement AS (
  SELECT p.owner, p.policy, s.value AS body
  FROM policy p, json_each(
    CASE json_type(p.document, '$.Statement') WHEN 'array' THEN json_extract(p.document, '$.Statement')
      ELSE '[' || json_extract(p.document, '$.Statement') || ']' END) s
), admin AS (
  SELECT DISTINCT owner, policy
  FROM statement
  WHERE json_extract(body, '$.Effect') = 'Allow'
    AND EXISTS (SELECT 1 FROM json_each(body, '$.Action') x WHERE x.value IN ('*', '*:*'))
    AND EXISTS (SELECT 1 FROM json_each(body, '$.Resource') x WHERE x.value = '*')
    AND json_type(body, '$.Condition') IS NULL
),
held AS (
  SELECT r.arn AS owner, json_extract(m.value, '$.PolicyName') AS policy
  FROM resources r, json_each(r.details, '$.AttachedManagedPolicies') m
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'role'
    AND (json_extract(m.value, '$.PolicyArn') LIKE '%:aws:policy/AdministratorAccess'
      OR json_extract(m.value, '$.PolicyArn') IN (SELECT owner FROM admin))
  UNION
  SELECT owner, policy FROM admin
)
SELECT r.name, r.account_id, string_agg(h.policy, ', ') AS policies
FROM resources r JOIN held h ON h.owner = r.arn
WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account) AND r.service = 'iam' AND r.type = 'role'
GROUP BY r.name, r.account_id, r.arn
ORDER BY r.account_id, r.name
