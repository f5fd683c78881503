package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What the members of a type's documents are called: their names split into words, and the table
 * {@code fields.txt}. Models are read when a question needs them.
 */
final class Fields {
  private static final int DEEPEST = 3;
  private static final Set<String> FILLING =
      Set.of(
          "size",
          "name",
          "count",
          "in",
          "id",
          "code",
          "value",
          "enabled",
          "status",
          "config",
          "configuration",
          "detail",
          "summary",
          "date",
          "time",
          "timestamp",
          "at",
          "number",
          "of");
  private static final List<String> STATES =
      List.of(
          "State.Name",
          "State.Code",
          "Status.Code",
          "StateValue",
          "KeyState",
          "StackStatus",
          "DBInstanceStatus",
          "TableStatus",
          "CacheClusterStatus",
          "ClusterStatus",
          "LifeCycleState",
          "State",
          "Status",
          "state",
          "status");

  private record Scored(Field field, int penalty) {}

  /** A line of the table: a member and what it is called. */
  private record Row(String path, List<String> names) {}

  private final Map<String, Map<String, Field>> known = new ConcurrentHashMap<>();
  private final Set<String> listed = ConcurrentHashMap.newKeySet();
  private final Map<String, List<Row>> table = new HashMap<>();

  Fields(Vocabulary vocabulary) {
    for (String line : Lines.of("fields.txt")) {
      int colon = line.indexOf(": ");
      int equals = line.indexOf(" = ");
      Row row =
          new Row(
              line.substring(colon + 2, equals),
              List.of(line.substring(equals + 3).split(", ", -1)));
      for (String key : line.substring(0, colon).split(" ", -1)) {
        table.computeIfAbsent(vocabulary.type(key).key(), type -> new ArrayList<>()).add(row);
      }
    }
  }

  /** By phrase. */
  Map<String, Field> of(ResourceType type) {
    return known.computeIfAbsent(type.key(), key -> read(type));
  }

  /** A field by its phrase. */
  Optional<Field> of(ResourceType type, String phrase) {
    return Optional.ofNullable(of(type).get(phrase));
  }

  /** Whether the table says that a type's member is called so. */
  boolean isListed(ResourceType type, String phrase) {
    of(type);
    return listed.contains(type.key() + " " + phrase);
  }

  /** Where a type's documents say whether it runs. */
  Optional<Field> state(ResourceType type) {
    Map<String, Field> fields = of(type);
    Optional<Field> listed = Optional.ofNullable(fields.get("state"));
    return listed.isPresent() ? listed : Optional.ofNullable(fields.get("statu"));
  }

  /** Members of a type's documents that a scan asks for only when it is told so. */
  List<String> extras(ResourceType type) {
    return type.details().stream()
        .filter(Detail::extra)
        .flatMap(
            detail ->
                detail.into().isEmpty()
                    ? at(detail.sdk(), detail.operation(), detail.take()).stream()
                        .flatMap(taken -> members(detail.sdk(), taken))
                        .filter(name -> !isOfTheList(type, name))
                    : Stream.of(detail.into()))
        .toList();
  }

  private static boolean isOfTheList(ResourceType type, String name) {
    return at(type.sdk(), type.operation(), type.items()).stream()
        .flatMap(item -> members(type.sdk(), item))
        .anyMatch(name::equals);
  }

  private static Stream<String> members(String sdk, Member structure) {
    return structure.kind() == Member.Kind.SDK_POJO
        ? ServiceModel.of(sdk).shape(structure.structure()).members().stream().map(Member::name)
        : Stream.of();
  }

  private Map<String, Field> read(ResourceType type) {
    Map<String, Scored> best = new HashMap<>();
    if (type.as().isEmpty()) {
      collect(type.sdk(), type.operation(), type.items(), "", best);
    } else {
      put(best, Stems.camel(type.as()), new Field(Path.parse(type.as()), Field.Kind.TEXT, ""), 0);
    }
    for (Detail detail : type.details()) {
      String root = detail.take().text();
      Optional<Member> taken = at(detail.sdk(), detail.operation(), detail.take());
      if (detail.into().equals("Tags") || taken.isEmpty()) {
        continue;
      }
      String prefix = detail.into();
      if (taken.get().kind() == Member.Kind.LIST) {
        root += "[]";
        prefix += "[]";
      }
      collect(detail.sdk(), detail.operation(), Path.parse(root), prefix, best);
    }
    for (String state : STATES) {
      Scored found = best.get("\u0001" + state);
      if (found != null) {
        best.put("state", new Scored(found.field(), 0));
        best.put("statu", new Scored(found.field(), 0));
        break;
      }
    }
    for (Row row : table.getOrDefault(type.key(), List.of())) {
      boolean size = row.path().startsWith("size ");
      String path = size ? row.path().substring(5) : row.path();
      Scored there = best.get("\u0001" + path);
      // SQS's numbers are text in a map, of which the model says no more.
      Field.Kind unknown = path.startsWith("Attributes.") ? Field.Kind.NUMBER : Field.Kind.TEXT;
      Field.Kind kind = size ? Field.Kind.SIZE : there == null ? unknown : there.field().kind();
      String words = size || there == null ? row.names().getFirst() : there.field().words();
      for (String name : row.names()) {
        String phrase = Stems.phrase(name);
        listed.add(type.key() + " " + phrase);
        best.put(phrase, new Scored(new Field(Path.parse(path), kind, words), 0));
      }
    }
    Map<String, Field> fields = new HashMap<>();
    best.forEach(
        (phrase, scored) -> {
          if (!phrase.startsWith("\u0001")) {
            fields.put(phrase, scored.field());
          }
        });
    return Map.copyOf(fields);
  }

