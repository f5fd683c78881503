-- description: Certificates that expire within some days, or did
-- params: account, days=60
-- fields: acm:certificate NotAfter, InUseBy, RenewalEligibility
-- fields: iam:server-certificate Expiration
SELECT name, service, region, account_id, json_extract(details, '$.NotAfter') AS expires,
  CAST(julianday(json_extract(details, '$.NotAfter')) - julianday('now') AS INTEGER) AS days_left,
  coalesce(json_array_length(details, '$.InUseBy'), 0) AS used_by, json_extract(details, '$.RenewalEligibility') AS renewal
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'acm' AND type = 'certificate'
  AND julianday(json_extract(details, '$.NotAfter')) - julianday('now') < CAST(:days AS INTEGER)
UNION ALL
SELECT name, service, region, account_id, json_extract(details, '$.Expiration'),
  CAST(julianday(json_extract(details, '$.Expiration')) - julianday('now') AS INTEGER), NULL, NULL
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'iam' AND type = 'server-certificate'
  AND julianday(json_extract(details, '$.Expiration')) - julianday('now') < CAST(:days AS INTEGER)
ORDER BY expires, name
