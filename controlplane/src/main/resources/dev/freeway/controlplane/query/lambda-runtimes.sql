-- description: Lambda functions by runtime
-- params: account
-- fields: lambda:function Runtime, PackageType
SELECT coalesce(json_extract(details, '$.Runtime'), json_extract(details, '$.PackageType')) AS runtime, count(*) AS count
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'lambda' AND type = 'function'
GROUP BY runtime
ORDER BY count DESC, runtime
