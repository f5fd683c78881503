-- description: Whatever keeps data without encryption
-- params: account, service
-- fields: ec2:volume Encrypted
-- fields: ec2:snapshot Encrypted
-- fields: rds:db-instance StorageEncrypted
-- fields: rds:db-cluster StorageEncrypted
-- fields: rds:db-snapshot Encrypted
-- fields: rds:db-cluster-snapshot StorageEncrypted
-- fields: docdb:cluster StorageEncrypted
-- fields: neptune:cluster StorageEncrypted
-- fields: efs:file-system Encrypted
-- fields: redshift:cluster Encrypted
-- fields: elasticache:replication-group AtRestEncryptionEnabled
-- fields: opensearch:domain EncryptionAtRestOptions.Enabled
-- fields: kinesis:stream EncryptionType
-- fields: sns:topic Attributes.KmsMasterKeyId
-- fields: sqs:queue Attributes.KmsMasterKeyId, Attributes.SqsManagedSseEnabled
-- fields: s3:bucket Encryption.Rules
SELECT service, type, name, id, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
  AND ((service = 'ec2' AND type = 'volume' AND json_extract(details, '$.Encrypted') = 0)
    OR (service = 'ec2' AND type = 'snapshot' AND json_extract(details, '$.Encrypted') = 0)
    OR (service = 'rds' AND type = 'db-instance' AND json_extract(details, '$.StorageEncrypted') = 0)
    OR (service = 'rds' AND type = 'db-cluster' AND json_extract(details, '$.StorageEncrypted') = 0)
    OR (service = 'rds' AND type = 'db-snapshot' AND json_extract(details, '$.Encrypted') = 0)
    OR (service = 'rds' AND type = 'db-cluster-snapshot' AND json_extract(details, '$.StorageEncrypted') = 0)
    OR (service = 'docdb' AND type = 'cluster' AND json_extract(details, '$.StorageEncrypted') = 0)
    OR (service = 'neptune' AND type = 'cluster' AND json_extract(details, '$.StorageEncrypted') = 0)
    OR (service = 'efs' AND type = 'file-system' AND json_extract(details, '$.Encrypted') = 0)
    OR (service = 'redshift' AND type = 'cluster' AND json_extract(details, '$.Encrypted') = 0)
    OR (service = 'elasticache' AND type = 'replication-group' AND json_extract(details, '$.AtRestEncryptionEnabled') = 0)
    OR (service = 'opensearch' AND type = 'domain' AND json_extract(details, '$.EncryptionAtRestOptions.Enabled') = 0)
    OR (service = 'kinesis' AND type = 'stream' AND json_extract(details, '$.EncryptionType') = 'NONE')
    OR (service = 'sns' AND type = 'topic' AND json_extract(details, '$.Attributes.KmsMasterKeyId') IS NULL)
    OR (service = 'sqs' AND type = 'queue' AND json_extract(details, '$.Attributes.KmsMasterKeyId') IS NULL
      AND coalesce(json_extract(details, '$.Attributes.SqsManagedSseEnabled'), 'false') = 'false')
    OR (service = 's3' AND type = 'bucket' AND json_extract(details, '$.Encryption.Rules') IS NULL))
ORDER BY account_id, service, type, region, name
