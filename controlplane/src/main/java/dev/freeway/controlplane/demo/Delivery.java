package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.List;

/** Containers, what builds and deploys, analytics; and what is in no region: names and the edge. */
final class Delivery {
  private final Site site;
  private final Dice dice;

  private Delivery(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    Delivery delivery = new Delivery(site);
    delivery.repositories();
    delivery.ecs();
    delivery.eks();
    delivery.stacks();
    delivery.builds();
    delivery.analytics();
    delivery.parameters();
  }

  static void global(Site site) {
    Delivery delivery = new Delivery(site);
    delivery.zones();
    delivery.distributions();
    delivery.budgets();
    for (int i = 0; i < site.many(6); i++) {
      String name = site.name("platform", "dashboard-" + i);
      site.add(
          "cloudwatch:dashboard",
          o(
              "DashboardName",
              name,
              "DashboardArn",
              "arn:aws:cloudwatch::" + site.account() + ":dashboard/" + name,
              "LastModified",
              delivery.dice.ago(3, 300),
              "Size",
              delivery.dice.between(200, 9000)));
    }
  }

  private void repositories() {
    for (int i = 0; i < site.many(14); i++) {
      String team = site.team();
      String name = team + "/service-" + i;
      site.add(
          "ecr:repository",
          o(
              "repositoryArn", site.arn("ecr", "repository/" + name),
              "registryId", site.account(),
              "repositoryName", name,
              "repositoryUri",
                  site.account() + ".dkr.ecr." + site.region() + ".amazonaws.com/" + name,
              "createdAt", dice.ago(10, 1000),
              "imageTagMutability", dice.of("MUTABLE", "MUTABLE", "IMMUTABLE"),
              "imageScanningConfiguration", o("scanOnPush", dice.percent(55)),
              "encryptionConfiguration", o("encryptionType", dice.of("AES256", "KMS")),
              "lifecyclePolicy", when(dice.percent(40), "{\"rules\":[]}"),
              "Tags", site.tagList(team, "")));
    }
  }

  private void ecs() {
    for (int i = 0; i < site.many(3); i++) {
      String name = site.name("platform", "ecs-" + i);
      String arn = site.arn("ecs", "cluster/" + name);
      Draft cluster =
          site.add(
              "ecs:cluster",
              o(
                  "clusterArn",
                  arn,
                  "clusterName",
                  name,
                  "status",
                  "ACTIVE",
                  "registeredContainerInstancesCount",
                  0,
                  "runningTasksCount",
                  dice.between(0, 30),
                  "pendingTasksCount",
                  0,
                  "activeServicesCount",
                  5,
                  "settings",
                  a(o("name", "containerInsights", "value", dice.of("enabled", "disabled"))),
                  "capacityProviders",
                  a("FARGATE"),
                  "tags",
                  a(
                      o("key", "Team", "value", "platform"),
                      o("key", "Environment", "value", site.environment()))));
      for (int j = 0; j < 5; j++) {
        String team = site.team();
        String service = team + "-svc-" + i + "-" + j;
        site.add(
            "ecs:task-definition",
            o(
                "family",
                service,
                "taskDefinition",
                o(
                    "taskDefinitionArn",
                        site.arn("ecs", "task-definition/" + service + ":" + (j + 1)),
                    "family", service,
                    "revision", j + 1,
                    "status", "ACTIVE",
                    "networkMode", "awsvpc",
                    "requiresCompatibilities", a(dice.of("FARGATE", "EC2")),
                    "cpu", dice.of("256", "512", "1024"),
                    "memory", dice.of("512", "1024", "2048"),
                    "executionRoleArn", site.role("ecs-execution"),
                    "taskRoleArn", site.role(team + "-task"),
                    "registeredAt", dice.ago(1, 300),
                    "containerDefinitions",
                        a(
                            o(
                                "name",
                                "app",
                                "image",
                                site.any("ecr:repository").text("repositoryUri") + ":1",
                                "essential",
                                true,
                                "privileged",
                                dice.percent(10)))),
                "tags",
                a()));
        Draft subnet = site.any("vpc:subnet");
        int wanted = dice.percent(15) ? 0 : dice.between(1, 6);
        site.add(
            "ecs:service",
            cluster,
            o(
                "serviceArn",
                site.arn("ecs", "service/" + name + "/" + service),
                "serviceName",
                service,
                "clusterArn",
                arn,
                "status",
                "ACTIVE",
                "desiredCount",
                wanted,
                "runningCount",
                wanted == 0 || dice.percent(85) ? wanted : wanted - 1,
                "pendingCount",
                0,
                "launchType",
                dice.of("FARGATE", "FARGATE", "EC2"),
                "taskDefinition",
                site.arn("ecs", "task-definition/" + service + ":" + (j + 1)),
                "loadBalancers",
                dice.percent(50)
                    ? a(
                        o(
                            "targetGroupArn",
                            site.any("elbv2:target-group").arn(),
                            "containerName",
                            "app",
                            "containerPort",
                            8080))
                    : a(),
                "networkConfiguration",
                o(
                    "awsvpcConfiguration",
                    o(
                        "subnets",
                        a(subnet.id()),
                        "securityGroups",
                        a(site.group(subnet.text("VpcId")).text("GroupId")),
                        "assignPublicIp",
                        "DISABLED")),
                "enableExecuteCommand",
                dice.percent(20),
                "createdAt",
                dice.ago(5, 500),
                "tags",
                a(
                    o("key", "Team", "value", team),
                    o("key", "Environment", "value", site.environment()))));
      }
    }
  }

