-- description: IAM users who may do everything: by an attached or inline policy, or by a group
-- params: account
-- fields: iam:user GroupList, MFADevices
-- fields: iam:group GroupName
-- include: admins
, source AS (
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
