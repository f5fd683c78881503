-- description: Lambda functions on runtimes that AWS supports no more
-- params: account, runtimes=["nodejs","nodejs4.3","nodejs6.10","nodejs8.10","nodejs10.x","nodejs12.x","nodejs14.x","nodejs16.x","nodejs18.x","nodejs20.x","python2.7","python3.6","python3.7","python3.8","python3.9","ruby2.5","ruby2.7","ruby3.2","java8","dotnetcore1.0","dotnetcore2.0","dotnetcore2.1","dotnetcore3.1","dotnet5.0","dotnet6","dotnet7","go1.x","provided"]
-- fields: lambda:function Runtime, LastModified
SELECT name, region, account_id, json_extract(details, '$.Runtime') AS runtime, json_extract(details, '$.LastModified') AS last_modified
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'lambda' AND type = 'function'
  AND json_extract(details, '$.Runtime') IN (SELECT value FROM json_each(CAST(:runtimes AS TEXT)))
ORDER BY account_id, region, name
