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
 * @param format of a time, one of the SDK's; empty for the protocol's own
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

  /** The SDK's marshalling types. */
  public enum Kind {
    STRING(MarshallingType.STRING),
    INTEGER(MarshallingType.INTEGER),
    LONG(MarshallingType.LONG),
    FLOAT(MarshallingType.FLOAT),
    DOUBLE(MarshallingType.DOUBLE),
    BIG_DECIMAL(MarshallingType.BIG_DECIMAL),
    BOOLEAN(MarshallingType.BOOLEAN),
    INSTANT(MarshallingType.INSTANT),
    SDK_BYTES(MarshallingType.SDK_BYTES),
    SDK_POJO(MarshallingType.SDK_POJO),
    LIST(MarshallingType.LIST),
    MAP(MarshallingType.MAP),
    SHORT(MarshallingType.SHORT),
    BYTE(MarshallingType.BYTE),
    DOCUMENT(MarshallingType.DOCUMENT);

    private final MarshallingType<?> type;

    Kind(MarshallingType<?> type) {
      this.type = type;
    }

    MarshallingType<?> type() {
      return type;
    }
  }

  /** The SDK's marshalling locations. */
  public enum Location {
    PAYLOAD(MarshallLocation.PAYLOAD),
    QUERY_PARAM(MarshallLocation.QUERY_PARAM),
    HEADER(MarshallLocation.HEADER),
    PATH(MarshallLocation.PATH),
    GREEDY_PATH(MarshallLocation.GREEDY_PATH),
    STATUS_CODE(MarshallLocation.STATUS_CODE);

    private final MarshallLocation location;

    Location(MarshallLocation location) {
      this.location = location;
    }

    MarshallLocation location() {
      return location;
    }
  }
}
