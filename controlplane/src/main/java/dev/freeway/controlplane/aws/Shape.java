package dev.freeway.controlplane.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.JsonValueTrait;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.LocationTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.traits.PayloadTrait;
import software.amazon.awssdk.core.traits.RequiredTrait;
import software.amazon.awssdk.core.traits.TimestampFormatTrait;
import software.amazon.awssdk.core.traits.Trait;
import software.amazon.awssdk.core.traits.XmlAttributeTrait;

/** A structure of a service's model: members in the model's order. */
public final class Shape {
  private final String name;
  private final List<Member> members;
  private final Map<String, Integer> indexes;
  private volatile @Nullable List<SdkField<?>> fields;

  Shape(String name, List<Member> members) {
    this.name = name;
    this.members = List.copyOf(members);
    this.indexes = HashMap.newHashMap(members.size());
    for (int i = 0; i < members.size(); i++) {
      indexes.put(members.get(i).name(), i);
    }
  }

  /** Such as {@code Instance}. */
  public String name() {
    return name;
  }

  /** In the model's order. */
  public List<Member> members() {
    return members;
  }

  /** A member by its name, or null when there is none. */
  public @Nullable Member member(String member) {
    Integer index = indexes.get(member);
    return index == null ? null : members.get(index);
  }

  /** The same, with times as text. */
  Shape timesAsText() {
    return new Shape(name, members.stream().map(Member::timesAsText).toList());
  }

  int index(String member) {
    return indexes.getOrDefault(member, -1);
  }

  /** The members as the SDK's marshallers want them: they read and write {@link Structure}s. */
  List<SdkField<?>> fields(Function<String, Shape> shapes) {
    List<SdkField<?>> made = fields;
    if (made == null) {
      made = new ArrayList<>(members.size());
      for (int i = 0; i < members.size(); i++) {
        made.add(field(members.get(i), i, shapes));
      }
      made = List.copyOf(made);
      fields = made;
    }
    return made;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a member's type is known only when it runs
  private static SdkField<?> field(Member member, int index, Function<String, Shape> shapes) {
    SdkField.Builder builder = SdkField.builder((MarshallingType) member.kind().type());
    builder.memberName(member.name().isEmpty() ? null : member.name());
    builder.getter(object -> ((Structured) object).structure().get(index));
    builder.setter((object, value) -> ((Structured) object).structure().set(index, value));
    if (member.kind() == Member.Kind.SDK_POJO) {
      builder.constructor(() -> new Structure(shapes.apply(member.structure()), shapes));
    }
    builder.traits(traits(member, shapes));
    return builder.build();
  }

  private static Trait[] traits(Member member, Function<String, Shape> shapes) {
    List<Trait> traits = new ArrayList<>();
    String location = member.locationName();
    traits.add(
        LocationTrait.builder()
            .location(member.location().location())
            .locationName(location)
            .unmarshallLocationName(
                member.unmarshallName().isEmpty() ? location : member.unmarshallName())
            .build());
    if (!member.format().isEmpty() && member.kind() == Member.Kind.INSTANT) {
      traits.add(TimestampFormatTrait.create(TimestampFormatTrait.Format.valueOf(member.format())));
    }
    member
        .of()
        .ifPresent(
            of -> {
              String held = member.memberLocation();
              if (member.kind() == Member.Kind.LIST) {
                traits.add(
                    ListTrait.builder()
                        .memberLocationName(held.isEmpty() ? null : held)
                        .memberFieldInfo(field(of, 0, shapes))
                        .isFlattened(member.flattened())
                        .build());
              } else {
                traits.add(
                    MapTrait.builder()
                        .keyLocationName(member.keyLocation())
                        .valueLocationName(held)
                        .valueFieldInfo(field(of, 0, shapes))
                        .isFlattened(member.flattened())
                        .build());
              }
            });
    if (member.required()) {
      traits.add(RequiredTrait.create());
    }
    if (member.payload()) {
      traits.add(PayloadTrait.create());
    }
    if (member.jsonValue()) {
      traits.add(JsonValueTrait.create());
    }
    if (member.xmlAttribute()) {
      traits.add(XmlAttributeTrait.create());
    }
    return traits.toArray(Trait[]::new);
  }

  @Override
  public String toString() {
    return name + members;
  }
}
