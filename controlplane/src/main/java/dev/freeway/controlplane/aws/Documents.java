package dev.freeway.controlplane.aws;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@link Structure}s to and from JSON: members by the model's names and in its order, times as ISO
 * 8601, bytes as base64; what an answer did not have is left out.
 */
final class Documents {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** In the year 2286: what is later was in milliseconds. */
  private static final long LAST = 10_000_000_000_000L;

  private Documents() {}

  static ObjectNode json(Structure structure) {
    ObjectNode node = NODES.objectNode();
    List<Member> members = structure.shape().members();
    for (int i = 0; i < members.size(); i++) {
      Object value = structure.get(i);
      if (value != null) {
        Member member = members.get(i);
        node.set(
            member.name(),
            value instanceof String text && member.format().equals(Member.SAID)
                ? NODES.stringNode(time(text))
                : json(value));
      }
    }
    return node;
  }

  /**
   * ISO 8601 of what is meant by a time, of seconds or a date without its zone; else as it came.
   */
  static String time(String said) {
    try {
      if (said.matches("\\d{1,13}(\\.\\d+)?([eE]\\d{1,2})?")) {
        BigDecimal seconds = new BigDecimal(said);
        long millis = seconds.movePointRight(3).longValue();
        return Instant.ofEpochMilli(millis > LAST ? millis / 1000 : millis).toString();
      }
      String dashed = said.strip().replaceFirst("^(\\d{4}-\\d{2}-\\d{2}) ", "$1T");
      return dashed.matches(".*([zZ]|[+-]\\d{2}:?\\d{2})$") || !dashed.contains("T")
          ? dashed
          : LocalDateTime.parse(dashed).toInstant(ZoneOffset.UTC).toString();
    } catch (DateTimeException _) {
      return said;
    }
  }

  private static JsonNode json(@Nullable Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case String text -> NODES.stringNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Short number -> NODES.numberNode(number);
      case Byte number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case BigDecimal number -> NODES.numberNode(number);
      case Instant time -> NODES.stringNode(time.toString());
      case SdkBytes bytes -> NODES.binaryNode(bytes.asByteArrayUnsafe());
      case Structure nested -> json(nested);
      case List<?> list -> {
        ArrayNode array = NODES.arrayNode(list.size());
        list.forEach(element -> array.add(json(element)));
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode node = NODES.objectNode();
        map.forEach((key, element) -> node.set(String.valueOf(key), json(element)));
        yield node;
      }
      case Document document -> json(said(document));
      default -> throw new IllegalStateException("a value of " + value.getClass());
    };
  }

  /** What a document says; its own unwrap gives numbers as text. */
  private static @Nullable Object said(Document document) {
    if (document.isNumber()) {
      return document.asNumber().bigDecimalValue();
    }
    return document.isMap()
        ? document.asMap()
        : document.isList() ? document.asList() : document.unwrap();
  }

  /**
   * A request.
   *
   * @param values by member: strings, numbers, booleans, and lists and maps of them
   * @throws IllegalArgumentException when the shape has no such member, or it is of another kind
   */
  static Structure structure(Shape shape, Function<String, Shape> shapes, Map<String, ?> values) {
    Structure structure = new Structure(shape, shapes);
    values.forEach(
        (name, value) -> {
          Member member = shape.member(name);
          if (member == null) {
            throw new IllegalArgumentException(
                shape.name() + " has no member " + name + "; it has " + names(shape));
          }
          structure.set(shape.index(name), value(shape, name, member, shapes, value));
        });
    return structure;
  }

  private static List<String> names(Shape shape) {
    return shape.members().stream().map(Member::name).toList();
  }

  private static Object value(
      Shape shape, String name, Member member, Function<String, Shape> shapes, Object value) {
    return switch (member.kind()) {
      case STRING -> String.valueOf(value);
      case BOOLEAN -> Boolean.valueOf(String.valueOf(value));
      case INTEGER -> Integer.valueOf(String.valueOf(value));
      case LONG -> Long.valueOf(String.valueOf(value));
      case DOUBLE -> Double.valueOf(String.valueOf(value));
      case FLOAT -> Float.valueOf(String.valueOf(value));
      case INSTANT -> Instant.parse(String.valueOf(value));
      case LIST -> {
        Member of = member.of().orElseThrow();
        List<Object> list = new ArrayList<>();
        for (Object element : value instanceof List<?> elements ? elements : List.of(value)) {
          list.add(value(shape, name, of, shapes, element));
        }
        yield list;
      }
      case MAP -> {
        Member of = member.of().orElseThrow();
        Map<String, Object> map = new LinkedHashMap<>();
        asMap(shape, name, value)
            .forEach((key, element) -> map.put(key, value(shape, name, of, shapes, element)));
        yield map;
      }
      case SDK_POJO ->
          structure(shapes.apply(member.structure()), shapes, asMap(shape, name, value));
      case BIG_DECIMAL, SDK_BYTES, SHORT, BYTE, DOCUMENT ->
          throw new IllegalArgumentException(
              shape.name() + "." + name + ": a request cannot give a " + member.kind());
    };
  }

  @SuppressWarnings("unchecked") // a request's maps come from a catalogue, with strings as keys
  private static Map<String, Object> asMap(Shape shape, String name, Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new IllegalArgumentException(
        shape.name() + "." + name + ": " + value + " where a map has to be");
  }
}
