package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds what a request asks for: the service by what it was signed for, the operation by its
 * target, its action or its path. Services that share a name and an action, as rds, docdb and
 * neptune do, cannot be told apart, as with AWS.
 */
final class Services {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern CREDENTIAL =
      Pattern.compile("Credential=([^/,]+)/\\d{8}/([^/,]+)/([^/,]+)/aws4_request");
  private static final Pattern PLACE = Pattern.compile("\\{([^}+]+)(\\+?)}");
  private static final String USUAL_ACCOUNT = "123456789012";

  /** Who signed a request, and for what. */
  record Signed(String key, String account, String region, String service) {}

  /**
   * An operation that is found by method and path.
   *
   * @param places names of members in the path, in order
   * @param query what the query has to have
   */
  private record Route(
      ServiceModel model,
      Operation operation,
      Pattern path,
      List<String> places,
      Map<String, String> query,
      int literals) {}

  private record Call(ServiceModel model, Operation operation) {}

  private final Map<String, List<Call>> targets = new HashMap<>();
  private final Map<String, List<Route>> routes = new HashMap<>();

  Services(Collection<ServiceModel> models) {
    for (ServiceModel model : models) {
      for (Operation operation : model.operations().values()) {
        for (String service : signed(model)) {
          switch (model.protocol()) {
            case JSON, CBOR, QUERY, EC2 ->
                targets
                    .computeIfAbsent(
                        service + "\n" + operation.identifier(), _ -> new ArrayList<>())
                    .add(new Call(model, operation));
            case REST_JSON, REST_XML ->
                routes
                    .computeIfAbsent(service + "\n" + operation.method(), _ -> new ArrayList<>())
                    .add(route(model, operation));
          }
        }
      }
    }
    routes
        .values()
        .forEach(
            some ->
                some.sort(
                    Comparator.comparingInt((Route route) -> route.query.size())
                        .thenComparingInt(Route::literals)
                        .reversed()));
  }

