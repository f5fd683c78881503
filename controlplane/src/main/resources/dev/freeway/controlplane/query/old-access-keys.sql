-- description: IAM access keys that are older than some days, and when they were last used
-- params: account, days=90
-- fields: iam:access-key UserName, Status, CreateDate, AccessKeyLastUsed.LastUsedDate, AccessKeyLastUsed.ServiceName
SELECT json_extract(details, '$.UserName') AS user_name, id AS access_key, account_id,
  json_extract(details, '$.Status') AS status, json_extract(details, '$.CreateDate') AS created,
  CAST(julianday('now') - julianday(json_extract(details, '$.CreateDate')) AS INTEGER) AS age_days,
  json_extract(details, '$.AccessKeyLastUsed.LastUsedDate') AS last_used,
  json_extract(details, '$.AccessKeyLastUsed.ServiceName') AS last_service
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'iam' AND type = 'access-key'
  AND julianday('now') - julianday(json_extract(details, '$.CreateDate')) > CAST(:days AS INTEGER)
ORDER BY created, account_id
