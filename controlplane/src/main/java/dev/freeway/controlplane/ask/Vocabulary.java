package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What services and types are called: the catalogue's words, and the tables beside this class. */
final class Vocabulary {
  /** What tells a type from its like, at the beginning or end of its name. */
  private static final List<Pattern> APART =
      List.of(
          Pattern.compile("^(db|serverless)-"),
          Pattern.compile("-(regional|cloudfront|\\d)$"),
          Pattern.compile("^(metric|composite)-"),
          Pattern.compile("^(rest|http|websocket)-"),
          Pattern.compile("^config-"));

  private static final Pattern SECOND = Pattern.compile("v?2$");

  private final Map<String, ResourceType> byKey = new LinkedHashMap<>();
  private final Map<String, Set<ResourceType>> byPhrase = new LinkedHashMap<>();
  private final Map<String, Set<ResourceType>> byBareName = new LinkedHashMap<>();
  private final Map<String, Set<String>> services = new LinkedHashMap<>();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Set<ResourceType> types;

  Vocabulary(Catalog catalog) {
    for (CatalogService service : catalog.services()) {
      for (ResourceType type : service.types()) {
        byKey.put(service.label() + ":" + type.name(), type);
        byKey.put(type.key(), type);
        labels.put(type.service(), service.label());
      }
    }
    types = Collections.unmodifiableSet(new LinkedHashSet<>(byKey.values()));
    for (CatalogService service : catalog.services()) {
      service(service.label(), service.label());
      service(SECOND.matcher(service.label()).replaceFirst(""), service.label());
      service.types().forEach(type -> service(type.service(), service.label()));
    }
    for (String line : Lines.of("services.txt")) {
      String[] sides = line.split(" = ", -1);
      for (String phrase : sides[0].split(",", -1)) {
        services.remove(Stems.phrase(phrase));
        for (String label : sides[1].split(" ", -1)) {
          service(phrase, label);
        }
      }
    }
    for (CatalogService service : catalog.services()) {
      for (ResourceType type : service.types()) {
        for (String bare : bareNames(type)) {
          byBareName.computeIfAbsent(bare, key -> new LinkedHashSet<>()).add(type);
        }
      }
    }
    for (String line : Lines.of("types.txt")) {
      int equals = line.lastIndexOf(" = ");
      Set<ResourceType> types = new LinkedHashSet<>();
      for (String key : line.substring(equals + 3).split(" ", -1)) {
        types.add(type(key));
      }
      for (String phrase : line.substring(0, equals).split(",", -1)) {
        byPhrase.put(Stems.phrase(phrase), types);
      }
    }
    for (CatalogService service : catalog.services()) {
      for (String words : service.words()) {
        String phrase = Stems.phrase(words);
        if (!byPhrase.containsKey(phrase) && !byBareName.containsKey(phrase)) {
          services.computeIfAbsent(phrase, key -> new LinkedHashSet<>()).add(service.label());
        }
      }
    }
  }

  private void service(String phrase, String label) {
    services.computeIfAbsent(Stems.phrase(phrase), key -> new LinkedHashSet<>()).add(label);
    services
        .computeIfAbsent(Stems.phrase(phrase).replace(" ", ""), key -> new LinkedHashSet<>())
        .add(label);
  }

  /** A type's own name and what is left of it without what tells it from its like. */
  static Set<String> bareNames(ResourceType type) {
    Set<String> names = new LinkedHashSet<>();
    String name = type.name();
    names.add(Stems.phrase(name));
    for (Pattern apart : APART) {
      Matcher matcher = apart.matcher(name);
      if (matcher.find()) {
        names.add(Stems.phrase(matcher.replaceFirst("")));
      }
    }
    if (name.startsWith("file-system-")) {
      names.add(Stems.phrase("file-system"));
    }
    return names;
  }

