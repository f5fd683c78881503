package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.Neighbours;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code freeway relations}. */
@Command(
    name = "relations",
    description = RelationsCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:shown",
      "1:there is no such resource",
      "3:cut off after 2,000 relations",
      "64:the command line is wrong"
    })
final class RelationsCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Shows what a resource names and what names it, and on from there, as a tree.";

  private static final int MOST = 2_000;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Parameters(paramLabel = "ID|ARN", description = "a current resource, by its id or ARN")
  private String asked = "";

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "2",
      description = "how many relations away. Default: 2")
  private int depth;

  /** A resource, or what is named and not in the inventory, and what comes of it. */
  private record Node(
      String path, String target, Optional<Resource> resource, List<Node> further) {}

  private final Map<String, List<StoredResource>> known = new HashMap<>();
  private int count;
  private boolean cut;

  @Override
  public Integer call() {
    if (depth < 1 || depth > 20) {
      throw new ParameterException(spec.commandLine(), "--depth " + depth + ": expected 1 to 20");
    }
    Store store = stores.existing();
    List<StoredResource> roots = store.named(asked);
    if (roots.isEmpty()) {
      throw new CommandException(
          Printable.of(asked)
              + ": no current resource has this id or ARN; expected one as freeway query shows it");
    }
    List<Resource> found = roots.stream().map(StoredResource::resource).toList();
    Format format = output.format();
    if (format == Format.TABLE || format == Format.WIDE) {
      output.write(out -> found.forEach(resource -> tree(store, resource, out)));
    } else if (format == Format.JSON || format == Format.YAML) {
      output.document(document(store, found));
    } else {
      List<List<? extends @Nullable Object>> rows = new ArrayList<>();
      for (Resource resource : found) {
        rows("names", 1, further(store, resource, true), rows);
        rows("named by", 1, further(store, resource, false), rows);
      }
      output.rows(List.of("direction", "distance", "path", "target", "resource"), rows);
    }
    if (cut) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("cut off after %,d relations: expected a smaller --depth%n", MOST);
      err.flush();
    }
    return cut ? ExitCode.PARTIAL : ExitCode.DONE;
  }

  private List<Node> further(Store store, Resource resource, boolean forward) {
    Set<String> above = new HashSet<>();
    above.add(key(resource.scope(), resource.id()));
    return further(store, resource, forward, depth, above);
  }

  private List<Node> further(
      Store store, Resource resource, boolean forward, int left, Set<String> above) {
    Neighbours neighbours =
        store.relations(resource.arn().isEmpty() ? resource.id() : resource.arn());
    List<Node> nodes = new ArrayList<>();
    for (Relation relation : forward ? neighbours.names() : neighbours.namedBy()) {
      if (forward
          ? !relation.scope().equals(resource.scope()) || !relation.from().equals(resource.id())
          : !relation.scope().account().equals(resource.scope().account())
              && !relation.target().equals(resource.arn())) {
        continue; // another's of the same id
      }
      if (++count > MOST) {
        cut = true;
        break;
      }
      Optional<Resource> other =
          forward
              ? target(store, relation)
              : store.named(relation.from()).stream()
                  .map(StoredResource::resource)
                  .filter(each -> each.scope().equals(relation.scope()))
                  .findFirst();
      List<Node> more = List.of();
      if (other.isPresent() && left > 1) {
        String key = key(other.get().scope(), other.get().id());
        if (above.add(key)) {
          more = further(store, other.get(), forward, left - 1, above);
          above.remove(key);
        }
      }
      nodes.add(
          new Node(relation.path(), forward ? relation.target() : relation.from(), other, more));
    }
    return nodes;
  }

  /** The resource that is named: by its ARN, or by an id that only one near it has. */
  private Optional<Resource> target(Store store, Relation relation) {
    List<Resource> named =
        known.computeIfAbsent(relation.target(), store::named).stream()
            .map(StoredResource::resource)
            .filter(
                resource ->
                    resource.arn().equals(relation.target())
                        || resource.scope().account().equals(relation.scope().account()))
            .toList();
    if (named.size() > 1) {
      named =
          named.stream()
              .filter(resource -> resource.scope().region().equals(relation.scope().region()))
              .toList();
    }
    return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
  }

  private static String key(Scope scope, String id) {
    return scope + " " + id;
  }

  private static String title(Resource resource) {
    String name = resource.name().equals(resource.id()) ? "" : " (" + resource.name() + ")";
    return Printable.of(
        resource.scope().service() + " " + resource.scope().type() + " " + resource.id() + name);
  }

  private void tree(Store store, Resource resource, PrintWriter out) {
    out.println(
        title(resource)
            + " in "
            + Printable.of(resource.scope().region() + " of " + resource.scope().account()));
    List<Node> names = further(store, resource, true);
    List<Node> namedBy = further(store, resource, false);
    out.println("├─ names" + (names.isEmpty() ? " nothing" : ""));
    branches(names, "│  ", "→ ", out);
    out.println("└─ named by" + (namedBy.isEmpty() ? " nothing" : ""));
    branches(namedBy, "   ", "← ", out);
  }

  private static void branches(List<Node> nodes, String margin, String arrow, PrintWriter out) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      boolean last = i == nodes.size() - 1;
      out.println(
          margin
              + (last ? "└─ " : "├─ ")
              + arrow
              + node.resource()
                  .map(RelationsCommand::title)
                  .orElseGet(() -> Printable.of(node.target()) + " (not in the inventory)")
              + "  "
              + Printable.of(node.path()));
      branches(node.further(), margin + (last ? "   " : "│  "), arrow, out);
    }
  }

  private static void rows(
      String direction,
      int distance,
      List<Node> nodes,
      List<List<? extends @Nullable Object>> rows) {
    for (Node node : nodes) {
      rows.add(
          List.of(
              direction,
              distance,
              node.path(),
              node.target(),
              node.resource().map(RelationsCommand::title).orElse("")));
      rows(direction, distance + 1, node.further(), rows);
    }
  }

  private ObjectNode document(Store store, List<Resource> found) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("asked", asked);
    ArrayNode all = document.putArray("resources");
    for (Resource resource : found) {
      ObjectNode one = all.addObject();
      describe(one, resource);
      nodes(one.putArray("names"), further(store, resource, true), "names");
      nodes(one.putArray("named_by"), further(store, resource, false), "named_by");
    }
    document.put("cut", cut);
    return document;
  }

  private static void nodes(ArrayNode array, List<Node> nodes, String direction) {
    for (Node node : nodes) {
      ObjectNode one = array.addObject();
      one.put("path", node.path());
      one.put("target", node.target());
      one.put("known", node.resource().isPresent());
      node.resource().ifPresent(resource -> describe(one, resource));
      if (!node.further().isEmpty()) {
        nodes(one.putArray(direction), node.further(), direction);
      }
    }
  }

  private static void describe(ObjectNode node, Resource resource) {
    node.put("account", resource.scope().account());
    node.put("region", resource.scope().region());
    node.put("service", resource.scope().service());
    node.put("type", resource.scope().type());
    node.put("id", resource.id());
    node.put("arn", resource.arn());
    node.put("name", resource.name());
  }
}
