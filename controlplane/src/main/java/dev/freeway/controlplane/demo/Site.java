package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.o;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One region of one account, in the making; those who build on it draw from its own dice. */
final class Site {
  private static final List<String> TEAMS =
      List.of(
          "payments",
          "checkout",
          "search",
          "platform",
          "identity",
          "analytics",
          "mobile",
          "logistics");
  private static final Map<String, List<String>> PEOPLE =
      Map.of(
          "payments", List.of("alice@acme.example", "noor@acme.example"),
          "checkout", List.of("bob@acme.example"),
          "search", List.of("carol@acme.example", "dmitri@acme.example"),
          "platform", List.of("erin@acme.example", "frank@acme.example"),
          "identity", List.of("grace@acme.example"),
          "analytics", List.of("heidi@acme.example", "ivan@acme.example"),
          "mobile", List.of("judy@acme.example"),
          "logistics", List.of("mallory@acme.example"));

  private final DemoEstate estate;
  private final String account;
  private final String environment;
  private final String region;
  private final int size;
  private final Dice dice;
  private final Map<String, List<Draft>> drafts = new LinkedHashMap<>();

  Site(DemoEstate estate, String account, String environment, String region, int size, Dice dice) {
    this.estate = estate;
    this.account = account;
    this.environment = environment;
    this.region = region;
    this.size = size;
    this.dice = dice;
  }

  String account() {
    return account;
  }

  String environment() {
    return environment;
  }

  String region() {
    return region;
  }

  Dice dice() {
    return dice;
  }

  /** So many of something in a region of the usual size. */
  int many(int usual) {
    return Math.max(1, usual * size / 10);
  }

  String arn(String service, String rest) {
    return "arn:aws:" + service + ":" + region + ":" + account + ":" + rest;
  }

  /** A role of the account: {@link Security} makes it. */
  String role(String name) {
    return "arn:aws:iam::" + account + ":role/" + name;
  }

  /** A bucket of the company's own of the region: {@link Storage} makes it. */
  String bucket(String what) {
    return "acme-" + what + "-" + account + "-" + region;
  }

  String zone(int index) {
    return region + "abc".charAt(index % 3);
  }

  static List<String> teams() {
    return TEAMS;
  }

  String team() {
    return dice.of(TEAMS);
  }

  static String owner(String team, Dice dice) {
    return dice.of(PEOPLE.getOrDefault(team, List.of("nobody@acme.example")));
  }

  /** What a thing of a team is called: {@code prod-checkout-api-3}. */
  String name(String team, String what) {
    return short3() + "-" + team + "-" + what;
  }

  private String short3() {
    return switch (environment) {
      case "production" -> "prod";
      case "staging" -> "stage";
      default -> "dev";
    };
  }

  /** Tags as people keep them: mostly all, some missing, some with keys of their own. */
  Map<String, String> tags(String team, String name) {
    Map<String, String> tags = new LinkedHashMap<>();
    if (!name.isEmpty()) {
      tags.put("Name", name);
    }
    if (dice.percent(8)) {
      return dice.percent(50) ? new LinkedHashMap<>() : tags;
    }
    tags.put(dice.percent(4) ? "env" : "Environment", environment);
    tags.put("Team", team);
    if (dice.percent(80)) {
      tags.put("Owner", owner(team, dice));
    }
    if (dice.percent(60)) {
      tags.put(dice.percent(10) ? "cost-center" : "CostCenter", "CC-" + (1000 + team.length() * 7));
    }
    if (dice.percent(40)) {
      tags.put("Project", dice.of("apollo", "borealis", "citadel", "delta", "legacy"));
    }
    return tags;
  }

  /** As {@code [{Key, Value}]}. */
  List<Object> tagList(String team, String name) {
    return tagList(tags(team, name));
  }

  static List<Object> tagList(Map<String, String> tags) {
    List<Object> list = new ArrayList<>();
    tags.forEach((key, value) -> list.add(o("Key", key, "Value", value)));
    return list;
  }

  Draft add(String type, Map<String, Object> document) {
    return add(new Draft(estate.type(type), this, null, document));
  }

  Draft add(String type, Draft parent, Map<String, Object> document) {
    return add(new Draft(estate.type(type), this, parent, document));
  }

  private Draft add(Draft draft) {
    drafts.computeIfAbsent(draft.type().key(), key -> new ArrayList<>()).add(draft);
    estate.add(draft);
    return draft;
  }

  /** What was made here of a type, so far. */
  List<Draft> all(String type) {
    return drafts.getOrDefault(type, List.of());
  }

  /** One of a type that is still there. */
  Draft any(String type) {
    return dice.of(all(type).stream().filter(draft -> !draft.isGone()).toList());
  }

  /** What was made of a type in any region of the account, so far. */
  List<Draft> everywhere(String type) {
    return estate.all(account, type);
  }

  /** A security group of a VPC. */
  Draft group(String vpc) {
    return dice.of(
        all("ec2:security-group").stream().filter(each -> each.text("VpcId").equals(vpc)).toList());
  }

  Optional<Draft> first(String type) {
    return all(type).stream().findFirst();
  }
}
