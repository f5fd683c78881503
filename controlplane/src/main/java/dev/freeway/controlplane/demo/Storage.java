package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.List;
import java.util.Map;

/** Buckets, file systems and backups. */
final class Storage {
  private static final String EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers";

  private final Site site;
  private final Dice dice;

  private Storage(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    Storage storage = new Storage(site);
    for (String what : List.of("access-logs", "trail-logs", "replica", "scripts")) {
      storage.own(what);
    }
    for (int i = 0; i < site.many(35); i++) {
      storage.bucket(i);
    }
    for (int i = 0; i < site.many(4); i++) {
      storage.files(i);
    }
    storage.backups();
  }

  static void account(Site site) {
    boolean on = site.environment().equals("staging");
    site.add(
        "s3:account-public-access-block",
        o(
            "BlockPublicAcls",
            on,
            "IgnorePublicAcls",
            on,
            "BlockPublicPolicy",
            on,
            "RestrictPublicBuckets",
            on));
  }

  private void bucket(int number) {
    String team = site.team();
    String name =
        "acme-"
            + site.name(team, dice.of("logs", "data", "backup", "assets", "uploads"))
            + "-"
            + site.region()
            + "-"
            + number;
    boolean isPublic = number % 12 == 5;
    boolean policy = isPublic || dice.percent(40);
    boolean blocked = !isPublic && dice.percent(80);
    String owner = dice.hex(64);
    List<Object> grants =
        a(o("Grantee", o("Type", "CanonicalUser", "ID", owner), "Permission", "FULL_CONTROL"));
    if (isPublic && number % 24 == 5) {
      grants.add(o("Grantee", o("Type", "Group", "URI", EVERYONE), "Permission", "READ"));
    }
    String encryption = dice.of("AES256", "AES256", "aws:kms", "");
    String key = encryption.equals("aws:kms") ? site.any("kms:key").text("Arn") : "";
    String versioning = dice.of("Enabled", "Enabled", "Suspended", "", "");
    Draft bucket =
        site.add(
            "s3:bucket",
            o(
                "Name", name,
                "CreationDate", dice.ago(number % 15 == 0 ? 0 : 5, 2000),
                "BucketRegion", site.region(),
                "Encryption", when(!encryption.isEmpty(), encryption(encryption, key)),
                "PublicAccessBlock", when(blocked || number % 12 == 7, block(blocked)),
                "Versioning",
                    versioning.isEmpty()
                        ? o()
                        : o("Status", versioning, "MFADelete", when(number % 20 == 0, "Enabled")),
                "Policy",
                    when(
                        policy,
                        isPublic
                            ? "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::"
                                + name
                                + "/*\"}]}"
                            : "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::"
                                + name
                                + "/*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"),
                "PolicyStatus", when(policy, o("IsPublic", isPublic)),
                "Acl", o("Owner", o("ID", owner), "Grants", grants),
                "Logging",
                    when(
                        dice.percent(35),
                        o("TargetBucket", site.bucket("access-logs"), "TargetPrefix", name + "/")),
                "LifecycleRules",
                    when(
                        dice.percent(45),
                        a(
                            o(
                                "ID",
                                "expire",
                                "Status",
                                "Enabled",
                                "Filter",
                                o("Prefix", ""),
                                "Expiration",
                                o("Days", dice.of(30, 90, 365))))),
                "Replication",
                    when(
                        dice.percent(10),
                        o(
                            "Role",
                            site.role("replication"),
                            "Rules",
                            a(
                                o(
                                    "ID",
                                    "all",
                                    "Status",
                                    "Enabled",
                                    "Destination",
                                    o("Bucket", "arn:aws:s3:::" + site.bucket("replica")))))),
                "Tags", site.tagList(team, "")));
    switch (number % 17) {
      case 3 -> bucket.changedIn(0, earlier -> earlier.put("PublicAccessBlock", block(false)));
      case 4 -> bucket.changedIn(0, earlier -> earlier.remove("Encryption"));
      case 5 -> bucket.changedIn(1, earlier -> earlier.put("Versioning", o()));
      default -> {}
    }
    if (number % 16 == 9) {
      Map<String, Object> old = new java.util.LinkedHashMap<>(bucket.document());
      old.put("Name", name + "-old");
      site.add("s3:bucket", old).goneIn(number % 2);
    }
  }