  /**
   * A type by its service, as label or as column, and name.
   *
   * @throws IllegalArgumentException when there is none
   */
  ResourceType type(String key) {
    ResourceType type = byKey.get(key);
    if (type == null) {
      throw new IllegalArgumentException("the catalogue has no type " + key);
    }
    return type;
  }

  Set<ResourceType> types() {
    return types;
  }

  /** The labels of services that a phrase names; none when it names none. */
  Set<String> services(String phrase) {
    return services.getOrDefault(phrase, Set.of());
  }

  /** The types of a service, by its label. */
  List<ResourceType> of(Set<String> serviceLabels) {
    return types().stream().filter(type -> isOf(type, serviceLabels)).toList();
  }

  boolean isOf(ResourceType type, Set<String> serviceLabels) {
    return serviceLabels.contains(labels.getOrDefault(type.service(), type.service()));
  }

  /** The types that a phrase alone means. */
  Set<ResourceType> typesFor(String phrase) {
    Set<ResourceType> said = byPhrase.get(phrase);
    return said != null ? said : byBareName.getOrDefault(phrase, Set.of());
  }

  /** Whether a phrase is in the table of types, and no mere part of a type's name. */
  boolean isListed(String phrase) {
    return byPhrase.containsKey(phrase);
  }

  /** The types of services that a phrase after their name means. */
  List<ResourceType> typesFor(Set<String> serviceLabels, String phrase) {
    Set<ResourceType> all = new LinkedHashSet<>(byBareName.getOrDefault(phrase, Set.of()));
    all.removeIf(type -> !isOf(type, serviceLabels));
    if (all.isEmpty()) {
      all.addAll(byPhrase.getOrDefault(phrase, Set.of()));
      all.removeIf(type -> !isOf(type, serviceLabels));
    }
    return new ArrayList<>(all);
  }

  /** Phrases of all types and services, to look for what was mistyped. */
  Set<String> phrases() {
    Set<String> all = new LinkedHashSet<>(byPhrase.keySet());
    all.addAll(byBareName.keySet());
    all.addAll(services.keySet());
    return all;
  }

  /** What sentences call a type: {@code EC2 instances}. */
  static String plural(ResourceType type) {
    String service = label(type.service());
    String name = type.name().replace('-', ' ');
    boolean repeated = name.startsWith(type.service() + " ") || name.equals(type.service());
    String noun =
        name.endsWith("s")
            ? name
            : name.endsWith("y") && !name.matches(".*[aeiou]y")
                ? name.substring(0, name.length() - 1) + "ies"
                : name.matches(".*(x|ch|sh)") ? name + "es" : name + "s";
    return (repeated ? "" : service + " ")
        + noun.replaceAll("^(vpc|ami|db|api)(s?)\\b", "\u0001$1\u0002$2")
            .transform(Vocabulary::capitals);
  }

  private static String capitals(String text) {
    int from = text.indexOf('\u0001');
    if (from < 0) {
      return text;
    }
    int to = text.indexOf('\u0002');
    return text.substring(0, from)
        + text.substring(from + 1, to).toUpperCase(Locale.ROOT)
        + text.substring(to + 1);
  }

  private static String label(String service) {
    return switch (service) {
      case "lambda" -> "Lambda";
      case "dynamodb" -> "DynamoDB";
      case "cloudformation" -> "CloudFormation";
      case "cloudfront" -> "CloudFront";
      case "cloudwatch" -> "CloudWatch";
      case "cloudtrail" -> "CloudTrail";
      case "elbv2", "elb" -> "ELB";
      case "logs" -> "CloudWatch Logs";
      case "secretsmanager" -> "Secrets Manager";
      case "stepfunctions" -> "Step Functions";
      case "apigateway" -> "API Gateway";
      case "apigatewayv2" -> "API Gateway v2";
      default ->
          service.length() <= 3 || service.matches("\\w{2,4}\\d?")
              ? service.toUpperCase(Locale.ROOT)
              : service;
    };
  }
}
