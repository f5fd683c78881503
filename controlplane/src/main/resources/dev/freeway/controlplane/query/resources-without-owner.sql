-- description: Resources whose owner tag is missing or blank, of types that can have tags, without what AWS made
-- params: account, service, tag=Owner, types=@taggable
SELECT name, service, type, region, account_id, id, created
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND (:service IS NULL OR service = :service)
  AND is_default = 0
  AND service || ':' || type IN (SELECT value FROM json_each(CAST(:types AS TEXT)))
  AND NOT EXISTS (
    SELECT 1 FROM tag t WHERE t.resource = resources.rowid AND t.key = :tag
      AND trim(t.value) <> '')
ORDER BY account_id, service, type, region, name
