-- description: Resources that were created within some days
-- params: account, service, days=7
SELECT created, service, type, name, id, region, account_id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
  AND (SELECT julianday('now')) - julianday(created) < CAST(:days AS INTEGER)
ORDER BY created DESC, service, type, name
