-- description: IAM users who never logged in and have no access key
-- params: account
-- fields: iam:user PasswordLastUsed, LoginProfile.CreateDate, MFADevices
SELECT name, account_id, created,
  CASE WHEN json_extract(details, '$.LoginProfile.CreateDate') IS NULL THEN 'no' ELSE 'yes' END AS password,
  CASE WHEN coalesce(json_array_length(details, '$.MFADevices'), 0) > 0 THEN 'yes' ELSE 'no' END AS mfa
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'iam' AND type = 'user'
  AND json_extract(details, '$.PasswordLastUsed') IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM resources k
    WHERE k.is_current = 1 AND k.service = 'iam' AND k.type = 'access-key'
      AND k.account_id = resources.account_id AND k.parent = resources.id)
ORDER BY account_id, name
