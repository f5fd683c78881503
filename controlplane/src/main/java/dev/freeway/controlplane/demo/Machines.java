package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Instances, their volumes and images, and what starts them. */
final class Machines {
  private static final List<String> TYPES =
      List.of(
          "t3.micro",
          "t3.small",
          "t3.medium",
          "t3.large",
          "t2.micro",
          "m5.large",
          "m5.xlarge",
          "m6i.large",
          "m6i.2xlarge",
          "m7g.large",
          "c5.xlarge",
          "c6i.large",
          "c7g.xlarge",
          "r5.large",
          "r6g.xlarge",
          "r6i.2xlarge",
          "i3.large",
          "g5.xlarge",
          "p3.2xlarge");

  private final Site site;
  private final Dice dice;

  private Machines(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    new Machines(site).build();
  }

  private void build() {
    for (String key : List.of("deploy", "ops", "legacy-2019")) {
      site.add(
          "ec2:key-pair",
          o(
              "KeyPairId",
              dice.id("key"),
              "KeyName",
              site.name("platform", key),
              "KeyType",
              key.startsWith("legacy") ? "rsa" : "ed25519",
              "KeyFingerprint",
              dice.hex(40),
              "CreateTime",
              dice.ago(100, 2000),
              "Tags",
              a()));
    }
    for (int i = 0; i < site.many(6); i++) {
      image(i);
    }
    for (int i = 0; i < site.many(8); i++) {
      template(i);
    }
    for (int i = 0; i < site.many(45); i++) {
      instance(i);
    }
    for (int i = 0; i < site.many(14); i++) {
      volume("", dice.ago(10, 900), site.team(), false);
    }
    for (int i = 0; i < site.many(40); i++) {
      snapshot(i);
    }
    for (int i = 0; i < site.many(6); i++) {
      group(i);
    }
  }

  private void image(int number) {
    String team = site.team();
    boolean old = number % 3 == 0;
    String created = dice.ago(old ? 400 : 5, old ? 1200 : 200);
    String image = dice.id("ami");
    String snapshot = dice.id("snap");
    site.add(
        "ec2:snapshot",
        o(
            "SnapshotId",
            snapshot,
            "VolumeId",
            "vol-ffffffff", // as AWS has it where there was none
            "VolumeSize",
            20,
            "State",
            "completed",
            "Progress",
            "100%",
            "StartTime",
            created,
            "Encrypted",
            !old,
            "OwnerId",
            site.account(),
            "Description",
            "Copied for DestinationAmi " + image,
            "StorageTier",
            "standard",
            "Tags",
            a()));
    site.add(
        "ec2:ami",
        o(
            "ImageId",
            image,
            "Name",
            site.name(team, "base-" + number),
            "Architecture",
            dice.of("x86_64", "x86_64", "arm64"),
            "CreationDate",
            created.replace("Z", ".000Z"),
            "DeprecationTime",
            when(old, dice.ago(1, 90).replace("Z", ".000Z")),
            "PublicLaunchPermissions",
            dice.percent(6),
            "State",
            "available",
            "OwnerId",
            site.account(),
            "ImageType",
            "machine",
            "RootDeviceType",
            "ebs",
            "RootDeviceName",
            "/dev/xvda",
            "VirtualizationType",
            "hvm",
            "PlatformDetails",
            "Linux/UNIX",
            "EnaSupport",
            true,
            "BlockDeviceMappings",
            a(
                o(
                    "DeviceName",
                    "/dev/xvda",
                    "Ebs",
                    o(
                        "SnapshotId",
                        snapshot,
                        "VolumeSize",
                        20,
                        "VolumeType",
                        "gp3",
                        "Encrypted",
                        !old,
                        "DeleteOnTermination",
                        true))),
            "Tags",
            site.tagList(team, "")));
  }

  private void template(int number) {
    String team = site.team();
    String id = dice.id("lt");
    String name = site.name(team, "template-" + number);
    site.add(
        "ec2:launch-template",
        o(
            "LaunchTemplateId",
            id,
            "LaunchTemplateName",
            name,
            "CreateTime",
            dice.ago(20, 600),
            "CreatedBy",
            site.role("deploy"),
            "DefaultVersionNumber",
            1,
            "LatestVersionNumber",
            dice.between(1, 9),
            "LaunchTemplateVersions",
            a(
                o(
                    "VersionNumber",
                    1,
                    "DefaultVersion",
                    true,
                    "LaunchTemplateData",
                    o(
                        "ImageId",
                        site.any("ec2:ami").text("ImageId"),
                        "InstanceType",
                        dice.of(TYPES),
                        "UserData",
                        "IyEvYmluL3No",
                        "MetadataOptions",
                        o("HttpTokens", dice.of("required", "optional"))))),
            "Tags",
            site.tagList(team, name)));
  }

