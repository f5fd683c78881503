-- description: EKS clusters by version
-- params: account
-- fields: eks:cluster version, platformVersion, status
SELECT json_extract(details, '$.version') AS version, name, region, account_id, json_extract(details, '$.platformVersion') AS platform, json_extract(details, '$.status') AS status
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'eks' AND type = 'cluster'
ORDER BY version, account_id, region, name
