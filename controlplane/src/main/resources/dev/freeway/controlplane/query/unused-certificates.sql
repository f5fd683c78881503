-- description: ACM certificates that nothing uses
-- params: account
-- fields: acm:certificate InUseBy, NotAfter, Status
SELECT name, region, account_id, json_extract(details, '$.Status') AS status, json_extract(details, '$.NotAfter') AS expires
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'acm' AND type = 'certificate'
  AND coalesce(json_array_length(details, '$.InUseBy'), 0) = 0
ORDER BY account_id, region, name
