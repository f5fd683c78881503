-- description: Resources that have a tag, with its value
-- params: account, tag=Owner
SELECT name, service, type, region, account_id, t.value AS tag_value
FROM resources JOIN tag t ON t.resource = resources.rowid
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND t.key = :tag
ORDER BY account_id, service, type, name
