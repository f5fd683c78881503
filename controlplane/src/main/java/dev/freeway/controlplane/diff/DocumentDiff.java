package dev.freeway.controlplane.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The differences of two documents. AWS gives most lists in no order, so a list is a bag: its
 * elements are matched by what identifies them, and another order is no change.
 */
final class DocumentDiff {
  /** Tags have a column of their own, and may be in the document too. */
  static final Set<String> TAGS = Set.of("Tags", "tags", "TagSet", "TagList", "tagSet");

  /** Members that tell the elements of a list apart. */
  private static final Pattern IDENTITY = Pattern.compile("(?i).*(id|arn|name|key|identifier)");

  private final List<FieldChange> changes = new ArrayList<>();

  private DocumentDiff() {}

  static List<FieldChange> of(JsonNode before, JsonNode after) {
    DocumentDiff diff = new DocumentDiff();
    diff.compare("", before, after);
    return diff.changes;
  }

  /** Of tags, by key. */
  static List<FieldChange> ofTags(
      SortedMap<String, String> before, SortedMap<String, String> after) {
    List<FieldChange> changes = new ArrayList<>();
    Set<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (String key : keys) {
      Optional<JsonNode> was = tag(before, key);
      Optional<JsonNode> is = tag(after, key);
      if (!was.equals(is)) {
        changes.add(new FieldChange("tag:" + key, was, is));
      }
    }
    return changes;
  }

  private static Optional<JsonNode> tag(SortedMap<String, String> tags, String key) {
    String value = tags.get(key);
    return value == null
        ? Optional.empty()
        : Optional.of(JsonNodeFactory.instance.stringNode(value));
  }

  private void compare(String path, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      objects(path, before, after);
    } else if (before.isArray() && after.isArray()) {
      arrays(path, before, after);
    } else {
      changes.add(new FieldChange(path, Optional.of(before), Optional.of(after)));
    }
  }

  private void objects(String path, JsonNode before, JsonNode after) {
    Set<String> names = new LinkedHashSet<>(before.propertyNames());
    names.addAll(after.propertyNames());
    for (String name : names) {
      if (!path.isEmpty() || !TAGS.contains(name)) {
        member(path.isEmpty() ? name : path + "." + name, before.get(name), after.get(name));
      }
    }
  }

  private void member(String path, @Nullable JsonNode before, @Nullable JsonNode after) {
    if (before != null && after != null) {
      compare(path, before, after);
    } else {
      changes.add(new FieldChange(path, Optional.ofNullable(before), Optional.ofNullable(after)));
    }
  }

  private void arrays(String path, JsonNode before, JsonNode after) {
    if (bag(before).equals(bag(after))) {
      return;
    }
    Optional<String> identity = identity(before, after);
    if (identity.isPresent()) {
      Map<String, JsonNode> was = by(identity.get(), before);
      Map<String, JsonNode> is = by(identity.get(), after);
      Set<String> all = new LinkedHashSet<>(was.keySet());
      all.addAll(is.keySet());
      for (String one : all) {
        member(path + "[" + identity.get() + "=" + one + "]", was.get(one), is.get(one));
      }
    } else if (before.size() == after.size() && objects(before) && objects(after)) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.get(i), after.get(i));
      }
    } else {
      changes.add(new FieldChange(path, Optional.of(before), Optional.of(after)));
    }
  }

  private static Map<JsonNode, Integer> bag(JsonNode array) {
    Map<JsonNode, Integer> bag = new HashMap<>();
    array.forEach(element -> bag.merge(element, 1, Integer::sum));
    return bag;
  }

  private static boolean objects(JsonNode array) {
    for (JsonNode element : array) {
      if (!element.isObject()) {
        return false;
      }
    }
    return true;
  }

  /** The first member by whose value the elements of both lists differ. */
  private static Optional<String> identity(JsonNode before, JsonNode after) {
    JsonNode some = before.isEmpty() ? after : before;
    if (some.isEmpty() || !objects(before) || !objects(after)) {
      return Optional.empty();
    }
    return some.get(0).propertyNames().stream()
        .filter(name -> IDENTITY.matcher(name).matches())
        .filter(name -> by(name, before).size() == before.size())
        .filter(name -> by(name, after).size() == after.size())
        .findFirst();
  }

  private static Map<String, JsonNode> by(String name, JsonNode array) {
    Map<String, JsonNode> found = new LinkedHashMap<>();
    for (JsonNode element : array) {
      JsonNode value = element.get(name);
      if (value != null && value.isValueNode()) {
        found.put(value.asString(""), element);
      }
    }
    return found;
  }
}
