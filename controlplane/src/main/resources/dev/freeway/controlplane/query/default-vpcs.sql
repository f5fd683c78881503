-- description: Default VPCs of all regions
-- params: account
-- fields: vpc:vpc CidrBlock, IsDefault
SELECT name, id, region, account_id, json_extract(details, '$.CidrBlock') AS cidr
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'vpc' AND type = 'vpc'
  AND json_extract(details, '$.IsDefault') = 1
ORDER BY account_id, region