  private void instance(int number) {
    String team = site.team();
    String type = dice.of(TYPES);
    boolean arm = type.contains("g.");
    String state = dice.percent(22) ? "stopped" : "running";
    List<Draft> subnets = site.all("vpc:subnet").stream().filter(each -> !isDefault(each)).toList();
    Draft subnet = dice.of(subnets);
    boolean isPublic = Boolean.TRUE.equals(subnet.document().get("MapPublicIpOnLaunch"));
    List<Draft> groups =
        site.all("ec2:security-group").stream()
            .filter(each -> each.text("VpcId").equals(subnet.text("VpcId")))
            .toList();
    Draft group = dice.of(groups);
    List<Draft> keys = site.all("ec2:key-pair").subList(0, 2); // nobody uses the last any more
    String id = dice.id("i");
    String launched = dice.ago(1, dice.percent(50) ? 60 : 900);
    String name =
        number < Hostile.NAMES.size() && site.region().equals("eu-west-1") && number % 2 == 0
            ? Hostile.NAMES.get(number)
            : site.name(team, dice.of("api", "web", "worker", "batch", "bastion") + "-" + number);
    String volume = volume(id, launched, team, true);
    if (dice.percent(40)) {
      volume(id, launched, team, false);
    }
    String address = isPublic && state.equals("running") ? Networks.address(dice) : "";
    boolean windows = dice.percent(8) && !arm;
    Map<String, Object> document =
        o(
            "InstanceId",
            id,
            "InstanceType",
            type,
            "ImageId",
            site.any("ec2:ami").text("ImageId"),
            "Architecture",
            arm ? "arm64" : "x86_64",
            "State",
            state(state),
            "StateTransitionReason",
            state.equals("stopped")
                ? "User initiated (" + dice.ago(1, 200).substring(0, 10) + " 10:00:00 GMT)"
                : "",
            "LaunchTime",
            launched,
            "Placement",
            o("AvailabilityZone", subnet.text("AvailabilityZone"), "Tenancy", "default"),
            "VpcId",
            subnet.text("VpcId"),
            "SubnetId",
            subnet.id(),
            "PrivateIpAddress",
            "10.20." + dice.between(0, 200) + "." + dice.between(4, 250),
            "PublicIpAddress",
            when(!address.isEmpty(), address),
            "SecurityGroups",
            a(o("GroupId", group.text("GroupId"), "GroupName", group.text("GroupName"))),
            "IamInstanceProfile",
            when(
                dice.percent(70),
                o("Arn", "arn:aws:iam::" + site.account() + ":instance-profile/" + team)),
            "KeyName",
            when(dice.percent(40), dice.of(keys).text("KeyName")),
            "EbsOptimized",
            dice.percent(60),
            "Monitoring",
            o("State", dice.percent(30) ? "enabled" : "disabled"),
            "MetadataOptions",
            o(
                "HttpTokens",
                dice.percent(65) ? "required" : "optional",
                "HttpEndpoint",
                "enabled",
                "HttpPutResponseHopLimit",
                2,
                "State",
                "applied"),
            "Platform",
            when(windows, "windows"),
            "PlatformDetails",
            windows ? "Windows" : "Linux/UNIX",
            "RootDeviceName",
            "/dev/xvda",
            "RootDeviceType",
            "ebs",
            "InstanceLifecycle",
            when(dice.percent(10), "spot"),
            "BlockDeviceMappings",
            a(
                o(
                    "DeviceName",
                    "/dev/xvda",
                    "Ebs",
                    o("VolumeId", volume, "Status", "attached", "DeleteOnTermination", true))),
            "CpuOptions",
            o("CoreCount", dice.of(1, 2, 4), "ThreadsPerCore", arm ? 1 : 2),
            "Tags",
            site.tagList(team, name));
    Draft instance = site.add("ec2:instance", document);
    switch (dice.below(20)) {
      case 0 -> instance.changedIn(0, earlier -> earlier.put("State", state("running")));
      case 1 -> instance.changedIn(1, earlier -> earlier.put("InstanceType", "t2.medium"));
      case 2 -> instance.changedIn(0, earlier -> earlier.put("Tags", a()));
      default -> {}
    }
    if (!address.isEmpty() && dice.percent(30)) {
      site.add(
          "ec2:elastic-ip",
          o(
              "AllocationId",
              dice.id("eipalloc"),
              "PublicIp",
              address,
              "AssociationId",
              dice.id("eipassoc"),
              "InstanceId",
              id,
              "Domain",
              "vpc",
              "NetworkBorderGroup",
              site.region(),
              "PublicIpv4Pool",
              "amazon",
              "Tags",
              site.tagList(team, name)));
    }
    if (dice.percent(6)) {
      gone(document, dice.below(2));
    }
  }

  /** One like it that was there before. */
  private void gone(Map<String, Object> like, int scansAgo) {
    Map<String, Object> document = new java.util.LinkedHashMap<>(like);
    document.put("InstanceId", dice.id("i"));
    document.put("LaunchTime", dice.ago(40, 300));
    site.add("ec2:instance", document).goneIn(scansAgo);
  }

  static boolean isDefault(Draft subnet) {
    return Boolean.TRUE.equals(subnet.document().get("DefaultForAz"));
  }

