-- description: AMIs of yours that anybody may use
-- params: account
-- fields: ec2:ami PublicLaunchPermissions, CreationDate, State
SELECT name, id, region, account_id, json_extract(details, '$.CreationDate') AS created, json_extract(details, '$.State') AS state
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'ami'
  AND json_extract(details, '$.PublicLaunchPermissions') = 1
ORDER BY account_id, region, name
