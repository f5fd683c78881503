-- description: S3 buckets that anybody can read or write, by policy or ACL, where no block stops it
-- params: account
-- fields: s3:bucket PolicyStatus.IsPublic, PublicAccessBlock.RestrictPublicBuckets, PublicAccessBlock.IgnorePublicAcls, Acl.Grants[].Grantee.URI
-- fields: s3:account-public-access-block RestrictPublicBuckets, IgnorePublicAcls
WITH account_block AS (
  SELECT account_id, json_extract(details, '$.RestrictPublicBuckets') AS restrict_policy,
    json_extract(details, '$.IgnorePublicAcls') AS ignore_acls
  FROM resources
  WHERE is_current = 1 AND service = 's3' AND type = 'account-public-access-block'
), bucket AS (
  SELECT r.name, r.region, r.account_id, r.details,
    CASE WHEN coalesce(CAST(json_extract(r.details, '$.PolicyStatus.IsPublic') AS INTEGER), 0) = 1
      AND coalesce(CAST(json_extract(r.details, '$.PublicAccessBlock.RestrictPublicBuckets') AS INTEGER), 0) = 0
      AND coalesce(CAST(b.restrict_policy AS INTEGER), 0) = 0 THEN 1 ELSE 0 END AS by_policy,
    CASE WHEN EXISTS (
        SELECT 1 FROM json_each(r.details, '$.Acl.Grants') g
        WHERE json_extract(g.value, '$.Grantee.URI') LIKE '%/AllUsers'
          OR json_extract(g.value, '$.Grantee.URI') LIKE '%/AuthenticatedUsers')
      AND coalesce(CAST(json_extract(r.details, '$.PublicAccessBlock.IgnorePublicAcls') AS INTEGER), 0) = 0
      AND coalesce(CAST(b.ignore_acls AS INTEGER), 0) = 0 THEN 1 ELSE 0 END AS by_acl
  FROM resources r LEFT JOIN account_block b ON b.account_id = r.account_id
  WHERE r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)
    AND r.service = 's3' AND r.type = 'bucket'
)
SELECT name, region, account_id,
  CASE WHEN by_policy = 1 AND by_acl = 1 THEN 'policy and ACL'
    WHEN by_policy = 1 THEN 'policy' ELSE 'ACL' END AS public_access
FROM bucket
WHERE by_policy = 1 OR by_acl = 1
ORDER BY account_id, name
