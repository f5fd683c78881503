-- description: S3 buckets and how they are encrypted
-- params: account
-- fields: s3:bucket Encryption.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm, Encryption.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID
SELECT name, region, account_id,
  coalesce(json_extract(details, '$.Encryption.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm'), 'none') AS encryption,
  json_extract(details, '$.Encryption.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID') AS kms_key
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 's3' AND type = 'bucket'
ORDER BY encryption, account_id, name