  private void eks() {
    for (int i = 0; i < site.many(2); i++) {
      String name = site.name("platform", "eks-" + i);
      boolean open = dice.percent(60);
      Draft subnet = site.any("vpc:subnet");
      Draft cluster =
          site.add(
              "eks:cluster",
              o(
                  "clusterName", name,
                  "name", name,
                  "arn", site.arn("eks", "cluster/" + name),
                  "createdAt", dice.ago(30, 900),
                  "version", dice.of("1.27", "1.29", "1.31"),
                  "status", "ACTIVE",
                  "endpoint", "https://" + dice.hex(32) + ".eks.amazonaws.com",
                  "roleArn", site.role("eks"),
                  "platformVersion", "eks.7",
                  "resourcesVpcConfig",
                      o(
                          "vpcId",
                          subnet.text("VpcId"),
                          "subnetIds",
                          a(subnet.id()),
                          "securityGroupIds",
                          a(site.group(subnet.text("VpcId")).text("GroupId")),
                          "endpointPublicAccess",
                          open,
                          "endpointPrivateAccess",
                          true,
                          "publicAccessCidrs",
                          open ? a("0.0.0.0/0") : a()),
                  "encryptionConfig",
                      when(
                          dice.percent(40),
                          a(
                              o(
                                  "resources",
                                  a("secrets"),
                                  "provider",
                                  o("keyArn", site.any("kms:key").text("Arn"))))),
                  "logging",
                      o(
                          "clusterLogging",
                          a(o("types", a("api", "audit"), "enabled", dice.percent(50)))),
                  "tags", site.tags("platform", "")));
      for (String pool : List.of("general", "spot")) {
        site.add(
            "eks:nodegroup",
            cluster,
            o(
                "nodegroupName",
                pool,
                "nodegroupArn",
                site.arn("eks", "nodegroup/" + name + "/" + pool + "/" + dice.uuid()),
                "clusterName",
                name,
                "version",
                "1.29",
                "status",
                "ACTIVE",
                "nodeRole",
                site.role("eks-node"),
                "subnets",
                a(subnet.id()),
                "capacityType",
                pool.equals("spot") ? "SPOT" : "ON_DEMAND",
                "instanceTypes",
                a("m6i.large"),
                "amiType",
                "AL2023_x86_64_STANDARD",
                "diskSize",
                50,
                "scalingConfig",
                o("minSize", 1, "maxSize", 10, "desiredSize", dice.between(1, 6)),
                "createdAt",
                dice.ago(10, 300),
                "tags",
                o()));
      }
    }
  }

  private void stacks() {
    for (int i = 0; i < site.many(20); i++) {
      String team = site.team();
      String name = site.name(team, "stack-" + i);
      Draft stack =
          site.add(
              "cloudformation:stack",
              o(
                  "StackId", site.arn("cloudformation", "stack/" + name + "/" + dice.uuid()),
                  "StackName", name,
                  "Description", "Everything of " + team,
                  "CreationTime", dice.ago(5, 900),
                  "LastUpdatedTime", when(dice.percent(70), dice.ago(0, 4)),
                  "StackStatus",
                      dice.of(
                          "CREATE_COMPLETE",
                          "UPDATE_COMPLETE",
                          "UPDATE_COMPLETE",
                          "UPDATE_ROLLBACK_COMPLETE",
                          "ROLLBACK_COMPLETE"),
                  "DisableRollback", false,
                  "EnableTerminationProtection", dice.percent(30),
                  "DriftInformation",
                      o("StackDriftStatus", dice.of("NOT_CHECKED", "IN_SYNC", "DRIFTED")),
                  "Parameters", a(),
                  "Outputs", a(),
                  "Tags", site.tagList(team, "")));
      if (i % 7 == 1) {
        stack.changedIn(0, earlier -> earlier.put("StackStatus", "CREATE_COMPLETE"));
      }
    }
  }

