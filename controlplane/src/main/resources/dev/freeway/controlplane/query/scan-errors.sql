-- description: What the newest scan of each account could not see
-- params: account
SELECT l.account AS account_id, l.region, l.service, l.operation, l.outcome, l.code, l.calls, l.message
FROM ledger l
WHERE (:account IS NULL OR l.account = :account)
  AND l.outcome NOT IN ('OK', 'NOT_HERE')
  AND l.scan = (SELECT max(s.id) FROM scan s WHERE s.account = l.account)
ORDER BY l.account, l.service, l.operation, l.region
