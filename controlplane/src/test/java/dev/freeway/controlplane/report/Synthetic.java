package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.StoredResource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** An estate of any size, the same each time, with documents as large and as random as AWS's. */
final class Synthetic {
  static final Instant NOW = Instant.parse("2026-11-30T06:00:00Z");
  static final String ACCOUNT = "123456789012";
  static final String OTHER = "210987654321";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> REGIONS =
      List.of("eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2", "us-west-2");
  private static final List<String> OWNERS = List.of("ann", "bob", "carol", "dave", "erin");
  private static final List<String> APPS =
      List.of("checkout", "search", "billing", "ledger", "gateway", "mailer", "reports");

  /** Of hundred resources so many are of a type. */
  private record Kind(String service, String type, String prefix, int share) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("ec2", "instance", "i-", 18),
          new Kind("ec2", "volume", "vol-", 18),
          new Kind("ec2", "network-interface", "eni-", 18),
          new Kind("ec2", "snapshot", "snap-", 16),
          new Kind("logs", "log-group", "", 10),
          new Kind("lambda", "function", "", 8),
          new Kind("iam", "role", "AROA", 5),
          new Kind("ec2", "security-group", "sg-", 5),
          new Kind("s3", "bucket", "", 2));

  final List<StoredResource> resources = new ArrayList<>();
  final List<Relation> relations = new ArrayList<>();
  private final Random random = new Random(42);
  private final List<String> subnets = new ArrayList<>();
  private final List<String> groups = new ArrayList<>();

  Synthetic(int count) {
    for (int i = 0; i < 60; i++) {
      subnets.add("subnet-" + hex(17));
      groups.add("sg-" + hex(17));
    }
    for (Kind kind : KINDS) {
      int of = count * kind.share() / 100;
      for (int i = 0; i < of; i++) {
        add(kind, i);
      }
    }
    resources.sort(
        Comparator.comparing((StoredResource s) -> s.resource().scope().account())
            .thenComparing(s -> s.resource().scope().service())
            .thenComparing(s -> s.resource().scope().type())
            .thenComparing(s -> s.resource().scope().region())
            .thenComparing(s -> s.resource().id()));
  }

  static Heading heading(List<LedgerEntry> unseen) {
    return new Heading(
        List.of(ACCOUNT, OTHER),
        List.of(
            new Scan(
                7,
                ACCOUNT,
                "prod",
                NOW.minusSeconds(600),
                Optional.of(NOW.minusSeconds(520)),
                Scan.Status.PARTIAL,
                REGIONS,
                List.of("ec2", "s3"),
                List.of(),
                4000)),
        unseen,
        List.of(
            new LeftOut(ACCOUNT, "kms", "GetKeyPolicy"), new LeftOut(OTHER, "kms", "GetKeyPolicy")),
        NOW);
  }

  static LedgerEntry denied(String operation, String message) {
    return new LedgerEntry(
        ACCOUNT,
        "eu-west-1",
        "s3",
        operation,
        12,
        0,
        0,
        2,
        Duration.ofMillis(90),
        LedgerEntry.Outcome.DENIED,
        "AccessDenied",
        message);
  }

  static StoredResource resource(
      Scope scope, String id, String name, Map<String, String> tags, String document) {
    return new StoredResource(
        new Resource(
            scope,
            id,
            "arn:aws:"
                + scope.service()
                + ":"
                + scope.region()
                + ":"
                + scope.account()
                + ":"
                + scope.type()
                + "/"
                + id,
            name,
            false,
            Optional.of(NOW.minus(Duration.ofDays(40))),
            "",
            new TreeMap<>(tags),
            document),
        7,
        NOW.minusSeconds(86400),
        NOW.minusSeconds(550),
        Optional.empty());
  }

  private String hex(int digits) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < digits; i++) {
      text.append(Character.forDigit(random.nextInt(16), 16));
    }
    return text.toString();
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void add(Kind kind, int number) {
    String app = one(APPS);
    String region =
        kind.service().equals("iam") ? Scope.GLOBAL : REGIONS.get(Math.min(random.nextInt(7), 4));
    Scope scope =
        new Scope(random.nextInt(4) == 0 ? OTHER : ACCOUNT, kind.service(), region, kind.type());
    String id =
        kind.prefix().isEmpty()
            ? "/" + app + "/" + kind.type() + "-" + number
            : kind.prefix() + hex(17);
    String name = kind.prefix().isEmpty() ? id : app + "-" + kind.type() + "-" + number;
    Map<String, String> tags = new TreeMap<>();
    if (random.nextInt(8) > 0) {
      tags.put("Owner", one(OWNERS));
      tags.put("Environment", one(List.of("production", "staging", "test")));
      tags.put("Name", name);
    }
    Instant created = NOW.minus(Duration.ofMinutes(random.nextInt(60 * 24 * 700)));
    String document = JSON.writeValueAsString(document(kind, id, app, created, tags));
    String arn =
        "arn:aws:"
            + kind.service()
            + ":"
            + region
            + ":"
            + scope.account()
            + ":"
            + kind.type()
            + "/"
            + id;
    resources.add(
        new StoredResource(
            new Resource(
                scope,
                id,
                arn,
                name,
                random.nextInt(40) == 0,
                Optional.of(created),
                "",
                new TreeMap<>(tags),
                document),
            7,
            NOW.minusSeconds(86400L * random.nextInt(5)),
            NOW.minusSeconds(560),
            Optional.empty()));
    if (kind.service().equals("ec2")) {
      relations.add(new Relation(scope, id, "SubnetId", one(subnets)));
      relations.add(new Relation(scope, id, "SecurityGroups[].GroupId", one(groups)));
      relations.add(
          new Relation(
              scope,
              id,
              "RelatedId",
              resources.get(random.nextInt(resources.size())).resource().arn()));
    }
  }

  private Map<String, Object> document(
      Kind kind, String id, String app, Instant created, Map<String, String> tags) {
    Map<String, Object> document = new TreeMap<>();
    document.put(kind.type() + "Id", id);
    document.put("CreateTime", created.toString());
    document.put(
        "Tags",
        tags.entrySet().stream()
            .map(e -> Map.of("Key", e.getKey(), "Value", e.getValue()))
            .toList());
    switch (kind.type()) {
      case "instance" -> {
        String ip =
            "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256);
        document.put("ImageId", "ami-" + hex(3) + "00000000000000");
        document.put(
            "InstanceType", one(List.of("m7g.large", "c7g.xlarge", "t4g.small", "r7i.2xlarge")));
        document.put("PrivateIpAddress", ip);
        document.put(
            "PrivateDnsName", "ip-" + ip.replace('.', '-') + ".eu-west-1.compute.internal");
        document.put(
            "State", Map.of("Code", 16, "Name", one(List.of("running", "running", "stopped"))));
        document.put(
            "Placement",
            Map.of("AvailabilityZone", "eu-west-1a", "GroupName", "", "Tenancy", "default"));
        document.put("ClientToken", hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12));
        document.put(
            "MetadataOptions",
            Map.of(
                "State",
                "applied",
                "HttpTokens",
                "required",
                "HttpPutResponseHopLimit",
                2,
                "HttpEndpoint",
                "enabled",
                "InstanceMetadataTags",
                "disabled"));
        document.put(
            "BlockDeviceMappings",
            List.of(
                Map.of(
                    "DeviceName",
                    "/dev/xvda",
                    "Ebs",
                    Map.of(
                        "AttachTime",
                        created.toString(),
                        "DeleteOnTermination",
                        true,
                        "Status",
                        "attached",
                        "VolumeId",
                        "vol-" + hex(17)))));
        document.put(
            "NetworkInterfaces",
            List.of(
                Map.of(
                    "Attachment",
                    Map.of(
                        "AttachmentId",
                        "eni-attach-" + hex(17),
                        "DeviceIndex",
                        0,
                        "Status",
                        "attached",
                        "AttachTime",
                        created.toString()),
                    "MacAddress",
                    "0a:" + hex(2) + ":" + hex(2) + ":" + hex(2) + ":" + hex(2) + ":" + hex(2),
                    "NetworkInterfaceId",
                    "eni-" + hex(17),
                    "OwnerId",
                    ACCOUNT,
                    "PrivateIpAddress",
                    ip,
                    "SourceDestCheck",
                    true,
                    "Status",
                    "in-use",
                    "SubnetId",
                    one(subnets),
                    "Groups",
                    List.of(Map.of("GroupId", one(groups), "GroupName", app)))));
        document.put("SecurityGroups", List.of(Map.of("GroupId", one(groups), "GroupName", app)));
        document.put("CpuOptions", Map.of("CoreCount", 2, "ThreadsPerCore", 1));
        document.put("EnclaveOptions", Map.of("Enabled", false));
        document.put("HibernationOptions", Map.of("Configured", false));
        document.put("RootDeviceName", "/dev/xvda");
        document.put("VirtualizationType", "hvm");
        document.put("Architecture", "arm64");
        document.put("EbsOptimized", true);
        document.put(
            "IamInstanceProfile",
            Map.of(
                "Arn", "arn:aws:iam::" + ACCOUNT + ":instance-profile/" + app, "Id", "AIPA" + app));
        document.put("ReservationId", "r-" + hex(17));
      }
      case "volume" -> {
        document.put("Size", random.nextInt(500));
        document.put("State", "in-use");
        document.put("SnapshotId", "snap-" + hex(17));
        document.put("VolumeType", "gp3");
        document.put("Iops", 3000);
        document.put("Encrypted", true);
        document.put("KmsKeyId", "arn:aws:kms:eu-west-1:" + ACCOUNT + ":key/" + app);
        document.put(
            "Attachments",
            List.of(
                Map.of(
                    "InstanceId",
                    "i-" + hex(17),
                    "Device",
                    "/dev/xvda",
                    "State",
                    "attached",
                    "AttachTime",
                    created.toString())));
      }
      case "network-interface" -> {
        document.put("MacAddress", "0a:" + hex(2) + ":" + hex(2) + ":" + hex(2) + ":" + hex(2));
        document.put(
            "PrivateIpAddress",
            "10." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(256));
        document.put("Description", "ELB app/" + app + "/" + hex(16));
        document.put("SubnetId", one(subnets));
        document.put("Groups", List.of(Map.of("GroupId", one(groups), "GroupName", app)));
        document.put(
            "Attachment",
            Map.of(
                "AttachmentId",
                "eni-attach-" + hex(17),
                "InstanceOwnerId",
                "amazon-elb",
                "Status",
                "attached"));
      }
      case "snapshot" -> {
        document.put("VolumeId", "vol-" + hex(17));
        document.put("VolumeSize", random.nextInt(500));
        document.put("State", "completed");
        document.put("Progress", "100%");
        document.put("Description", "Created by CreateImage(i-" + hex(17) + ") for ami-" + hex(17));
        document.put("Encrypted", true);
      }
      default -> {
        document.put("Description", "the " + app + " of " + tags.getOrDefault("Owner", "nobody"));
        document.put("RevisionId", hex(8) + "-" + hex(4) + "-" + hex(12));
        document.put("CodeSha256", hex(44));
        document.put("Runtime", one(List.of("java25", "python3.14", "nodejs24.x")));
        document.put("Role", "arn:aws:iam::" + ACCOUNT + ":role/" + app);
        document.put("Bytes", random.nextInt(1 << 30));
      }
    }
    return document;
  }
}
