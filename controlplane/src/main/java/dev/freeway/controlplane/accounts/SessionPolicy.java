package dev.freeway.controlplane.accounts;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.IamActions;
import dev.freeway.controlplane.catalog.IamActions.Grant;
import dev.freeway.controlplane.catalog.OperationKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy that a role's session carries: it allows what some operations take, and nothing else.
 *
 * @param grants by operation, what it takes; in the order of the operations
 * @param partition of the account
 */
record SessionPolicy(Map<OperationKey, List<Grant>> grants, String partition) {
  /** How many characters STS takes in one. */
  static final int LARGEST = 2048;

  private static final String ANY = "*";

  SessionPolicy {
    grants = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(grants));
  }

  /**
   * Policies for operations, as few as there can be in their order: each operation is in one of
   * them, with all that it takes.
   */
  static List<SessionPolicy> of(Collection<OperationKey> operations, String partition) {
    IamActions actions = IamActions.builtIn();
    List<SessionPolicy> policies = new ArrayList<>();
    Map<OperationKey, List<Grant>> some = new LinkedHashMap<>();
    for (OperationKey operation : new TreeSet<>(operations)) {
      ServiceModel model = ServiceModel.of(operation.module());
      List<Grant> grants = actions.of(model, model.operation(operation.operation()));
      some.put(operation, grants);
      if (new SessionPolicy(some, partition).document().length() > LARGEST) {
        some.remove(operation);
        policies.add(new SessionPolicy(some, partition));
        some.clear();
        some.put(operation, grants);
      }
    }
    if (!some.isEmpty()) {
      policies.add(new SessionPolicy(some, partition));
    }
    return policies;
  }

  /** As JSON without spaces. */
  String document() {
    SortedSet<String> anywhere = new TreeSet<>();
    Map<String, SortedSet<String>> somewhere = new TreeMap<>();
    for (List<Grant> all : grants.values()) {
      for (Grant grant : all) {
        if (grant.resource().equals(ANY)) {
          anywhere.add(grant.action());
        } else {
          somewhere
              .computeIfAbsent(grant.action(), _ -> new TreeSet<>())
              .add(grant.resource().replace("{partition}", partition));
        }
      }
    }
    ObjectNode policy = JsonNodeFactory.instance.objectNode().put("Version", "2012-10-17");
    ArrayNode statements = policy.putArray("Statement");
    if (!anywhere.isEmpty()) {
      ObjectNode allow = statements.addObject().put("Effect", "Allow");
      anywhere.forEach(allow.putArray("Action")::add);
      allow.put("Resource", ANY);
    }
    somewhere.forEach(
        (action, resources) -> {
          ObjectNode allow = statements.addObject().put("Effect", "Allow").put("Action", action);
          resources.forEach(allow.putArray("Resource")::add);
        });
    return policy.toString();
  }

  /** Two with half of the operations each; the same one where there is only one operation. */
  List<SessionPolicy> halves() {
    List<OperationKey> operations = List.copyOf(grants.keySet());
    if (operations.size() < 2) {
      return List.of(this);
    }
    int middle = operations.size() / 2;
    return List.of(
        part(operations.subList(0, middle)), part(operations.subList(middle, operations.size())));
  }

  private SessionPolicy part(List<OperationKey> operations) {
    Map<OperationKey, List<Grant>> some = new LinkedHashMap<>();
    operations.forEach(operation -> some.put(operation, grants.getOrDefault(operation, List.of())));
    return new SessionPolicy(some, partition);
  }
}
