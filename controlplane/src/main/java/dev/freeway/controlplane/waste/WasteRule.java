package dev.freeway.controlplane.waste;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What counts as waste. The first eight are AWSMap's, by its names.
 *
 * <p>A rule that needs to know that nothing uses a resource finds nothing where a call was refused
 * that could have shown its use.
 */
public enum WasteRule {
  /** A volume that is attached to nothing. */
  UNATTACHED_EBS(
      "EBS volumes that are attached to nothing", "ec2:volume State", "ec2:volume Size") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.text("State").equals("available"),
          "attached to nothing, " + item.document().path("Size").asString("?") + " GiB");
    }
  },
  /** An address that is bound to nothing. */
  UNASSOCIATED_EIP(
      "Elastic IPs that are associated with nothing",
      "ec2:elastic-ip AssociationId",
      "ec2:elastic-ip InstanceId",
      "ec2:elastic-ip NetworkInterfaceId") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.text("AssociationId").isEmpty()
              && item.text("InstanceId").isEmpty()
              && item.text("NetworkInterfaceId").isEmpty(),
          "associated with nothing");
    }
  },
  /** An interface that is attached to nothing. */
  AVAILABLE_ENI("Network interfaces that are attached to nothing", "ec2:network-interface Status") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(item.text("Status").equals("available"), "attached to nothing");
    }
  },
  /** A target group without a load balancer or without a target. */
  IDLE_TARGET_GROUP(
      "Target groups that no load balancer uses, or without a target",
      "elbv2:target-group LoadBalancerArns[]",
      "elbv2:target-group TargetHealth[].Target.Id") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      if (item.list("LoadBalancerArns").isEmpty()) {
        return Optional.of("no load balancer uses it");
      }
      return when(
          item.list("TargetHealth").isEmpty() && around.seen(item.resource().scope()),
          "no target is registered");
    }
  },
  /** A classic load balancer without an instance. */
  EMPTY_CLASSIC_ELB(
      "Classic load balancers without an instance",
      "elb:classic-load-balancer Instances[].InstanceId") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(item.list("Instances").isEmpty(), "no instance is registered");
    }
  },
  /** A snapshot that is old and in no image. */
  OLD_SNAPSHOT(
      "EBS snapshots that are old and that no image of yours needs",
      "ec2:snapshot StartTime",
      "ec2:snapshot VolumeSize") {
    @Override
    boolean ages() {
      return true;
    }

    @Override
    Optional<Instant> since(Item item) {
      return item.time("StartTime").or(() -> super.since(item));
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          !around.usesSnapshot(item.resource().id()) && around.seen(item.resource().scope()),
          "of a volume of " + item.document().path("VolumeSize").asString("?") + " GiB");
    }
  },
  /** An image that is old and that no instance runs. */
  OLD_AMI(
      "Images that are old and that no instance or launch template uses",
      "ec2:ami CreationDate",
      "ec2:ami BlockDeviceMappings[].Ebs.SnapshotId",
      "ec2:instance ImageId") {
    @Override
    List<String> types() {
      return List.of("ec2:ami");
    }

    @Override
    boolean ages() {
      return true;
    }

    @Override
    Optional<Instant> since(Item item) {
      return item.time("CreationDate").or(() -> super.since(item));
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          !around.usesImage(item.resource().id()) && around.seen(item.resource().scope()),
          "no instance or launch template here uses it");
    }
  },
  /** An instance that is stopped: its volumes and addresses are paid for. */
  STOPPED_INSTANCE(
      "Instances that are stopped",
      "ec2:instance State.Name",
      "ec2:instance StateTransitionReason") {
    @Override
    Optional<Instant> since(Item item) {
      Matcher time = STOPPED.matcher(item.text("StateTransitionReason"));
      return time.find()
          ? Optional.of(Instant.parse(time.group(1) + "T" + time.group(2) + "Z"))
          : Optional.empty();
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.document().path("State").path("Name").asString("").equals("stopped"),
          "stopped; its volumes are paid for");
    }
  },
  /** A load balancer behind which is nothing. */
  EMPTY_LOAD_BALANCER(
      "Load balancers behind which no target is registered and that answer nothing themselves",
      "elbv2:application-load-balancer LoadBalancerArn",
      "elbv2:network-load-balancer LoadBalancerArn",
      "elbv2:gateway-load-balancer LoadBalancerArn",
      "elbv2:listener ListenerArn",
      "elbv2:listener LoadBalancerArn",
      "elbv2:listener DefaultActions[].Type",
      "elbv2:listener-rule RuleArn",
      "elbv2:listener-rule Actions[].Type",
      "elbv2:target-group TargetGroupArn") {
    @Override
    List<String> types() {
      return super.types().stream().filter(type -> type.endsWith("-load-balancer")).toList();
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          !around.serves(item.text("LoadBalancerArn")) && around.seen(item.resource().scope()),
          "no target is registered behind it");
    }
  },
  /** A NAT gateway to which no route leads. */
  UNUSED_NAT_GATEWAY(
      "NAT gateways to which no route leads",
      "vpc:nat-gateway State",
      "vpc:route-table Routes[].NatGatewayId") {
    @Override
    List<String> types() {
      return List.of("vpc:nat-gateway");
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.text("State").equals("available")
              && !around.routesTo(item.resource().id())
              && around.seen(item.resource().scope()),
          "no route leads to it");
    }
  },
  /** A host without an instance. */
  EMPTY_DEDICATED_HOST(
      "Dedicated hosts without an instance",
      "ec2:dedicated-host State",
      "ec2:dedicated-host Instances[].InstanceId") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.text("State").equals("available") && item.list("Instances").isEmpty(),
          "no instance is on it");
    }
  },
  /** Capacity that nobody uses. */
  UNUSED_CAPACITY_RESERVATION(
      "Capacity reservations of which nothing is used",
      "ec2:capacity-reservation State",
      "ec2:capacity-reservation TotalInstanceCount",
      "ec2:capacity-reservation AvailableInstanceCount") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      int total = item.document().path("TotalInstanceCount").asInt(0);
      return when(
          item.text("State").equals("active")
              && total > 0
              && item.document().path("AvailableInstanceCount").asInt(-1) == total,
          "none of " + total + " instances runs");
    }
  },
  /** A database instance that is stopped: its storage is paid for. */
  STOPPED_DB_INSTANCE(
      "RDS instances that are stopped",
      "rds:db-instance DBInstanceStatus",
      "rds:db-instance AllocatedStorage") {
    @Override
    Optional<Instant> since(Item item) {
      return Optional.empty(); // AWS does not say
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.text("DBInstanceStatus").equals("stopped"),
          "stopped; its "
              + item.document().path("AllocatedStorage").asString("?")
              + " GiB are paid for");
    }
  },
  /** A database snapshot that somebody took long ago. */
  OLD_DB_SNAPSHOT(
      "RDS snapshots that are old and that were taken by hand",
      "rds:db-snapshot SnapshotType",
      "rds:db-cluster-snapshot SnapshotType") {
    @Override
    boolean ages() {
      return true;
    }

    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(item.text("SnapshotType").equals("manual"), "nothing deletes it by itself");
    }
  },
  /** A file system that nothing can mount. */
  UNMOUNTABLE_FILE_SYSTEM(
      "EFS file systems without a mount target", "efs:file-system NumberOfMountTargets") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      return when(
          item.document().path("NumberOfMountTargets").asInt(-1) == 0, "it has no mount target");
    }
  },
  /** An accelerator that is switched off and paid for. */
  DISABLED_ACCELERATOR(
      "Global Accelerator's accelerators that are disabled and paid for",
      "globalaccelerator:accelerator Enabled") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      JsonNode enabled = item.document().path("Enabled");
      return when(enabled.isBoolean() && !enabled.asBoolean(), "disabled");
    }
  },
  /** An address of Lightsail's that is attached to nothing. */
  UNATTACHED_LIGHTSAIL_IP(
      "Lightsail's static addresses that are attached to nothing",
      "lightsail:static-ip isAttached") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      JsonNode attached = item.document().path("isAttached");
      return when(attached.isBoolean() && !attached.asBoolean(), "attached to nothing");
    }
  },
  /** A disk of Lightsail's that is attached to nothing. */
  UNATTACHED_LIGHTSAIL_DISK(
      "Lightsail's disks that are attached to nothing", "lightsail:disk isAttached") {
    @Override
    Optional<String> waste(Item item, Surroundings around) {
      JsonNode attached = item.document().path("isAttached");
      return when(attached.isBoolean() && !attached.asBoolean(), "attached to nothing");
    }
  };

  /** As EC2 words it: "User initiated (2025-01-31 10:00:00 GMT)". */
  private static final Pattern STOPPED =
      Pattern.compile("\\((\\d{4}-\\d{2}-\\d{2}) (\\d{2}:\\d{2}:\\d{2}) GMT\\)");

  private final String description;

  /** Lines: an enum is to be immutable down to its fields. */
  private final String fields;

  WasteRule(String description, String... fields) {
    this.description = description;
    this.fields = String.join("\n", fields);
  }

  /** What it finds, in words. */
  public String description() {
    return description;
  }

  /** What it reads: types and paths in their documents, as {@code ec2:volume State}. */
  List<String> fields() {
    return fields.lines().toList();
  }

  /** The types in which it looks for waste; all that it reads, unless it says less. */
  List<String> types() {
    return fields.lines().map(field -> field.substring(0, field.indexOf(' '))).distinct().toList();
  }

  /** Whether only what is some days old, or older, counts. */
  boolean ages() {
    return false;
  }

  Optional<Instant> since(Item item) {
    return item.resource().created();
  }

  /** Why it is waste; empty when it is not, or when nobody can say. */
  abstract Optional<String> waste(Item item, Surroundings around);

  /** A finding, when it is waste and old enough. */
  Optional<Finding> find(Item item, Surroundings around, Duration minimum, Instant now) {
    if (!types().contains(item.type())) {
      return Optional.empty();
    }
    Optional<Instant> since = since(item);
    if (ages() && since.filter(time -> !time.isAfter(now.minus(minimum))).isEmpty()) {
      return Optional.empty();
    }
    return waste(item, around)
        .map(reason -> new Finding(toString(), item.resource(), since, reason));
  }

  private static Optional<String> when(boolean waste, String reason) {
    return waste ? Optional.of(reason) : Optional.empty();
  }

  /** A rule by its name, such as {@code old-ami}. */
  public static Optional<WasteRule> named(String name) {
    return Arrays.stream(values())
        .filter(rule -> rule.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  /** Such as {@code unattached-ebs}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