  /** What others write into. */
  private void own(String what) {
    String owner = dice.hex(64);
    site.add(
        "s3:bucket",
        o(
            "Name",
            site.bucket(what),
            "CreationDate",
            dice.ago(300, 2000),
            "BucketRegion",
            site.region(),
            "Encryption",
            encryption("AES256", ""),
            "PublicAccessBlock",
            block(true),
            "Versioning",
            o("Status", "Enabled"),
            "Acl",
            o(
                "Owner",
                o("ID", owner),
                "Grants",
                a(
                    o(
                        "Grantee",
                        o("Type", "CanonicalUser", "ID", owner),
                        "Permission",
                        "FULL_CONTROL"))),
            "Tags",
            site.tagList("platform", "")));
  }

  private static Map<String, Object> encryption(String algorithm, String key) {
    return o(
        "Rules",
        a(
            o(
                "ApplyServerSideEncryptionByDefault",
                o("SSEAlgorithm", algorithm, "KMSMasterKeyID", when(!key.isEmpty(), key)),
                "BucketKeyEnabled",
                algorithm.equals("aws:kms"))));
  }

  private static Map<String, Object> block(boolean on) {
    return o(
        "BlockPublicAcls",
        on,
        "IgnorePublicAcls",
        on,
        "BlockPublicPolicy",
        on,
        "RestrictPublicBuckets",
        on);
  }

  private void files(int number) {
    String team = site.team();
    String id = dice.id("fs");
    String name = site.name(team, "files-" + number);
    boolean mounted = number % 3 != 2;
    site.add(
        "efs:file-system",
        o(
            "FileSystemId", id,
            "FileSystemArn", site.arn("elasticfilesystem", "file-system/" + id),
            "Name", name,
            "OwnerId", site.account(),
            "CreationToken", dice.uuid(),
            "CreationTime", dice.ago(20, 900),
            "LifeCycleState", "available",
            "NumberOfMountTargets", mounted ? 1 : 0,
            "SizeInBytes", o("Value", dice.between(6144, 900_000_000)),
            "PerformanceMode", "generalPurpose",
            "ThroughputMode", dice.of("bursting", "elastic"),
            "Encrypted", dice.percent(70),
            "MountTargets",
                when(
                    mounted,
                    a(
                        o(
                            "MountTargetId",
                            dice.id("fsmt"),
                            "SubnetId",
                            site.any("vpc:subnet").id(),
                            "LifeCycleState",
                            "available"))),
            "LifecyclePolicies", dice.percent(50) ? a(o("TransitionToIA", "AFTER_30_DAYS")) : a(),
            "BackupPolicy", o("Status", dice.of("ENABLED", "DISABLED")),
            "Tags", site.tagList(team, name)));
  }

  private void backups() {
    for (String vault : List.of("Default", "daily", "compliance")) {
      site.add(
          "backup:vault",
          o(
              "BackupVaultName", vault,
              "BackupVaultArn", site.arn("backup", "backup-vault:" + vault),
              "CreationDate", dice.ago(200, 900),
              "EncryptionKeyArn", site.any("kms:key").text("Arn"),
              "NumberOfRecoveryPoints", vault.equals("Default") ? 0 : dice.between(10, 400),
              "Locked", vault.equals("compliance"),
              "Tags", o()));
    }
    String id = dice.uuid();
    site.add(
        "backup:plan",
        o(
            "BackupPlanId", id,
            "BackupPlanArn", site.arn("backup", "backup-plan:" + id),
            "BackupPlanName", site.name("platform", "daily-plan"),
            "CreationDate", dice.ago(100, 700),
            "VersionId", dice.uuid(),
            "BackupPlan",
                o(
                    "BackupPlanName",
                    "daily",
                    "Rules",
                    a(
                        o(
                            "RuleName",
                            "daily",
                            "TargetBackupVaultName",
                            "daily",
                            "ScheduleExpression",
                            "cron(0 5 ? * * *)",
                            "Lifecycle",
                            o("DeleteAfterDays", 35)))),
            "Tags", o("Team", "platform")));
  }
}
