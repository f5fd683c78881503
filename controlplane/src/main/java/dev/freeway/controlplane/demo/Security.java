package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Who may do what, and the keys, secrets and certificates; and what watches over them. */
final class Security {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

  private final Site site;
  private final Dice dice;

  private Security(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  /** What a region has before everything else: keys and certificates that others name. */
  static void keys(Site site) {
    Security security = new Security(site);
    for (int i = 0; i < site.many(10); i++) {
      security.key(i);
    }
    for (int i = 0; i < site.many(8); i++) {
      security.certificate(i);
    }
    for (int i = 0; i < site.many(20); i++) {
      security.secret(i);
    }
    security.watch();
  }

  /** What is in no region. */
  static void identities(Site site) {
    Security security = new Security(site);
    security.policies();
    for (int i = 0; i < site.many(35); i++) {
      security.user(i);
    }
    for (int i = 0; i < site.many(90); i++) {
      security.role(i);
    }
    security.services();
    security.groups();
    security.organization();
  }

  private static String document(Object document) {
    return URLEncoder.encode(JSON.writeValueAsString(document), StandardCharsets.UTF_8)
        .replace("+", "%20");
  }

  private static Map<String, Object> statement(String action, String resource) {
    return o(
        "Version",
        "2012-10-17",
        "Statement",
        a(o("Effect", "Allow", "Action", action, "Resource", resource)));
  }

  private static String trust(String kind, String who) {
    return document(
        o(
            "Version",
            "2012-10-17",
            "Statement",
            a(o("Effect", "Allow", "Principal", o(kind, who), "Action", "sts:AssumeRole"))));
  }

  private String iam(String rest) {
    return "arn:aws:iam::" + site.account() + ":" + rest;
  }

  private void policies() {
    for (int i = 0; i < site.many(25); i++) {
      String team = site.team();
      String name = team + "-" + dice.of("read", "write", "deploy", "all") + "-" + i;
      boolean all = name.contains("-all-");
      site.add(
          "iam:policy",
          o(
              "PolicyName",
              name,
              "PolicyId",
              dice.key("ANPA"),
              "Arn",
              iam("policy/" + name),
              "Path",
              "/",
              "DefaultVersionId",
              "v1",
              "AttachmentCount",
              0,
              "PermissionsBoundaryUsageCount",
              0,
              "IsAttachable",
              true,
              "CreateDate",
              dice.ago(30, 1500),
              "UpdateDate",
              dice.ago(1, 29),
              "PolicyVersionList",
              a(
                  o(
                      "Document",
                      document(statement(all ? "*" : "s3:Get*", "*")),
                      "VersionId",
                      "v1",
                      "IsDefaultVersion",
                      true,
                      "CreateDate",
                      dice.ago(1, 29))),
              "Tags",
              a()));
    }
    site.add(
        "iam:password-policy",
        o(
            "MinimumPasswordLength",
            8,
            "RequireSymbols",
            false,
            "RequireNumbers",
            true,
            "RequireUppercaseCharacters",
            true,
            "RequireLowercaseCharacters",
            true,
            "AllowUsersToChangePassword",
            true,
            "ExpirePasswords",
            false));
    site.add(
        "iam:account-summary",
        o(
            "SummaryMap",
            o(
                "Users",
                30,
                "Roles",
                90,
                "AccountMFAEnabled",
                dice.of(0, 1),
                "AccountAccessKeysPresent",
                dice.of(0, 0, 1))));
  }

  private void user(int number) {
    String team = site.team();
    String owner = Site.owner(team, dice);
    String name =
        number % 3 == 0
            ? "ci-" + team + "-" + number
            : owner.substring(0, owner.indexOf('@')) + "-" + number;
    boolean console = number % 3 != 0;
    boolean mfa = console && dice.percent(65);
    String created = dice.ago(50, 1800);
    List<Object> groups = console ? a(dice.of("developers", "operators", "readers")) : a();
    if (console && number % 8 == 4) {
      groups.add("administrators");
    }
    Draft user =
        site.add(
            "iam:user",
            o(
                "UserName",
                name,
                "UserId",
                dice.key("AIDA"),
                "Arn",
                iam("user/" + name),
                "Path",
                "/",
                "CreateDate",
                created,
                "GroupList",
                groups,
                "AttachedManagedPolicies",
                dice.percent(12)
                    ? a(o("PolicyName", "AdministratorAccess", "PolicyArn", ADMINISTRATOR))
                    : a(),
                "UserPolicyList",
                dice.percent(10)
                    ? a(
                        o(
                            "PolicyName",
                            "inline",
                            "PolicyDocument",
                            document(statement("s3:*", "*"))))
                    : a(),
                "PasswordLastUsed",
                when(console && dice.percent(80), dice.ago(0, 400)),
                "LoginProfile",
                when(
                    console,
                    o("UserName", name, "CreateDate", created, "PasswordResetRequired", false)),
                "MFADevices",
                mfa
                    ? a(
                        o(
                            "UserName",
                            name,
                            "SerialNumber",
                            iam("mfa/" + name),
                            "EnableDate",
                            created))
                    : a(),
                "Tags",
                site.tagList(team, "")));
    if (number % 11 == 0) {
      user.changedIn(
          0,
          earlier ->
              earlier.put(
                  "AttachedManagedPolicies",
                  a(
                      o(
                          "PolicyName",
                          "PowerUserAccess",
                          "PolicyArn",
                          "arn:aws:iam::aws:policy/PowerUserAccess"))));
    }
    if (mfa) {
      site.add(
          "iam:mfa-device",
          o(
              "SerialNumber",
              iam("mfa/" + name),
              "EnableDate",
              created,
              "User",
              o(
                  "UserName",
                  name,
                  "UserId",
                  user.text("UserId"),
                  "Arn",
                  user.text("Arn"),
                  "Path",
                  "/",
                  "CreateDate",
                  created),
              "Tags",
              a()));
    }
    int keys = console ? dice.of(0, 0, 1) : dice.of(1, 1, 2);
    for (int i = 0; i < keys; i++) {
      String key = dice.key("AKIA");
      boolean used = dice.percent(70);
      site.add(
          "iam:access-key",
          user,
          o(
              "UserName",
              name,
              "AccessKeyId",
              key,
              "Status",
              dice.percent(85) ? "Active" : "Inactive",
              "CreateDate",
              dice.ago(3, 1500),
              "AccessKeyLastUsed",
              o(
                  "LastUsedDate",
                  when(used, dice.ago(0, 300)),
                  "ServiceName",
                  used ? "s3" : "N/A",
                  "Region",
                  used ? "eu-west-1" : "N/A")));
    }
  }

  private void role(int number) {
    String team = site.team();
    String trusted = number % 7 == 0 && number % 6 != 5 ? "AWS" : "Service";
    String who =
        trusted.equals("AWS")
            ? "arn:aws:iam::" + dice.of("210987654321", "345678901234") + ":root"
            : dice.of("lambda", "ec2", "ecs-tasks", "states", "glue") + ".amazonaws.com";
    boolean linked = number % 6 == 5;
    String name =
        linked
            ? "AWSServiceRoleFor" + "Service" + number
            : team + "-" + dice.of("lambda", "task", "deploy", "etl") + "-" + number;
    boolean used = dice.percent(75);
    boolean own = !linked && number % 3 == 1;
    Draft policy = own ? attach() : site.any("iam:policy");
    Draft role =
        site.add(
            "iam:role",
            o(
                "RoleName", name,
                "RoleId", dice.key("AROA"),
                "Arn", iam("role/" + name),
                "Path", linked ? "/aws-service-role/service.amazonaws.com/" : "/",
                "CreateDate", dice.ago(10, 1800),
                "AssumeRolePolicyDocument", trust(trusted, who),
                "AttachedManagedPolicies",
                    !own && dice.percent(8)
                        ? a(o("PolicyName", "AdministratorAccess", "PolicyArn", ADMINISTRATOR))
                        : own
                            ? a(
                                o(
                                    "PolicyName",
                                    policy.text("PolicyName"),
                                    "PolicyArn",
                                    policy.text("Arn")))
                            : a(
                                o(
                                    "PolicyName",
                                    "ReadOnlyAccess",
                                    "PolicyArn",
                                    "arn:aws:iam::aws:policy/ReadOnlyAccess")),
                "RolePolicyList", a(),
                "InstanceProfileList", a(),
                "RoleLastUsed",
                    used ? o("LastUsedDate", dice.ago(0, 380), "Region", "eu-west-1") : o(),
                "Tags", linked ? a() : site.tagList(team, "")));
    if (number % 9 == 0 && !linked) {
      profile(name, role);
    }
  }

  /** The roles that functions, instances, jobs and services take on. */
  private void services() {
    for (String team : Site.teams()) {
      service(team + "-lambda", "lambda");
      service(team + "-states", "states");
      service(team + "-task", "ecs-tasks");
      profile(team, service(team, "ec2"));
    }
    service("deploy", "codedeploy");
    service("codebuild", "codebuild");
    service("codepipeline", "codepipeline");
    service("analytics-glue", "glue");
    service("ecs-execution", "ecs-tasks");
    service("eks", "eks");
    service("eks-node", "ec2");
    service("config", "config");
    service("replication", "s3");
    service("flow-logs", "vpc-flow-logs");
  }

  /** A policy of the account, of which every fifth is left alone, attached once more. */
  private Draft attach() {
    List<Draft> policies = site.all("iam:policy");
    int index = dice.below(policies.size());
    Draft policy = policies.get(index % 5 == 4 ? index - 1 : index);
    int before = Integer.parseInt(policy.text("AttachmentCount"));
    policy.document().put("AttachmentCount", before + 1);
    return policy;
  }

  private Draft service(String name, String trusted) {
    Draft policy = attach();
    return site.add(
        "iam:role",
        o(
            "RoleName",
            name,
            "RoleId",
            dice.key("AROA"),
            "Arn",
            iam("role/" + name),
            "Path",
            "/",
            "CreateDate",
            dice.ago(100, 1800),
            "AssumeRolePolicyDocument",
            trust("Service", trusted + ".amazonaws.com"),
            "AttachedManagedPolicies",
            a(o("PolicyName", policy.text("PolicyName"), "PolicyArn", policy.text("Arn"))),
            "RolePolicyList",
            a(),
            "InstanceProfileList",
            a(),
            "RoleLastUsed",
            o("LastUsedDate", dice.ago(0, 30), "Region", "eu-west-1"),
            "Tags",
            Site.teams().stream()
                .filter(name::startsWith)
                .findFirst()
                .map(team -> site.tagList(team, ""))
                .orElseGet(Json::a)));
  }

  private void profile(String name, Draft role) {
    Map<String, Object> profile =
        o(
            "InstanceProfileName",
            name,
            "InstanceProfileId",
            dice.key("AIPA"),
            "Arn",
            iam("instance-profile/" + name),
            "Path",
            "/",
            "CreateDate",
            dice.ago(10, 1500));
    role.document().put("InstanceProfileList", a(new LinkedHashMap<>(profile)));
    profile.put(
        "Roles",
        a(
            o(
                "RoleName",
                role.text("RoleName"),
                "RoleId",
                role.text("RoleId"),
                "Arn",
                role.text("Arn"))));
    profile.put("Tags", a());
    site.add("iam:instance-profile", profile);
  }

  private void groups() {
    for (String group : List.of("developers", "operators", "readers", "administrators")) {
      site.add(
          "iam:group",
          o(
              "GroupName", group,
              "GroupId", dice.key("AGPA"),
              "Arn", iam("group/" + group),
              "Path", "/",
              "CreateDate", dice.ago(500, 1800),
              "AttachedManagedPolicies",
                  a(
                      o(
                          "PolicyName",
                          group.equals("administrators") ? "AdministratorAccess" : "ReadOnlyAccess",
                          "PolicyArn",
                          group.equals("administrators")
                              ? ADMINISTRATOR
                              : "arn:aws:iam::aws:policy/ReadOnlyAccess")),
              "GroupPolicyList", a()));
    }
  }

  private void organization() {
    if (!site.environment().equals("production")) {
      return;
    }
    for (String account : DemoEstate.ACCOUNTS) {
      site.add(
          "organizations:account",
          o(
              "Id",
              account,
              "Arn",
              "arn:aws:organizations::" + site.account() + ":account/o-acme/" + account,
              "Name",
              DemoEstate.alias(account),
              "Email",
              DemoEstate.alias(account) + "@acme.example",
              "Status",
              "ACTIVE",
              "JoinedMethod",
              "CREATED",
              "JoinedTimestamp",
              dice.ago(900, 1500)));
    }
  }

  private void key(int number) {
    String team = site.team();
    boolean aws = number % 5 == 4;
    String id = dice.uuid();
    String arn = site.arn("kms", "key/" + id);
    site.add(
        "kms:key",
        o(
            "KeyId",
            id,
            "KeyArn",
            arn,
            "AWSAccountId",
            site.account(),
            "Arn",
            arn,
            "CreationDate",
            dice.ago(60, 1500),
            "Enabled",
            number % 9 != 3,
            "Description",
            aws ? "Default key that protects my EBS volumes" : "key of " + team,
            "KeyUsage",
            "ENCRYPT_DECRYPT",
            "KeyState",
            number % 9 == 3 ? "PendingDeletion" : "Enabled",
            "DeletionDate",
            when(number % 9 == 3, dice.at(14).toString()),
            "Origin",
            "AWS_KMS",
            "KeyManager",
            aws ? "AWS" : "CUSTOMER",
            "KeySpec",
            "SYMMETRIC_DEFAULT",
            "MultiRegion",
            false,
            "KeyRotationEnabled",
            when(!aws, dice.percent(60)),
            "Tags",
            aws
                ? a()
                : a(
                    o("TagKey", "Team", "TagValue", team),
                    o("TagKey", "Environment", "TagValue", site.environment()))));
    site.add(
        "kms:alias",
        o(
            "AliasName",
            aws ? "alias/aws/ebs" + number : "alias/" + site.name(team, "key-" + number),
            "AliasArn",
            site.arn("kms", "alias/" + site.name(team, "key-" + number)),
            "TargetKeyId",
            id,
            "CreationDate",
            dice.ago(60, 1500)));
  }

  private void certificate(int number) {
    String team = site.team();
    String id = dice.uuid();
    String arn = site.arn("acm", "certificate/" + id);
    String domain =
        (number == 0 ? "*." : team + number + ".") + site.environment() + ".acme.example";
    int left = new int[] {300, 12, 80, -20, 25, 200, 55, 340}[number % 8];
    site.add(
        "acm:certificate",
        o(
            "CertificateArn", arn,
            "DomainName", domain,
            "SubjectAlternativeNames", a(domain),
            "Status", left < 0 ? "EXPIRED" : number % 8 == 7 ? "PENDING_VALIDATION" : "ISSUED",
            "Type", number % 3 == 2 ? "IMPORTED" : "AMAZON_ISSUED",
            "KeyAlgorithm", dice.of("RSA_2048", "EC_prime256v1"),
            "CreatedAt", dice.ago(60, 390),
            "IssuedAt", dice.ago(60, 390),
            "NotBefore", dice.at(left - 395).toString(),
            "NotAfter", dice.at(left).toString(),
            "InUseBy", a(), // listeners and distributions add themselves
            "RenewalEligibility", number % 3 == 2 ? "INELIGIBLE" : "ELIGIBLE",
            "Tags", site.tagList(team, "")));
  }

  private void secret(int number) {
    String team = site.team();
    String name =
        site.environment() + "/" + team + "/" + dice.of("db", "api-key", "token") + "-" + number;
    boolean rotated = dice.percent(35);
    site.add(
        "secretsmanager:secret",
        o(
            "ARN", site.arn("secretsmanager", "secret:" + name + "-" + dice.hex(6)),
            "Name", name,
            "Description", number == 2 ? Hostile.NAMES.get(5) : "for " + team,
            "RotationEnabled", when(rotated, true),
            "RotationRules", when(rotated, o("AutomaticallyAfterDays", 30)),
            "LastRotatedDate", when(rotated, dice.ago(1, 30)),
            "CreatedDate", dice.ago(20, 1200),
            "LastChangedDate", dice.ago(1, 400),
            "LastAccessedDate", when(dice.percent(80), dice.ago(0, 200)),
            "KmsKeyId", when(dice.percent(40), site.any("kms:key").text("Arn")),
            "Tags", site.tagList(team, "")));
  }

  private void watch() {
    String detector = dice.hex(32);
    if (dice.percent(75)) {
      site.add(
          "guardduty:detector",
          o(
              "DetectorId",
              detector,
              "Status",
              "ENABLED",
              "CreatedAt",
              dice.ago(300, 900),
              "FindingPublishingFrequency",
              "SIX_HOURS",
              "Tags",
              o()));
    }
    if (dice.percent(70)) {
      site.add(
          "config:configuration-recorder",
          o(
              "name", "default",
              "roleARN", site.role("config"),
              "status", o("name", "default", "recording", dice.percent(80)),
              "recordingGroup",
                  o(
                      "allSupported",
                      true,
                      "includeGlobalResourceTypes",
                      site.region().equals("us-east-1"))));
    }
    for (int i = 0; i < 6; i++) {
      String rule =
          List.of(
                  "s3-bucket-public-read-prohibited",
                  "encrypted-volumes",
                  "rds-storage-encrypted",
                  "restricted-ssh",
                  "iam-user-mfa-enabled",
                  "required-tags")
              .get(i);
      site.add(
          "config:config-rule",
          o(
              "ConfigRuleName",
              rule,
              "ConfigRuleArn",
              site.arn("config", "config-rule/config-rule-" + dice.hex(6)),
              "ConfigRuleId",
              "config-rule-" + dice.hex(6),
              "ConfigRuleState",
              "ACTIVE",
              "Source",
              o(
                  "Owner",
                  "AWS",
                  "SourceIdentifier",
                  rule.toUpperCase(java.util.Locale.ROOT).replace('-', '_'))));
    }
    if (site.region().equals("eu-west-1")) {
      List<Object> trails = new ArrayList<>(List.of("organization", "legacy"));
      for (Object trail : trails) {
        String name = site.name("platform", trail + "-trail");
        boolean whole = trail.equals("organization");
        site.add(
            "cloudtrail:trail",
            o(
                "Name",
                name,
                "TrailARN",
                site.arn("cloudtrail", "trail/" + name),
                "HomeRegion",
                site.region(),
                "IsMultiRegionTrail",
                whole,
                "IsOrganizationTrail",
                false,
                "IncludeGlobalServiceEvents",
                whole,
                "LogFileValidationEnabled",
                whole,
                "Status",
                o("IsLogging", whole, "LatestDeliveryTime", dice.ago(0, 1)),
                "S3BucketName",
                site.bucket("trail-logs"),
                "KmsKeyId",
                when(whole, site.any("kms:key").text("Arn"))));
      }
    }
    for (int i = 0; i < site.many(2); i++) {
      String name = site.name("platform", "acl-" + i);
      String id = dice.uuid();
      site.add(
          "wafv2:web-acl-regional",
          o(
              "Id",
              id,
              "Name",
              name,
              "ARN",
              site.arn("wafv2", "regional/webacl/" + name + "/" + id),
              "Description",
              "front of " + name,
              "LockToken",
              dice.uuid(),
              "Capacity",
              700,
              "DefaultAction",
              o("Allow", o()),
              "Rules",
              a(
                  o(
                      "Name",
                      "common",
                      "Priority",
                      0,
                      "Statement",
                      o(
                          "ManagedRuleGroupStatement",
                          o("VendorName", "AWS", "Name", "AWSManagedRulesCommonRuleSet")))),
              "LoadBalancers",
              a()));
    }
  }

  /** Half of the load balancers are behind a firewall, each behind one. */
  static void protect(Site site) {
    List<Draft> firewalls = site.all("wafv2:web-acl-regional");
    List<Draft> balancers = site.all("elbv2:application-load-balancer");
    for (int i = 0; i < firewalls.size(); i++) {
      List<Object> protects = a();
      for (int each = i; each < balancers.size(); each += 2 * firewalls.size()) {
        protects.add(balancers.get(each).text("LoadBalancerArn"));
      }
      firewalls.get(i).document().put("LoadBalancers", protects);
    }
  }
}