  private static Map<String, Object> state(String name) {
    return o("Name", name, "Code", name.equals("running") ? 16 : 80);
  }

  private String volume(String instance, String created, String team, boolean root) {
    String id = dice.id("vol");
    boolean attached = !instance.isEmpty();
    String type = dice.of("gp3", "gp3", "gp2", "gp2", "io1", "st1");
    int size = root ? dice.of(8, 20, 50) : dice.of(50, 100, 200, 500, 1000, 2000);
    boolean encrypted = dice.percent(70);
    Draft volume =
        site.add(
            "ec2:volume",
            o(
                "VolumeId",
                id,
                "VolumeType",
                type,
                "Size",
                size,
                "Iops",
                type.equals("st1")
                    ? java.util.Optional.empty()
                    : type.equals("io1")
                        ? dice.of(5000, 10000)
                        : type.equals("gp3") ? 3000 : Math.max(100, 3 * size),
                "Throughput",
                when(type.equals("gp3"), 125),
                "Encrypted",
                encrypted,
                "KmsKeyId",
                when(encrypted, site.any("kms:key").text("Arn")),
                "AvailabilityZone",
                site.zone(dice.below(3)),
                "State",
                attached ? "in-use" : "available",
                "CreateTime",
                created,
                "MultiAttachEnabled",
                false,
                "Attachments",
                attached
                    ? a(
                        o(
                            "InstanceId",
                            instance,
                            "VolumeId",
                            id,
                            "Device",
                            root ? "/dev/xvda" : "/dev/sdf",
                            "State",
                            "attached",
                            "AttachTime",
                            created,
                            "DeleteOnTermination",
                            root))
                    : a(),
                "Tags",
                site.tagList(team, attached ? "" : site.name(team, "leftover"))));
    if (!attached && dice.percent(20)) {
      volume.goneIn(dice.below(2));
    } else if (type.equals("gp3") && dice.percent(10)) {
      volume.changedIn(0, earlier -> earlier.put("VolumeType", "gp2"));
    }
    return id;
  }

  private void snapshot(int number) {
    String team = site.team();
    Draft volume = site.any("ec2:volume");
    boolean orphan = dice.percent(25);
    site.add(
        "ec2:snapshot",
        o(
            "SnapshotId",
            dice.id("snap"),
            "VolumeId",
            orphan ? dice.id("vol") : volume.id(),
            "VolumeSize",
            dice.of(8, 20, 100, 500),
            "State",
            "completed",
            "Progress",
            "100%",
            "StartTime",
            dice.ago(1, number % 4 == 0 ? 1200 : 80),
            "Encrypted",
            dice.percent(65),
            "OwnerId",
            site.account(),
            "Description",
            number % 3 == 0 ? "Created by CreateImage(i-0abc) for ami-0abc" : "nightly " + number,
            "StorageTier",
            number % 10 == 0 ? "archive" : "standard",
            "Tags",
            number % 2 == 0 ? a() : site.tagList(team, "")));
  }

  private void group(int number) {
    String team = site.team();
    String name = site.name(team, "asg-" + number);
    Draft template = site.any("ec2:launch-template");
    List<Object> zones = new ArrayList<>(List.of(site.zone(0), site.zone(1), site.zone(2)));
    int wanted = number % 5 == 0 ? 0 : dice.between(1, 6);
    List<Object> instances = a();
    for (int i = 0; i < wanted; i++) {
      Draft instance = site.any("ec2:instance");
      instances.add(
          o(
              "InstanceId",
              instance.id(),
              "InstanceType",
              instance.text("InstanceType"),
              "LifecycleState",
              "InService",
              "HealthStatus",
              "Healthy",
              "ProtectedFromScaleIn",
              false));
    }
    List<Object> tags = a();
    site.tags(team, name)
        .forEach(
            (key, value) ->
                tags.add(
                    o(
                        "Key",
                        key,
                        "Value",
                        value,
                        "ResourceId",
                        name,
                        "ResourceType",
                        "auto-scaling-group",
                        "PropagateAtLaunch",
                        true)));
    site.add(
        "autoscaling:auto-scaling-group",
        o(
            "AutoScalingGroupName",
            name,
            "AutoScalingGroupARN",
            site.arn(
                "autoscaling", "autoScalingGroup:" + dice.uuid() + ":autoScalingGroupName/" + name),
            "MinSize",
            Math.min(wanted, 1),
            "MaxSize",
            wanted + 4,
            "DesiredCapacity",
            wanted,
            "DefaultCooldown",
            300,
            "AvailabilityZones",
            zones,
            "HealthCheckType",
            dice.of("EC2", "ELB"),
            "HealthCheckGracePeriod",
            300,
            "CreatedTime",
            dice.ago(10, 700),
            "LaunchTemplate",
            o(
                "LaunchTemplateId",
                template.id(),
                "LaunchTemplateName",
                template.text("LaunchTemplateName"),
                "Version",
                "$Latest"),
            "Instances",
            instances,
            "Tags",
            tags));
  }
}
