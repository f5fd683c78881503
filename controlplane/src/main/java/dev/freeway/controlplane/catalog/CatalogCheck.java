package dev.freeway.controlplane.catalog;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Whether what the catalogue says exists in the SDK's models. */
public final class CatalogCheck {
  private final Function<String, ServiceModel> models;
  private final List<String> faults = new ArrayList<>();

  /**
   * A check.
   *
   * @param models by the SDK's module
   */
  public CatalogCheck(Function<String, ServiceModel> models) {
    this.models = models;
  }

  /** What is wrong with a service: one line for each fault, with the type and the key. */
  public List<String> faults(CatalogService service) {
    for (ResourceType type : service.types()) {
      try {
        check(service, type);
      } catch (IllegalArgumentException e) {
        faults.add(type.key() + ": " + e.getMessage());
      }
    }
    return faults;
  }

  private void check(CatalogService service, ResourceType type) {
    ServiceModel model = models.apply(type.sdk());
    Operation list = operation(model, type.operation());
    List<ResourceType> parents =
        type.parents().stream().map(name -> parent(service, type, name)).toList();
    type.after().forEach(name -> parent(service, type, name));
    if (parents.isEmpty() && (type.when().isPresent() || type.extra())) {
      throw new IllegalArgumentException("when, extra: of a list that is asked once; expected for");
    }
    type.when().ifPresent(when -> parents.forEach(parent -> condition(parent, when)));
    Map<String, Object> whole = new LinkedHashMap<>(type.with());
    type.each()
        .forEach(
            (name, values) -> {
              if (!(values instanceof List<?> many) || many.isEmpty()) {
                throw new IllegalArgumentException("each: " + name + ": expected a list");
              }
              whole.put(name, many.getFirst());
            });
    with(model, list, whole, type, parents);
    type.page()
        .ifPresent(
            page ->
                page.members()
                    .forEach(
                        (input, output) -> {
                          if (list.input().member(input) == null) {
                            throw new IllegalArgumentException(
                                "page: " + list.name() + " has no member " + input);
                          }
                          Path.parse(String.join(".", output)).in(model, list.output());
                        }));
    Member item = type.items().in(model, list.output());
    if (item.kind() == Member.Kind.LIST) {
      throw new IllegalArgumentException(
          "items: " + type.items() + " is a list; expected [] after it");
    }
    if (item.kind() != Member.Kind.SDK_POJO && type.as().isEmpty()) {
      throw new IllegalArgumentException(
          "as: missing; " + type.items() + " is mere " + item.kind());
    }
    for (Detail detail : type.details()) {
      try {
        ServiceModel other = models.apply(detail.sdk());
        Operation call = operation(other, detail.operation());
        with(other, call, detail.with(), type, parents);
        Member taken = detail.take().in(other, call.output());
        if (detail.match().isPresent() && taken.kind() == Member.Kind.SDK_POJO) {
          detail.match().get().in(other, other.shape(taken.structure()));
        }
        if (detail.into().isEmpty() && taken.kind() != Member.Kind.SDK_POJO) {
          throw new IllegalArgumentException(
              "into: missing; "
                  + detail.take()
                  + " is a "
                  + taken.kind()
                  + ", which has no members");
        }
        detail.when().ifPresent(when -> condition(type, when));
        detail.region().ifPresent(region -> template(type, parents, region));
        template(type, parents, detail.key());
        if (detail.extra() && type.tags().steps().equals(List.of(detail.into()))) {
          throw new IllegalArgumentException("extra: tags are needed");
        }
      } catch (IllegalArgumentException e) {
        faults.add(type.key() + ": " + detail.operation() + ": " + e.getMessage());
      }
    }
    template(type, parents, type.id());
    template(type, parents, type.arn());
    template(type, parents, type.displayName());
    type.region().ifPresent(region -> template(type, parents, region));
    type.created().ifPresent(created -> path(type, created));
    type.where().ifPresent(where -> condition(type, where));
    type.isDefault().ifPresent(rule -> condition(type, rule));
    if (!type.tags().text().isEmpty()) {
      path(type, type.tags());
    }
    type.redact().forEach(secret -> path(type, secret));
    type.decode().forEach(encoded -> path(type, encoded));
    type.lasting().fleeting().forEach(value -> path(type, value));
  }

  private static ResourceType parent(CatalogService service, ResourceType type, String name) {
    for (ResourceType candidate : service.types()) {
      if (candidate.equals(type)) {
        break;
      }
      if (candidate.name().equals(name)) {
        return candidate;
      }
    }
    throw new IllegalArgumentException("for: " + name + ": expected a type that stands before it");
  }

  private static Operation operation(ServiceModel model, String name) {
    Operation operation = model.operations().get(name);
    if (operation == null) {
      throw new IllegalArgumentException(model.module() + " has no operation " + name);
    }
    return operation;
  }