  private static Optional<Member> at(String sdk, String operation, Path path) {
    try {
      ServiceModel model = ServiceModel.of(sdk);
      return Optional.of(path.in(model, model.operation(operation).output()));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private void collect(
      String sdk, String operation, Path root, String prefix, Map<String, Scored> best) {
    Optional<Member> item = at(sdk, operation, root);
    if (item.isEmpty()) {
      return;
    }
    ServiceModel model = ServiceModel.of(sdk);
    List<String> above = prefix.isEmpty() ? List.of() : Stems.camel(prefix.replace("[]", ""));
    if (item.get().kind() == Member.Kind.SDK_POJO) {
      walk(model, model.shape(item.get().structure()), prefix, above, 0, new HashSet<>(), best);
    } else if (!prefix.isEmpty() && item.get().kind() == Member.Kind.STRING) {
      put(best, above, new Field(Path.parse(prefix), Field.Kind.TEXT, ""), 0);
    }
  }

  private void walk(
      ServiceModel model,
      Shape shape,
      String prefix,
      List<String> above,
      int depth,
      Set<String> within,
      Map<String, Scored> best) {
    if (depth > DEEPEST || !within.add(shape.name())) {
      return;
    }
    for (Member member : shape.members()) {
      if (member.name().isEmpty() || !member.name().matches("[A-Za-z0-9_]+")) {
        continue;
      }
      String path = prefix.isEmpty() ? member.name() : prefix + "." + member.name();
      List<String> words = new ArrayList<>(above);
      words.addAll(Stems.camel(member.name()));
      leafOrMore(model, member, path, words, depth, within, best);
    }
    within.remove(shape.name());
  }

  private void leafOrMore(
      ServiceModel model,
      Member member,
      String path,
      List<String> words,
      int depth,
      Set<String> within,
      Map<String, Scored> best) {
    switch (member.kind()) {
      case SDK_POJO ->
          walk(model, model.shape(member.structure()), path, words, depth + 1, within, best);
      case LIST ->
          member
              .of()
              .filter(of -> of.kind() != Member.Kind.LIST) // nobody asks for lists of lists
              .ifPresent(of -> leafOrMore(model, of, path + "[]", words, depth, within, best));
      case MAP, DOCUMENT, SDK_BYTES -> {}
      case BOOLEAN -> put(best, words, new Field(Path.parse(path), Field.Kind.TRUTH, ""), depth);
      case INSTANT -> put(best, words, new Field(Path.parse(path), Field.Kind.TIME, ""), depth);
      case STRING -> {
        boolean time = path.matches(".*(Date|Time|Timestamp)$") && !path.contains("[]");
        put(
            best,
            words,
            new Field(Path.parse(path), time ? Field.Kind.TIME : Field.Kind.TEXT, ""),
            depth);
      }
      default -> put(best, words, new Field(Path.parse(path), Field.Kind.NUMBER, ""), depth);
    }
  }

  /** A field under all of its names: fewer words dropped and a shallower place win. */
  private static void put(Map<String, Scored> best, List<String> words, Field field, int depth) {
    int lists = field.path().text().contains("[]") ? 5 : 0;
    Field named = new Field(field.path(), field.kind(), String.join(" ", display(field.path())));
    best.put("\u0001" + field.path().text(), new Scored(named, 0));
    List<String> own = new ArrayList<>(words);
    for (int drop = 0; drop < own.size(); drop++) {
      List<String> rest = own.subList(drop, own.size());
      offer(best, rest, named, depth * 10 + lists + drop * 3);
      int end = rest.size();
      while (end > 1 && FILLING.contains(rest.get(end - 1))) {
        end--;
        offer(best, rest.subList(0, end), named, depth * 10 + lists + drop * 3 + 2);
      }
    }
  }

  private static void offer(
      Map<String, Scored> best, List<String> words, Field field, int penalty) {
    String phrase = String.join(" ", words);
    Scored before = best.get(phrase);
    if (before == null || before.penalty() > penalty) {
      best.put(phrase, new Scored(field, penalty));
    }
    String squeezed = String.join("", words);
    if (words.size() > 1) {
      Scored joined = best.get(squeezed);
      if (joined == null || joined.penalty() > penalty + 1) {
        best.put(squeezed, new Scored(field, penalty + 1));
      }
    }
  }

  private static List<String> display(Path path) {
    List<String> members = path.steps().stream().filter(step -> !step.equals("[]")).toList();
    String last = members.getLast();
    if (members.size() > 1 && List.of("Name", "Code", "Value").contains(last)) {
      last = members.get(members.size() - 2); // State.Name
    }
    List<String> words = new ArrayList<>();
    for (String word : last.split("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", -1)) {
      words.add(word.matches("[A-Z0-9]+") ? word : word.toLowerCase(java.util.Locale.ROOT));
    }
    return words;
  }
}
