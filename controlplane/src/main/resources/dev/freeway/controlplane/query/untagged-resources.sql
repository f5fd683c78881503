-- description: Resources without any tag, of types that can have tags
-- params: account, service, types=@taggable
SELECT name, service, type, region, account_id, id
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
  AND service || ':' || type IN (SELECT value FROM json_each(CAST(:types AS TEXT)))
  AND tags = '{}'
ORDER BY account_id, service, type, region, name