  private void with(
      ServiceModel model,
      Operation operation,
      Map<String, Object> with,
      ResourceType type,
      List<ResourceType> parents) {
    members(model, operation.input(), with, operation.name(), type, parents);
    for (Member member : operation.input().members()) {
      if (member.required() && !with.containsKey(member.name())) {
        throw new IllegalArgumentException(
            "with: " + operation.name() + " requires " + member.name());
      }
    }
  }

  private void members(
      ServiceModel model,
      Shape shape,
      Map<String, Object> with,
      String where,
      ResourceType type,
      List<ResourceType> parents) {
    with.forEach(
        (name, value) -> {
          Member member = shape.member(name);
          if (member == null) {
            throw new IllegalArgumentException(
                "with: "
                    + where
                    + " has no member "
                    + name
                    + "; it has "
                    + String.join(", ", shape.members().stream().map(Member::name).toList()));
          }
          value(model, member, value, where + "." + name, type, parents);
        });
  }

  @SuppressWarnings("unchecked") // a map of the catalogue has strings as keys
  private void value(
      ServiceModel model,
      Member member,
      Object value,
      String where,
      ResourceType type,
      List<ResourceType> parents) {
    switch (value) {
      case Map<?, ?> map when member.kind() == Member.Kind.SDK_POJO ->
          members(
              model,
              model.shape(member.structure()),
              (Map<String, Object>) map,
              where,
              type,
              parents);
      case Map<?, ?> map ->
          map.values()
              .forEach(
                  element ->
                      value(model, member.of().orElseThrow(), element, where, type, parents));
      case List<?> list -> {
        if (member.kind() != Member.Kind.LIST) {
          throw new IllegalArgumentException(
              "with: " + where + " is a " + member.kind() + ", not a list");
        }
        list.forEach(
            element -> value(model, member.of().orElseThrow(), element, where, type, parents));
      }
      default -> template(type, parents, Template.literal(String.valueOf(value)));
    }
  }

  private void template(ResourceType type, List<ResourceType> parents, Template template) {
    for (Template.Part.Place place : template.places()) {
      if (place.path().text().equals("none")) {
        continue;
      }
      if (place.variable().equals("parent")) {
        if (parents.isEmpty()) {
          throw new IllegalArgumentException(template + ": no parent; expected one after for");
        }
        parents.forEach(parent -> path(parent, place.path()));
      } else if (place.variable().isEmpty()) {
        path(type, place.path());
      }
    }
  }

  private void condition(ResourceType type, Condition condition) {
    condition.terms().forEach(term -> path(type, term.path()));
  }

  /**
   * Whether documents of a type can have a path; what is wrong when they cannot.
   *
   * @param path as in a document: lists with {@code []}
   */
  public Optional<String> fault(ResourceType type, Path path) {
    try {
      path(type, path);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(type.key() + ": " + e.getMessage());
    }
  }

  /** A path in an item, after its details were added. */
  private void path(ResourceType type, Path path) {
    Optional<String> fault = Optional.empty();
    if (path.steps().isEmpty()) {
      return;
    }
    for (Path decoded : type.decode()) { // what is in there is whatever somebody wrote
      if (path.text().startsWith(decoded.text() + ".")
          || path.text().startsWith(decoded.text() + "[]")) {
        return;
      }
    }
    String first = path.steps().getFirst();
    if (first.equals(type.as())) {
      return;
    }
    if (type.as().isEmpty()) {
      fault = fault(type.sdk(), type.operation(), type.items(), path);
      if (fault.isEmpty()) {
        return;
      }
    }
    for (Detail detail : type.details()) {
      if (detail.into().isEmpty()) {
        Optional<String> other = fault(detail.sdk(), detail.operation(), detail.take(), path);
        if (other.isEmpty()) {
          return;
        }
        fault = other;
      } else if (detail.into().equals(first)) {
        String rest = path.text().substring(first.length());
        String root = detail.take().text();
        if (rest.startsWith("[]")) { // what is taken is a list
          root += "[]";
          rest = rest.substring(2);
        }
        ServiceModel model = models.apply(detail.sdk());
        Member taken = Path.parse(root).in(model, operation(model, detail.operation()).output());
        if (rest.isEmpty() || taken.kind() == Member.Kind.MAP) {
          return;
        }
        Optional<String> other =
            fault(
                detail.sdk(),
                detail.operation(),
                Path.parse(root),
                Path.parse(rest.startsWith(".") ? rest.substring(1) : rest));
        if (other.isEmpty()) {
          return;
        }
        fault = other;
      }
    }
    throw new IllegalArgumentException(
        fault.orElse(path + ": neither the item nor its details have it"));
  }

  private Optional<String> fault(String sdk, String operation, Path root, Path path) {
    try {
      ServiceModel model = models.apply(sdk);
      Member item = root.in(model, operation(model, operation).output());
      if (item.kind() == Member.Kind.SDK_POJO) {
        path.in(model, model.shape(item.structure()));
      } else if (item.kind() != Member.Kind.MAP && item.kind() != Member.Kind.DOCUMENT) {
        return Optional.of(path + ": " + root + " is a " + item.kind());
      }
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
