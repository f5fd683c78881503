package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** RDS, DynamoDB, ElastiCache, Redshift, OpenSearch, DocumentDB. */
final class Databases {
  private final Site site;
  private final Dice dice;

  private Databases(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    Databases databases = new Databases(site);
    for (int i = 0; i < site.many(14); i++) {
      databases.instance(i);
    }
    for (int i = 0; i < site.many(3); i++) {
      databases.cluster(i);
    }
    for (int i = 0; i < site.many(30); i++) {
      databases.table(i);
    }
    for (int i = 0; i < site.many(6); i++) {
      databases.cache(i);
    }
    databases.warehouse();
    databases.search();
    databases.documents();
  }

  private String subnetGroup(String name, Draft subnet) {
    site.add(
        "rds:db-subnet-group",
        o(
            "DBSubnetGroupName",
            name,
            "DBSubnetGroupArn",
            site.arn("rds", "subgrp:" + name),
            "DBSubnetGroupDescription",
            "databases of " + name,
            "SubnetGroupStatus",
            "Complete",
            "VpcId",
            subnet.text("VpcId"),
            "Subnets",
            a(o("SubnetIdentifier", subnet.id(), "SubnetStatus", "Active")),
            "Tags",
            a()));
    return name;
  }

  private void instance(int number) {
    String team = site.team();
    String name = site.name(team, "db-" + number);
    String engine =
        dice.of("postgres", "postgres", "mysql", "mariadb", "sqlserver-se", "oracle-se2");
    String version =
        switch (engine) {
          case "postgres" -> dice.of("16.3", "15.7", "12.19", "11.22");
          case "mysql" -> dice.of("8.0.37", "5.7.44");
          case "mariadb" -> dice.of("10.11.8", "10.6.18");
          case "sqlserver-se" -> "15.00.4365.2.v1";
          default -> "19.0.0.0.ru-2024-04.rur-2024-04.r1";
        };
    boolean encrypted = dice.percent(75);
    Draft subnet = site.any("vpc:subnet");
    String storage = dice.of("gp3", "gp2", "io1");
    int size = dice.of(20, 50, 100, 200, 500, 1000);
    Draft database =
        site.add(
            "rds:db-instance",
            o(
                "DBInstanceIdentifier", name,
                "DBInstanceArn", site.arn("rds", "db:" + name),
                "DbiResourceId", dice.key("db-"),
                "DBInstanceClass",
                    dice.of(
                        "db.t3.micro",
                        "db.t3.medium",
                        "db.t4g.large",
                        "db.m5.large",
                        "db.r6g.xlarge",
                        "db.r5.2xlarge"),
                "Engine", engine,
                "EngineVersion", version,
                "DBInstanceStatus", dice.percent(10) ? "stopped" : "available",
                "MasterUsername", "admin",
                "Endpoint",
                    o(
                        "Address",
                        name + ".abc." + site.region() + ".rds.amazonaws.com",
                        "Port",
                        engine.equals("postgres") ? 5432 : 3306),
                "AllocatedStorage", dice.of(20, 50, 100, 200, 500, 1000),
                "StorageType", storage,
                "Iops", when(storage.equals("io1"), dice.of(3000, 10000)),
                "StorageEncrypted", encrypted,
                "KmsKeyId", when(encrypted, site.any("kms:key").text("Arn")),
                "MultiAZ", dice.percent(45),
                "PubliclyAccessible", dice.percent(15),
                "BackupRetentionPeriod", dice.of(0, 1, 7, 7, 14, 35),
                "DeletionProtection", dice.percent(50),
                "AutoMinorVersionUpgrade", dice.percent(70),
                "IAMDatabaseAuthenticationEnabled", dice.percent(20),
                "PerformanceInsightsEnabled", dice.percent(40),
                "CopyTagsToSnapshot", true,
                "LicenseModel",
                    engine.startsWith("ora") ? "bring-your-own-license" : "general-public-license",
                "AvailabilityZone", site.zone(number),
                "PreferredBackupWindow", "02:00-03:00",
                "PreferredMaintenanceWindow", "sun:04:00-sun:05:00",
                "CACertificateIdentifier", dice.of("rds-ca-2019", "rds-ca-rsa2048-g1"),
                "VpcSecurityGroups",
                    a(
                        o(
                            "VpcSecurityGroupId",
                            site.group(subnet.text("VpcId")).text("GroupId"),
                            "Status",
                            "active")),
                "DBSubnetGroup",
                    o(
                        "DBSubnetGroupName",
                        subnetGroup(name, subnet),
                        "VpcId",
                        subnet.text("VpcId"),
                        "SubnetGroupStatus",
                        "Complete",
                        "Subnets",
                        a(o("SubnetIdentifier", subnet.id(), "SubnetStatus", "Active"))),
                "InstanceCreateTime", dice.ago(3, 1500),
                "TagList", site.tagList(team, name)));
    if (number % 6 == 0) {
      database.changedIn(0, earlier -> earlier.put("EngineVersion", "11.9"));
    }
    for (int i = 0; i < dice.between(0, 4); i++) {
      String snapshot = name + "-" + dice.of("final", "before-upgrade", "monthly") + "-" + i;
      site.add(
          "rds:db-snapshot",
          o(
              "DBSnapshotIdentifier",
              snapshot,
              "DBSnapshotArn",
              site.arn("rds", "snapshot:" + snapshot),
              "DBInstanceIdentifier",
              name,
              "SnapshotType",
              dice.of("manual", "automated"),
              "SnapshotCreateTime",
              dice.ago(1, 700),
              "Engine",
              engine,
              "EngineVersion",
              version,
              "AllocatedStorage",
              size,
              "Encrypted",
              encrypted,
              "Status",
              "available",
              "StorageType",
              storage,
              "TagList",
              a()));
    }
  }

