-- description: Resources that were found gone within some days
-- params: account, service, days=7
SELECT gone, last_seen, service, type, name, id, region, account_id
FROM resources
WHERE is_current = 0 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
  AND (SELECT julianday('now')) - julianday(gone) < CAST(:days AS INTEGER)
ORDER BY gone DESC, service, type, name
