-- description: EBS snapshots whose volume is gone and that no image of yours uses
-- params: account
-- fields: ec2:snapshot VolumeId, VolumeSize, StartTime
-- fields: ec2:ami BlockDeviceMappings[].Ebs.SnapshotId
SELECT name, id, region, account_id, json_extract(details, '$.VolumeSize') AS size_gb, json_extract(details, '$.VolumeId') AS volume_id, json_extract(details, '$.StartTime') AS started
FROM resources
WHERE is_current = 1 AND (:account IS NULL OR account_id = :account)
  AND service = 'ec2' AND type = 'snapshot'
  AND NOT EXISTS (
    SELECT 1 FROM resources v
    WHERE v.is_current = 1 AND v.service = 'ec2' AND v.type = 'volume'
      AND v.id = json_extract(resources.details, '$.VolumeId'))
  AND id NOT IN (
    SELECT json_extract(m.value, '$.Ebs.SnapshotId')
    FROM resources i, json_each(i.details, '$.BlockDeviceMappings') m
    WHERE i.is_current = 1 AND i.service = 'ec2' AND i.type = 'ami'
      AND json_extract(m.value, '$.Ebs.SnapshotId') IS NOT NULL)
ORDER BY account_id, region, started