  private void cluster(int number) {
    String team = site.team();
    String name = site.name(team, "aurora-" + number);
    String engine = dice.of("aurora-postgresql", "aurora-mysql");
    site.add(
        "rds:db-cluster",
        o(
            "DBClusterIdentifier", name,
            "DBClusterArn", site.arn("rds", "cluster:" + name),
            "Engine", engine,
            "EngineVersion", engine.endsWith("mysql") ? "8.0.mysql_aurora.3.05.2" : "15.4",
            "EngineMode", "provisioned",
            "Status", "available",
            "Endpoint", name + ".cluster." + site.region() + ".rds.amazonaws.com",
            "Port", 5432,
            "MultiAZ", dice.percent(50),
            "StorageEncrypted", dice.percent(80),
            "DeletionProtection", dice.percent(60),
            "BackupRetentionPeriod", dice.of(1, 7, 35),
            "ClusterCreateTime", dice.ago(20, 900),
            "DBClusterMembers", a(o("DBInstanceIdentifier", name + "-1", "IsClusterWriter", true)),
            "TagList", site.tagList(team, name)));
    site.add(
        "rds:db-instance",
        o(
            "DBInstanceIdentifier",
            name + "-1",
            "DBInstanceArn",
            site.arn("rds", "db:" + name + "-1"),
            "DBClusterIdentifier",
            name,
            "DBInstanceClass",
            dice.of("db.r6g.large", "db.t4g.medium"),
            "Engine",
            engine,
            "EngineVersion",
            "15.4",
            "DBInstanceStatus",
            "available",
            "AllocatedStorage",
            1,
            "StorageType",
            "aurora",
            "StorageEncrypted",
            true,
            "MultiAZ",
            false,
            "PubliclyAccessible",
            false,
            "BackupRetentionPeriod",
            7,
            "DeletionProtection",
            false,
            "InstanceCreateTime",
            dice.ago(20, 900),
            "TagList",
            site.tagList(team, name + "-1")));
  }

  private void table(int number) {
    String team = site.team();
    String name =
        site.name(team, dice.of("orders", "sessions", "events", "carts", "locks") + "-" + number);
    boolean onDemand = dice.percent(60);
    boolean streams = dice.percent(30);
    String created = dice.ago(2, 1000);
    String arn = site.arn("dynamodb", "table/" + name);
    Draft table =
        site.add(
            "dynamodb:table",
            o(
                "TableName", name,
                "TableArn", arn,
                "TableId", dice.uuid(),
                "TableStatus", "ACTIVE",
                "CreationDateTime", created,
                "KeySchema", a(o("AttributeName", "id", "KeyType", "HASH")),
                "AttributeDefinitions", a(o("AttributeName", "id", "AttributeType", "S")),
                "ItemCount", dice.percent(15) ? 0 : dice.between(1, 5_000_000),
                "TableSizeBytes", dice.between(0, 2_000_000_000),
                "BillingModeSummary", when(onDemand, o("BillingMode", "PAY_PER_REQUEST")),
                "ProvisionedThroughput",
                    o(
                        "ReadCapacityUnits",
                        onDemand ? 0 : dice.of(5, 100, 500),
                        "WriteCapacityUnits",
                        onDemand ? 0 : dice.of(5, 50)),
                "DeletionProtectionEnabled", dice.percent(40),
                "TableClassSummary",
                    when(dice.percent(10), o("TableClass", "STANDARD_INFREQUENT_ACCESS")),
                "SSEDescription",
                    when(
                        dice.percent(45),
                        o(
                            "Status",
                            "ENABLED",
                            "SSEType",
                            "KMS",
                            "KMSMasterKeyArn",
                            site.any("kms:key").text("Arn"))),
                "StreamSpecification",
                    when(streams, o("StreamEnabled", true, "StreamViewType", "NEW_AND_OLD_IMAGES")),
                "LatestStreamLabel", when(streams, created),
                "LatestStreamArn", when(streams, arn + "/stream/" + created),
                "ContinuousBackups",
                    o(
                        "ContinuousBackupsStatus",
                        "ENABLED",
                        "PointInTimeRecoveryDescription",
                        o("PointInTimeRecoveryStatus", dice.of("ENABLED", "DISABLED"))),
                "TimeToLive", o("TimeToLiveStatus", dice.of("ENABLED", "DISABLED")),
                "Tags", site.tagList(team, name)));
    if (streams) {
      Map<String, Object> described = new LinkedHashMap<>(table.document());
      described.keySet().removeAll(List.of("ContinuousBackups", "TimeToLive", "Tags"));
      site.add("dynamodb:stream", table, described);
    }
    if (number % 9 == 0) {
      table.changedIn(1, earlier -> earlier.put("DeletionProtectionEnabled", false));
    }
  }

