-- description: S3 buckets without lifecycle rules
-- params: account
-- fields: s3:bucket LifecycleRules
SELECT name, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 's3' AND type = 'bucket'
  AND coalesce(json_array_length(details, '$.LifecycleRules'), 0) = 0
ORDER BY account_id, name
