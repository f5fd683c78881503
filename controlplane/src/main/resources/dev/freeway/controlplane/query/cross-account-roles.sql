-- description: IAM roles that other accounts may assume
-- params: account
-- fields: iam:role AssumeRolePolicyDocument
-- A policy's statements are a list, or one of them alone; so are its principals.
WITH trust AS (
  SELECT name, account_id, url_decode(json_extract(details, '$.AssumeRolePolicyDocument')) AS document
  FROM resources
  WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
    AND service = 'iam' AND type = 'role'
), statement AS (
  SELECT t.name, t.account_id, s.value AS body
  FROM trust t, json_each(
    CASE json_type(t.document, '$.Statement') WHEN 'array' THEN json_extract(t.document, '$.Statement')
      ELSE '[' || json_extract(t.document, '$.Statement') || ']' END) s
  WHERE json_extract(s.value, '$.Effect') = 'Allow'
), trusted AS (
  SELECT t.name, t.account_id, t.body, p.value AS principal
  FROM statement t, json_each(t.body, '$.Principal.AWS') p
  UNION ALL
  SELECT t.name, t.account_id, t.body, '*'
  FROM statement t WHERE json_extract(t.body, '$.Principal') = '*'
)
SELECT DISTINCT name, account_id, principal AS external_principal,
  CASE WHEN json_type(body, '$.Condition') IS NULL THEN 'no' ELSE 'yes' END AS condition
FROM trusted
WHERE principal <> account_id AND principal NOT LIKE '%::' || account_id || ':%'
ORDER BY account_id, name, external_principal
