-- description: Lambda functions with more memory than some megabytes
-- params: account, megabytes=512
-- fields: lambda:function Runtime, MemorySize, Timeout
SELECT name, region, account_id, json_extract(details, '$.Runtime') AS runtime, CAST(json_extract(details, '$.MemorySize') AS INTEGER) AS memory_mb, json_extract(details, '$.Timeout') AS timeout
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'lambda' AND type = 'function'
  AND CAST(json_extract(details, '$.MemorySize') AS INTEGER) > CAST(:megabytes AS INTEGER)
ORDER BY memory_mb DESC, account_id, region, name
