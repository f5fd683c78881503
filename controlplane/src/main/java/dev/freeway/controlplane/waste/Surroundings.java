package dev.freeway.controlplane.waste;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What uses what, and where nobody can say so because a call was refused. */
final class Surroundings {
  private record Place(String account, String region, String service) {
    static Place of(Scope scope) {
      return new Place(scope.account(), scope.region(), scope.service());
    }
  }

  private final Set<Place> hidden = new HashSet<>();
  private final Set<String> images = new HashSet<>();
  private final Set<String> snapshots = new HashSet<>();
  private final Set<String> gateways = new HashSet<>();
  private final Set<String> serving = new HashSet<>();

  /** Whether targets are registered in a group, by its ARN. */
  private final Map<String, Boolean> groups = new HashMap<>();

  private final Map<String, String> balancerOfListener = new HashMap<>();
  private final Map<String, Set<String>> groupsOfBalancer = new HashMap<>();

  Surroundings(List<Item> items, List<LedgerEntry> unseen) {
    for (LedgerEntry entry : unseen) {
      if (entry.outcome().hides()) {
        hidden.add(new Place(entry.account(), entry.region(), entry.service()));
      }
    }
    items.forEach(this::take);
    items.stream().filter(item -> item.type().equals("elbv2:listener-rule")).forEach(this::rule);
  }

  private void take(Item item) {
    switch (item.type()) {
      case "ec2:instance" -> images.add(item.text("ImageId"));
      case "ec2:ami" -> {
        for (JsonNode mapping : item.list("BlockDeviceMappings")) {
          snapshots.add(mapping.path("Ebs").path("SnapshotId").asString(""));
        }
      }
      case "ec2:launch-template" -> mentions(item.document());
      case "vpc:route-table" -> {
        for (JsonNode route : item.list("Routes")) {
          gateways.add(route.path("NatGatewayId").asString(""));
        }
      }
      case "elbv2:target-group" -> {
        groups.put(item.text("TargetGroupArn"), !item.list("TargetHealth").isEmpty());
        for (JsonNode balancer : item.list("LoadBalancerArns")) {
          groupsOfBalancer
              .computeIfAbsent(balancer.asString(""), _ -> new HashSet<>())
              .add(item.text("TargetGroupArn"));
        }
      }
      case "elbv2:listener" -> {
        balancerOfListener.put(item.text("ListenerArn"), item.text("LoadBalancerArn"));
        answers(item.list("DefaultActions"), item.text("LoadBalancerArn"));
      }
      default -> {}
    }
  }

  /** A launch template may name an image anywhere. */
  private void mentions(JsonNode node) {
    if (node.isString()) {
      if (node.asString().startsWith("ami-")) {
        images.add(node.asString());
      }
    } else {
      node.forEach(this::mentions);
    }
  }

  /** A rule's ARN is its listener's with a part more. */
  private void rule(Item item) {
    String arn = item.text("RuleArn").replace(":listener-rule/", ":listener/");
    int last = arn.lastIndexOf('/');
    String balancer = last < 0 ? null : balancerOfListener.get(arn.substring(0, last));
    if (balancer != null) {
      answers(item.list("Actions"), balancer);
    }
  }

  /** What answers itself, by a redirect or a fixed response, needs no target. */
  private void answers(JsonNode actions, String balancer) {
    for (JsonNode action : actions) {
      String type = action.path("Type").asString("");
      if (!type.equals("forward") && !type.isEmpty()) {
        serving.add(balancer);
      }
    }
  }

  /** Whether nothing of the service was hidden where this is. */
  boolean seen(Scope scope) {
    return !hidden.contains(Place.of(scope));
  }

  boolean usesImage(String image) {
    return images.contains(image);
  }

  boolean usesSnapshot(String snapshot) {
    return snapshots.contains(snapshot);
  }

  boolean routesTo(String gateway) {
    return gateways.contains(gateway);
  }

  /** Whether something is behind a load balancer, or it answers itself. */
  boolean serves(String balancer) {
    return serving.contains(balancer)
        || groupsOfBalancer.getOrDefault(balancer, Set.of()).stream()
            .anyMatch(group -> groups.getOrDefault(group, true));
  }
}
