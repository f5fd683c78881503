-- description: IAM roles that may do everything: by an attached or inline policy
-- params: account
-- include: admins
SELECT r.name, r.account_id, string_agg(h.policy, ', ') AS policies
FROM resources r JOIN held h ON h.owner = r.arn
WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account) AND r.service = 'iam' AND r.type = 'role'
GROUP BY r.name, r.account_id, r.arn
ORDER BY r.account_id, r.name
