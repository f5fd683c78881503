package dev.freeway.controlplane.accounts;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.collect.Session;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An organisation as its management account, or a delegated administrator, sees it. */
public final class Organization {
  private static final Pattern PARENT =
      Pattern.compile("r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}");

  private final Session session;

  /** The organisation of a caller. */
  public Organization(Session session) {
    this.session = session;
  }

  /**
   * Checks the id of an organizational unit.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static String checked(String unit) {
    if (!PARENT.matcher(unit).matches()) {
      throw new IllegalArgumentException(
          "--ou "
              + unit
              + ": no id of an organizational unit; expected one such as ou-ab12-cd34ef56, or a"
              + " root's, r-ab12");
    }
    return unit;
  }

  /**
   * Its accounts, suspended ones too, by id.
   *
   * @param units organizational units: what is below them, at any depth; empty for all
   * @throws AwsException when they cannot be listed
   */
  public List<Member> members(List<String> units) throws AwsException {
    Map<String, Member> members = new LinkedHashMap<>();
    if (units.isEmpty()) {
      add(members, "ListAccounts", Map.of());
    } else {
      Set<String> passed = new LinkedHashSet<>();
      for (String unit : units) {
        below(unit, passed, members);
      }
    }
    return members.values().stream()
        .sorted((one, other) -> one.id().compareTo(other.id()))
        .toList();
  }

  private void below(String unit, Set<String> passed, Map<String, Member> members)
      throws AwsException {
    if (!passed.add(unit)) {
      return;
    }
    try {
      add(members, "ListAccountsForParent", Map.of("ParentId", unit));
    } catch (AwsException e) {
      throw e.code().contains("ParentNotFound")
          ? e.saying(
              "--ou " + unit + ": no such unit in this organisation; expected one of its own")
          : e;
    }
    for (ObjectNode page :
        session.ask(
            "organizations", "ListOrganizationalUnitsForParent", Map.of("ParentId", unit))) {
      for (JsonNode child : page.path("OrganizationalUnits")) {
        below(child.path("Id").asString(), passed, members);
      }
    }
  }

  private void add(Map<String, Member> members, String operation, Map<String, Object> input)
      throws AwsException {
    for (ObjectNode page : session.ask("organizations", operation, input)) {
      for (JsonNode account : page.path("Accounts")) {
        String id = account.path("Id").asString();
        String state = account.path("State").asString(account.path("Status").asString(""));
        members.put(id, new Member(id, account.path("Name").asString(""), state));
      }
    }
  }
}
