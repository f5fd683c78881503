-- description: Customer keys of KMS that are not rotated
-- params: account
-- fields: kms:key KeyManager, KeyState, KeySpec, KeyRotationEnabled
SELECT name, id, region, account_id, json_extract(details, '$.KeyState') AS state
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'kms' AND type = 'key'
  AND json_extract(details, '$.KeyManager') = 'CUSTOMER' AND json_extract(details, '$.KeySpec') = 'SYMMETRIC_DEFAULT'
  AND json_extract(details, '$.KeyState') <> 'PendingDeletion'
  AND json_extract(details, '$.KeyRotationEnabled') = 0
ORDER BY account_id, region, name
