package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogCheck;
import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Binds what queries read, and what their tests run on, to the catalogue and the SDK's models. */
class FieldsTest {
  /** Of policies, whose inside no model describes. */
  private static final Set<String> POLICY =
      Set.of(
          "Statement", "Effect", "Action", "Resource", "Condition", "Principal", "Principal.AWS");

  private static final Pattern LITERAL = Pattern.compile("'\\$\\.([^']+)'");

  private final Map<String, ResourceType> types = new LinkedHashMap<>();
  private final CatalogCheck check = new CatalogCheck(ServiceModel::of);

  FieldsTest() {
    Catalog.builtIn().types().forEach(type -> types.put(type.key(), type));
  }

  private List<String> fault(String type, String path) {
    ResourceType known = types.get(type);
    return known == null
        ? List.of("the catalogue has no type " + type)
        : check.fault(known, Path.parse(path)).stream().toList();
  }

  @Test
  void noQueryNeedsWhatAScanLeavesOut() {
    List<String> faults = new ArrayList<>();
    for (NamedQuery query : NamedQueries.load(List.of()).all()) {
      query
          .fields()
          .forEach(
              (key, paths) -> {
                ResourceType type = types.get(key);
                if (type != null && (type.extra() || paths.stream().anyMatch(extra(type)))) {
                  faults.add(query.name() + ": " + key + " " + paths);
                }
              });
    }
    assertThat(faults).isEmpty();
  }

  private static Predicate<String> extra(ResourceType type) {
    return path ->
        type.details().stream()
            .anyMatch(detail -> detail.extra() && path.split("[.\\[]", 2)[0].equals(detail.into()));
  }

  @Test
  void everyFieldOfAQueryIsInTheCatalogue() {
    List<String> faults = new ArrayList<>();
    for (NamedQuery query : NamedQueries.load(List.of()).all()) {
      query
          .fields()
          .forEach(
              (type, paths) ->
                  paths.forEach(
                      path ->
                          fault(type, path)
                              .forEach(fault -> faults.add(query.name() + ": " + fault))));
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyPathInAQueryIsAmongItsFields() {
    List<String> faults = new ArrayList<>();
    for (NamedQuery query : NamedQueries.load(List.of()).all()) {
      Set<String> fields = new TreeSet<>();
      query.fields().values().forEach(paths -> paths.forEach(path -> fields.add(plain(path))));
      Matcher literal = LITERAL.matcher(query.sql());
      Set<String> used = new LinkedHashSet<>();
      while (literal.find()) {
        used.add(plain(literal.group(1)));
      }
      boolean policies = query.sql().contains("url_decode");
      for (String path : used) {
        boolean known =
            fields.stream().anyMatch(field -> ("." + field + ".").contains("." + path + "."));
        if (!known && !(policies && POLICY.contains(path))) {
          faults.add(query.name() + ": " + path + " is not in its line of fields");
        }
      }
      for (String field : fields) {
        String last = field.substring(field.lastIndexOf('.') + 1);
        if (used.stream().noneMatch(path -> ("." + path).endsWith("." + last))) {
          faults.add(query.name() + ": " + field + " is in its line of fields, and not used");
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  private static String plain(String path) {
    return path.replaceAll("\\[\\d*]", "");
  }

  @Test
  void everyMemberOfTheTestsEstateIsInTheCatalogue() {
    Set<String> faults = new TreeSet<>();
    for (Resource resource : Estate.resources()) {
      String type = resource.scope().service() + ":" + resource.scope().type();
      Set<String> paths = new TreeSet<>();
      paths("", JsonMapper.builder().build().readTree(resource.document()), paths);
      paths.forEach(path -> faults.addAll(fault(type, path)));
    }
    assertThat(faults).isEmpty();
  }

  private static void paths(String at, JsonNode node, Set<String> paths) {
    if (node.isObject()) {
      node.forEachEntry(
          (name, value) -> paths(at.isEmpty() ? name : at + "." + name, value, paths));
    } else if (node.isArray()) {
      node.forEach(element -> paths(at + "[]", element, paths));
    } else {
      paths.add(at);
    }
  }

  @Test
  void awsMapsNamesAreAllThere() {
    assertThat(NamedQueries.load(List.of()).all())
        .extracting(NamedQuery::name)
        .contains(
            "admin-roles",
            "admin-users",
            "cross-account-roles",
            "default-vpcs",
            "ebs-unencrypted",
            "encryption-status",
            "iam-inactive-users",
            "lambda-high-memory",
            "lambda-runtimes",
            "missing-tag",
            "old-access-keys",
            "open-security-groups",
            "public-s3-buckets",
            "rds-engines",
            "rds-no-multi-az",
            "rds-public",
            "rds-unencrypted",
            "resources-by-account",
            "resources-by-region",
            "resources-by-service",
            "resources-by-tag",
            "resources-per-account-service",
            "s3-no-logging",
            "s3-no-versioning",
            "secrets-no-rotation",
            "stopped-instances",
            "untagged-resources",
            "unused-eips",
            "unused-volumes",
            "users-without-mfa")
        .hasSizeGreaterThanOrEqualTo(50);
  }
}