  private void builds() {
    for (int i = 0; i < site.many(6); i++) {
      String team = site.team();
      String name = team + "-build-" + i;
      site.add(
          "codebuild:project",
          o(
              "projectName", name,
              "name", name,
              "arn", site.arn("codebuild", "project/" + name),
              "created", dice.ago(20, 800),
              "lastModified", dice.ago(1, 20),
              "serviceRole", site.role("codebuild"),
              "timeoutInMinutes", 60,
              "source", o("type", "GITHUB", "location", "https://github.com/acme/" + team),
              "environment",
                  o(
                      "type",
                      "LINUX_CONTAINER",
                      "image",
                      "aws/codebuild/standard:7.0",
                      "computeType",
                      dice.of("BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_LARGE"),
                      "privilegedMode",
                      dice.percent(40)),
              "tags", a(o("key", "Team", "value", team))));
      if (i % 2 == 0) {
        String pipeline = team + "-pipeline-" + i;
        site.add(
            "codepipeline:pipeline",
            o(
                "name",
                pipeline,
                "version",
                3,
                "pipelineType",
                "V2",
                "roleArn",
                site.role("codepipeline"),
                "created",
                dice.ago(20, 600),
                "updated",
                dice.ago(1, 20),
                "Tags",
                a()));
      }
    }
  }

  private void analytics() {
    for (String name : List.of("raw", "curated")) {
      Draft database =
          site.add(
              "glue:database",
              o("Name", name, "CatalogId", site.account(), "CreateTime", dice.ago(100, 700)));
      for (int i = 0; i < site.many(8); i++) {
        site.add(
            "glue:table",
            database,
            o(
                "Name",
                "events_" + i,
                "DatabaseName",
                name,
                "CreateTime",
                dice.ago(3, 300),
                "UpdateTime",
                dice.ago(0, 3),
                "TableType",
                "EXTERNAL_TABLE",
                "Retention",
                0));
      }
    }
    for (int i = 0; i < site.many(5); i++) {
      String name = site.name("analytics", "job-" + i);
      site.add(
          "glue:job",
          o(
              "Name",
              name,
              "Role",
              site.role("analytics-glue"),
              "CreatedOn",
              dice.ago(20, 600),
              "LastModifiedOn",
              dice.ago(1, 19),
              "Command",
              o(
                  "Name",
                  "glueetl",
                  "ScriptLocation",
                  "s3://" + site.bucket("scripts") + "/" + name + ".py",
                  "PythonVersion",
                  "3"),
              "GlueVersion",
              dice.of("2.0", "3.0", "4.0"),
              "WorkerType",
              "G.1X",
              "NumberOfWorkers",
              dice.between(2, 20),
              "Timeout",
              2880,
              "MaxRetries",
              0,
              "Tags",
              o("Team", "analytics")));
    }
    Draft workgroup =
        site.add(
            "athena:workgroup",
            o(
                "Name",
                "primary",
                "State",
                "ENABLED",
                "CreationTime",
                dice.ago(300, 900),
                "Configuration",
                o(
                    "EnforceWorkGroupConfiguration",
                    dice.percent(50),
                    "PublishCloudWatchMetricsEnabled",
                    true)));
    for (int i = 0; i < site.many(3); i++) {
      site.add(
          "athena:named-query",
          workgroup,
          o(
              "NamedQueryId",
              dice.uuid(),
              "Name",
              "daily report " + i,
              "Database",
              "curated",
              "QueryString",
              "SELECT 1",
              "WorkGroup",
              "primary"));
    }
  }

  private void parameters() {
    for (int i = 0; i < site.many(25); i++) {
      String team = site.team();
      site.add(
          "ssm:parameter",
          o(
              "Name",
              "/" + site.environment() + "/" + team + "/param-" + i,
              "Type",
              dice.of("String", "String", "SecureString", "StringList"),
              "LastModifiedDate",
              dice.ago(1, 800),
              "Version",
              dice.between(1, 12),
              "Tier",
              "Standard",
              "DataType",
              "text",
              "Tags",
              a()));
    }
  }

