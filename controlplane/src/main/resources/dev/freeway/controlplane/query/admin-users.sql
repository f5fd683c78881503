-- description: IAM users who may do everything: by an attached or inline policy, or by a group
-- params: account
-- fields: iam:policy PolicyVersionList[].Document, PolicyVersionList[].IsDefaultVersion
-- fields: iam:user GroupList, AttachedManagedPolicies[].PolicyArn, AttachedManagedPolicies[].PolicyName, UserPolicyList[].PolicyName, UserPolicyList[].PolicyDocument, MFADevices
-- fields: iam:group GroupName, AttachedManagedPolicies[].PolicyArn, AttachedManagedPolicies[].PolicyName, GroupPolicyList[].PolicyName, GroupPolicyList[].PolicyDocument
-- A policy's statements are a list, or one of them alone; so are an action and a resource.
WITH policy AS (
  SELECT r.arn AS owner, r.name AS policy, url_decode(json_extract(v.value, '$.Document')) AS document
  FROM resources r, json_each(r.details, '$.PolicyVersionList') v
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'policy'
    AND json_extract(v.value, '$.IsDefaultVersion') = 1
  UNION ALL
  SELECT r.arn AS owner, json_extract(v.value, '$.PolicyName') AS policy,
    url_decode(json_extract(v.value, '$.PolicyDocument')) AS document
  FROM resources r, json_each(r.details, '$.UserPolicyList') v
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'user'
  UNION ALL
  SELECT r.arn AS owner, json_extract(v.value, '$.PolicyName') AS policy,
    url_decode(json_extract(v.value, '$.PolicyDocument')) AS document
  FROM resources r, json_each(r.details, '$.GroupPolicyList') v
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type = 'group'
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
  WHERE r.is_current = 1 AND r.service = 'iam' AND r.type IN ('user', 'group')
    AND (json_extract(m.value, '$.PolicyArn') LIKE '%:aws:policy/AdministratorAccess'
      OR json_extract(m.value, '$.PolicyArn') IN (SELECT owner FROM admin))
  UNION
  SELECT owner, policy FROM admin
), source AS (
  SELECT u.arn AS arn, 'DIRECT' AS admin_source, h.policy AS policy
  FROM resources u JOIN held h ON h.owner = u.arn
  WHERE u.is_current = 1 AND u.service = 'iam' AND u.type = 'user'
  UNION
  SELECT u.arn, 'VIA GROUP ' || g.name, h.policy
  FROM resources u, json_each(u.details, '$.GroupList') m, resources g, held h
  WHERE u.is_current = 1 AND u.service = 'iam' AND u.type = 'user'
    AND g.is_current = 1 AND g.service = 'iam' AND g.type = 'group'
    AND g.account_id = u.account_id AND json_extract(g.details, '$.GroupName') = m.value
    AND h.owner = g.arn
)
SELECT u.name, u.account_id,
  CASE WHEN coalesce(json_array_length(u.details, '$.MFADevices'), 0) > 0 THEN 'yes' ELSE 'no' END AS mfa,
  json_extract(u.details, '$.GroupList') AS groups, s.admin_source, s.policy
FROM source s JOIN resources u ON u.arn = s.arn
WHERE u.is_current = 1 AND (:account IS NULL OR u.account_id = :account) AND u.service = 'iam' AND u.type = 'user'
ORDER BY u.account_id, s.admin_source, u.name, s.policy
