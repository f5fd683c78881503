package dev.freeway.controlplane.aws;

import java.util.Optional;
import software.amazon.awssdk.core.protocol.MarshallLocation;
import software.amazon.awssdk.core.protocol.MarshallingType;

/**
 * A member of a {@link Shape}, or what a list or a map holds.
 *
 * @param name as the SDK's model has it, such as {@code Reservations}; empty of what a list holds
 * @param location where a request carries it
 * @param locationName its name in a request; empty when it has none of its own
 * @param unmarshallName its name in an answer; empty when that is the same
 * @param memberLocation the name of a list's elements or of a map's values
 * @param keyLocation the name of a map's keys
 * @param format of a time, one of the SDK's; empty for the protocol's own; {@link #SAID} of a text
 *     that says one
 * @param structure the shape of a structure; else empty
 * @param of what a list or a map holds
 */
public record Member(
    String name,
    Kind kind,
    Location location,
    String locationName,
    String unmarshallName,
    String memberLocation,
    String keyLocation,
    boolean flattened,
    String format,
    boolean required,
    boolean payload,
    boolean jsonValue,
    boolean xmlAttribute,
    String structure,
    Optional<Member> of) {

  /** Of a time that is read as text, in whatever form it came. */
  static final String SAID = "SAID";

  /** The same, with times as text. */
  Member timesAsText() {
    boolean time = kind == Kind.INSTANT;
    return new Member(
        name,
        time ? Kind.STRING : kind,
        location,
        locationName,
        unmarshallName,
        memberLocation,
        keyLocation,
        flattened,
        time ? SAID : format,
        required,
        payload,
        jsonValue,
        xmlAttribute,
        structure,
        of.map(Member::timesAsText));
  }

  /** The SDK's marshalling types. */
  public enum Kind {
    STRING,
    INTEGER,
    LONG,
    FLOAT,
    DOUBLE,
    BIG_DECIMAL,
    BOOLEAN,
    INSTANT,
    SDK_BYTES,
    SDK_POJO,
    LIST,
    MAP,
    SHORT,
    BYTE,
    DOCUMENT;

    MarshallingType<?> type() {
      return switch (this) {
        case STRING -> MarshallingType.STRING;
        case INTEGER -> MarshallingType.INTEGER;
        case LONG -> MarshallingType.LONG;
        case FLOAT -> MarshallingType.FLOAT;
        case DOUBLE -> MarshallingType.DOUBLE;
        case BIG_DECIMAL -> MarshallingType.BIG_DECIMAL;
        case BOOLEAN -> MarshallingType.BOOLEAN;
        case INSTANT -> MarshallingType.INSTANT;
        case SDK_BYTES -> MarshallingType.SDK_BYTES;
        case SDK_POJO -> MarshallingType.SDK_POJO;
        case LIST -> MarshallingType.LIST;
        case MAP -> MarshallingType.MAP;
        case SHORT -> MarshallingType.SHORT;
        case BYTE -> MarshallingType.BYTE;
        case DOCUMENT -> MarshallingType.DOCUMENT;
      };
    }
  }

  /** The SDK's marshalling locations. */
  public enum Location {
    PAYLOAD,
    QUERY_PARAM,
    HEADER,
    PATH,
    GREEDY_PATH,
    STATUS_CODE;

    MarshallLocation location() {
      return switch (this) {
        case PAYLOAD -> MarshallLocation.PAYLOAD;
        case QUERY_PARAM -> MarshallLocation.QUERY_PARAM;
        case HEADER -> MarshallLocation.HEADER;
        case PATH -> MarshallLocation.PATH;
        case GREEDY_PATH -> MarshallLocation.GREEDY_PATH;
        case STATUS_CODE -> MarshallLocation.STATUS_CODE;
      };
    }
  }
}