  /** The names that a service's requests are signed for. */
  private static List<String> signed(ServiceModel model) {
    List<String> names = new ArrayList<>(List.of(model.signingName()));
    for (String endpoint : model.endpoints().values()) {
      int space = endpoint.indexOf(' ');
      if (space >= 0) {
        String name = endpoint.substring(space + 1).replaceFirst("/.*", "");
        if (!name.isEmpty() && !names.contains(name)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  private static Route route(ServiceModel model, Operation operation) {
    String uri = operation.uri();
    int question = uri.indexOf('?');
    String path = question < 0 ? uri : uri.substring(0, question);
    List<String> places = new ArrayList<>();
    StringBuilder pattern = new StringBuilder();
    Matcher place = PLACE.matcher(path);
    int at = 0;
    while (place.find()) {
      pattern.append(Pattern.quote(path.substring(at, place.start())));
      pattern.append(place.group(2).isEmpty() ? "([^/]+)" : "(.+)");
      places.add(place.group(1));
      at = place.end();
    }
    String rest = path.substring(at);
    pattern.append(Pattern.quote(rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest));
    pattern.append("/?");
    return new Route(
        model,
        operation,
        Pattern.compile(pattern.toString()),
        places,
        question < 0 ? Map.of() : HttpRequest.form(uri.substring(question + 1)),
        path.length());
  }

  /** Who signed a request; empty when nobody did. */
  static Optional<Signed> signed(HttpRequest request) {
    Matcher credential = CREDENTIAL.matcher(request.header("authorization"));
    if (!credential.find()) {
      return Optional.empty();
    }
    String key = credential.group(1);
    return Optional.of(
        new Signed(
            key,
            key.matches(".*\\d{12}") ? key.substring(key.length() - 12) : USUAL_ACCOUNT,
            credential.group(2),
            credential.group(3)));
  }

  /** What a request may ask for; several where services cannot be told apart. */
  List<Asked> asked(HttpRequest request, Signed signed) {
    String target = request.header("x-amz-target");
    String key =
        signed.region
            + " "
            + signed.service
            + " "
            + target
            + " "
            + request.target()
            + " "
            + request.text();
    if (!target.isEmpty()) {
      ObjectNode body = json(request);
      return targets.getOrDefault(signed.service + "\n" + target, List.of()).stream()
          .map(call -> asked(signed, call, named(call.operation, body), key))
          .toList();
    }
    if (request.header("content-type").startsWith("application/x-www-form-urlencoded")) {
      Map<String, String> form = HttpRequest.form(request.text());
      String version = form.getOrDefault("Version", "");
      return targets
          .getOrDefault(signed.service + "\n" + form.getOrDefault("Action", ""), List.of())
          .stream()
          .filter(call -> call.model.apiVersion().equals(version))
          .map(call -> asked(signed, call, form(call.operation, form), key))
          .toList();
    }
    List<Asked> found = new ArrayList<>();
    Map<String, String> query = request.query();
    String shape = "";
    for (Route route : routes.getOrDefault(signed.service + "\n" + request.method(), List.of())) {
      Matcher path = route.path.matcher(request.path());
      if (path.matches()
          && query.entrySet().containsAll(route.query.entrySet())
          && (found.isEmpty() || shape.equals(route.operation.uri()))) {
        shape = route.operation.uri();
        found.add(
            asked(
                signed,
                new Call(route.model, route.operation),
                rest(route, path, query, request),
                key));
      }
    }
    return found;
  }

  private static Asked asked(Signed signed, Call call, ObjectNode input, String key) {
    return new Asked(signed.account, signed.region, call.model, call.operation, input, key);
  }

  private static ObjectNode json(HttpRequest request) {
    try {
      return request.body().length == 0
          ? JsonNodeFactory.instance.objectNode()
          : JSON.readTree(request.body()).asObject();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no JSON: " + request.text(), e);
    }
  }

  /** A body's members by the model's names. */
  private static ObjectNode named(Operation operation, ObjectNode body) {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    for (Member member : operation.input().members()) {
      JsonNode value = body.path(member.locationName());
      if (!value.isMissingNode()) {
        input.set(member.name(), value);
      }
    }
    return input;
  }

  private static ObjectNode form(Operation operation, Map<String, String> form) {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    for (Member member : operation.input().members()) {
      String name = member.locationName();
      String value = form.get(name);
      if (value != null) {
        input.put(member.name(), value);
      } else if (member.kind() == Member.Kind.LIST) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (String prefix :
            new TreeSet<>(
                List.of(
                    name + ".", name + ".member.", name + "." + member.memberLocation() + "."))) {
          for (int i = 1; form.containsKey(prefix + i); i++) {
            list.add(form.get(prefix + i));
          }
        }
        if (!list.isEmpty()) {
          input.set(member.name(), list);
        }
      }
    }
    return input;
  }

  private static ObjectNode rest(
      Route route, Matcher path, Map<String, String> query, HttpRequest request) {
    boolean body =
        route.model.protocol() == ServiceModel.Protocol.REST_JSON && request.body().length > 0;
    ObjectNode input =
        body ? named(route.operation, json(request)) : JsonNodeFactory.instance.objectNode();
    for (Member member : route.operation.input().members()) {
      String name = member.locationName();
      int place = route.places.indexOf(name);
      switch (member.location()) {
        case PATH, GREEDY_PATH -> {
          if (place >= 0) {
            input.put(member.name(), HttpRequest.decoded(path.group(place + 1)));
          }
        }
        case QUERY_PARAM -> {
          if (query.containsKey(name)) {
            input.put(member.name(), query.get(name));
          }
        }
        case HEADER -> {
          String value = request.header(name.toLowerCase(java.util.Locale.ROOT));
          if (!value.isEmpty()) {
            input.put(member.name(), value);
          }
        }
        case PAYLOAD, STATUS_CODE -> {}
      }
    }
    return input;
  }
}
