-- description: S3 buckets without versioning
-- params: account
-- fields: s3:bucket Versioning.Status
SELECT name, region, account_id, coalesce(json_extract(details, '$.Versioning.Status'), 'never on') AS versioning
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 's3' AND type = 'bucket'
  AND coalesce(json_extract(details, '$.Versioning.Status'), '') <> 'Enabled'
ORDER BY account_id, name