  private void cache(int number) {
    String team = site.team();
    String name = site.name(team, "cache-" + number);
    String engine = dice.of("redis", "redis", "memcached", "valkey");
    site.add(
        "elasticache:cluster",
        o(
            "CacheClusterId", name,
            "ARN", site.arn("elasticache", "cluster:" + name),
            "CacheNodeType", dice.of("cache.t3.micro", "cache.t4g.small", "cache.r6g.large"),
            "Engine", engine,
            "EngineVersion",
                engine.equals("memcached") ? "1.6.22" : dice.of("7.1.0", "6.2.6", "5.0.6"),
            "CacheClusterStatus", "available",
            "NumCacheNodes", 1,
            "PreferredAvailabilityZone", site.zone(number),
            "CacheClusterCreateTime", dice.ago(10, 800),
            "AtRestEncryptionEnabled", dice.percent(50),
            "TransitEncryptionEnabled", dice.percent(50),
            "SnapshotRetentionLimit", dice.of(0, 0, 7),
            "AutoMinorVersionUpgrade", true,
            "Tags", site.tagList(team, name)));
  }

  private void warehouse() {
    if (!site.environment().equals("production")) {
      return;
    }
    String name = site.name("analytics", "warehouse");
    site.add(
        "redshift:cluster",
        o(
            "ClusterIdentifier",
            name,
            "NodeType",
            dice.of("ra3.xlplus", "dc2.large"),
            "NumberOfNodes",
            2,
            "ClusterStatus",
            "available",
            "ClusterVersion",
            "1.0",
            "DBName",
            "dev",
            "MasterUsername",
            "awsuser",
            "Encrypted",
            dice.percent(50),
            "PubliclyAccessible",
            dice.percent(40),
            "AutomatedSnapshotRetentionPeriod",
            1,
            "VpcId",
            site.any("vpc:vpc").id(),
            "ClusterCreateTime",
            dice.ago(100, 900),
            "Logging",
            o("LoggingEnabled", false),
            "Tags",
            site.tagList("analytics", name)));
  }

  private void search() {
    for (int i = 0; i < site.many(2); i++) {
      String name = site.name("search", "os-" + i);
      site.add(
          "opensearch:domain",
          o(
              "DomainName", name,
              "EngineType", "OpenSearch",
              "DomainId", site.account() + "/" + name,
              "ARN", site.arn("es", "domain/" + name),
              "Created", true,
              "Deleted", false,
              "EngineVersion", dice.of("OpenSearch_2.13", "Elasticsearch_7.10"),
              "ClusterConfig",
                  o(
                      "InstanceType",
                      dice.of("r6g.large.search", "t3.small.search"),
                      "InstanceCount",
                      dice.of(1, 3),
                      "ZoneAwarenessEnabled",
                      dice.percent(50)),
              "EBSOptions", o("EBSEnabled", true, "VolumeType", "gp3", "VolumeSize", 100),
              "EncryptionAtRestOptions", o("Enabled", dice.percent(60)),
              "NodeToNodeEncryptionOptions", o("Enabled", dice.percent(60)),
              "DomainEndpointOptions", o("EnforceHTTPS", dice.percent(70)),
              "TagList", a(),
              "Tags", site.tagList("search", name)));
    }
  }

  private void documents() {
    String name = site.name("mobile", "docs");
    List<Object> members = a(o("DBInstanceIdentifier", name + "-1", "IsClusterWriter", true));
    site.add(
        "docdb:cluster",
        o(
            "DBClusterIdentifier",
            name,
            "DBClusterArn",
            site.arn("rds", "cluster:" + name),
            "Engine",
            "docdb",
            "EngineVersion",
            "5.0.0",
            "Status",
            "available",
            "StorageEncrypted",
            true,
            "DeletionProtection",
            dice.percent(50),
            "BackupRetentionPeriod",
            1,
            "MultiAZ",
            false,
            "ClusterCreateTime",
            dice.ago(10, 300),
            "DBClusterMembers",
            members,
            "Tags",
            site.tagList("mobile", name)));
  }
}
