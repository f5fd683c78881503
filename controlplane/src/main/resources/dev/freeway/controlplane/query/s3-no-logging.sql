-- description: S3 buckets without access logging
-- params: account
-- fields: s3:bucket Logging.TargetBucket
SELECT name, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 's3' AND type = 'bucket'
  AND json_extract(details, '$.Logging.TargetBucket') IS NULL
ORDER BY account_id, name