  private void zones() {
    for (int i = 0; i < site.many(4); i++) {
      boolean hidden = i % 2 == 1;
      Draft vpc = dice.of(site.everywhere("vpc:vpc"));
      String name =
          (hidden ? "internal" : i == 0 ? "www" : "shop" + i)
              + "."
              + site.environment()
              + ".acme.example.";
      Draft zone =
          site.add(
              "route53:hosted-zone",
              o(
                  "Id", "/hostedzone/" + dice.key("Z"),
                  "Name", name,
                  "CallerReference", dice.uuid(),
                  "Config", o("PrivateZone", hidden, "Comment", ""),
                  "ResourceRecordSetCount", 2 + site.many(15),
                  "VPCs", when(hidden, a(o("VPCRegion", vpc.site().region(), "VPCId", vpc.id()))),
                  "Tags", a(o("Key", "Team", "Value", "platform"))));
      for (int j = 0; j < site.many(15); j++) {
        boolean alias = j % 4 == 0;
        site.add(
            "route53:record-set",
            zone,
            o(
                "Name", "host-" + j + "." + name,
                "Type", alias ? "A" : dice.of("A", "CNAME", "TXT"),
                "TTL", when(!alias, dice.of(60, 300, 3600)),
                "ResourceRecords", when(!alias, a(o("Value", Networks.address(dice)))),
                "AliasTarget",
                    when(
                        alias,
                        o(
                            "HostedZoneId",
                            "Z32O12XQLNTSW2",
                            "DNSName",
                            "dualstack.alb.amazonaws.com.",
                            "EvaluateTargetHealth",
                            true))));
      }
    }
    site.add(
        "route53:health-check",
        o(
            "Id",
            dice.uuid(),
            "CallerReference",
            dice.uuid(),
            "HealthCheckVersion",
            1,
            "HealthCheckConfig",
            o(
                "Type",
                "HTTPS",
                "FullyQualifiedDomainName",
                "www.acme.example",
                "Port",
                443,
                "RequestInterval",
                30,
                "FailureThreshold",
                3,
                "Disabled",
                false),
            "Tags",
            a()));
  }

  private void distributions() {
    String front = dice.uuid();
    String acl = site.arn("wafv2", "global/webacl/front/" + front);
    site.add(
        "wafv2:web-acl-cloudfront",
        o(
            "Id",
            front,
            "Name",
            "front",
            "ARN",
            acl,
            "Description",
            "front of the shops",
            "LockToken",
            dice.uuid(),
            "Capacity",
            700,
            "DefaultAction",
            o("Allow", o()),
            "Rules",
            a()));
    List<Draft> certificates =
        site.everywhere("acm:certificate").stream()
            .filter(each -> each.site().region().equals("us-east-1"))
            .toList();
    for (int i = 0; i < site.many(6); i++) {
      String team = site.team();
      String id = dice.key("E").substring(0, 14);
      String arn = "arn:aws:cloudfront::" + site.account() + ":distribution/" + id;
      boolean own = !certificates.isEmpty() && dice.percent(70);
      if (own) {
        Json.append(certificates.getFirst().document(), "InUseBy", arn);
      }
      site.add(
          "cloudfront:distribution",
          o(
              "Id", id,
              "ARN", arn,
              "Status", "Deployed",
              "LastModifiedTime", dice.ago(3, 500),
              "DomainName", dice.hex(13) + ".cloudfront.net",
              "Aliases",
                  o(
                      "Quantity",
                      1,
                      "Items",
                      a("cdn" + i + "." + site.environment() + ".acme.example")),
              "Enabled", dice.percent(80),
              "Comment", i == 2 ? Hostile.NAMES.get(7) : "",
              "PriceClass", dice.of("PriceClass_All", "PriceClass_100"),
              "HttpVersion", "http2",
              "IsIPV6Enabled", true,
              "WebACLId", dice.percent(40) ? acl : "",
              "DefaultCacheBehavior",
                  o(
                      "TargetOriginId",
                      "origin",
                      "ViewerProtocolPolicy",
                      dice.of("redirect-to-https", "allow-all")),
              "ViewerCertificate",
                  o(
                      "CloudFrontDefaultCertificate",
                      !own,
                      "ACMCertificateArn",
                      certificates.stream().findFirst().filter(_ -> own).<Object>map(Draft::arn),
                      "MinimumProtocolVersion",
                      dice.of("TLSv1.2_2021", "TLSv1_2016")),
              "Origins",
                  o(
                      "Quantity",
                      1,
                      "Items",
                      a(o("Id", "origin", "DomainName", "origin.acme.example"))),
              "Logging",
                  o(
                      "Enabled",
                      dice.percent(50),
                      "IncludeCookies",
                      false,
                      "Bucket",
                      "",
                      "Prefix",
                      ""),
              "Tags", site.tagList(team, "")));
    }
  }

  private void budgets() {
    site.add(
        "budgets:budget",
        o(
            "BudgetName",
            "monthly-" + site.environment(),
            "BudgetType",
            "COST",
            "TimeUnit",
            "MONTHLY",
            "BudgetLimit",
            o("Amount", "50000", "Unit", "USD"),
            "CalculatedSpend",
            o("ActualSpend", o("Amount", "31234.56", "Unit", "USD"))));
  }
}
