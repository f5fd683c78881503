-- description: IAM users without an MFA device, and whether they have a password
-- params: account
-- fields: iam:user PasswordLastUsed, LoginProfile.CreateDate, MFADevices
SELECT name, account_id,
  CASE WHEN json_extract(details, '$.LoginProfile.CreateDate') IS NULL THEN 'no' ELSE 'yes' END AS password,
  json_extract(details, '$.PasswordLastUsed') AS last_login,
  (SELECT count(*) FROM resources k
   WHERE k.is_current = 1 AND k.service = 'iam' AND k.type = 'access-key'
     AND k.account_id = resources.account_id AND k.parent = resources.id) AS access_keys
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'iam' AND type = 'user'
  AND coalesce(json_array_length(details, '$.MFADevices'), 0) = 0
ORDER BY account_id, name
