package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoutersTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.1.0.100");

  private static Routers.Router on(boolean leaving, String... segments) {
    TreeSet<Segment> parsed = new TreeSet<>();
    List.of(segments).forEach(text -> parsed.add(Segment.parse(text)));
    return new Routers.Router(new Offer(parsed), leaving);
  }

  private static Routers routers(Map<String, Routers.Router> alive) {
    return new Routers("a", new TreeMap<>(alive), true);
  }

  @Test
  void addressesAreSpreadAndARouterThatEndsMovesOnlyItsOwn() {
    SortedMap<String, Routers.Router> three = new TreeMap<>();
    for (String name : List.of("a", "b", "c")) {
      three.put(name, on(false, "10.0.0.0/8@02:00:00:00:00:01"));
    }
    SortedMap<String, Routers.Router> two = new TreeMap<>(three);
    two.remove("b");
    Map<String, Integer> shares = new HashMap<>();
    IpAddress address = IpAddress.parse("10.1.0.1");
    for (int i = 0; i < 3000; i++, address = address.next()) {
      String before = routers(three).elected(address).orElseThrow();
      shares.merge(before, 1, Integer::sum);
      if (!before.equals("b")) {
        assertThat(routers(two).elected(address)).contains(before);
      }
    }
    assertThat(shares.values()).hasSize(3).allMatch(share -> share > 800 && share < 1200);
  }

  @Test
  void onlyARouterOnTheAddressesNetworkIsElected() {
    Routers some =
        routers(
            Map.of(
                "a", on(false, "10.2.0.0/24@02:00:00:00:00:0a"),
                "b", on(false, "10.1.0.0/24@02:00:00:00:00:0b", "fd00:1::/64@02:00:00:00:00:0b")));
    assertThat(some.elected(ADDRESS)).contains("b");
    assertThat(some.elected(IpAddress.parse("fd00:1::100"))).contains("b");
    assertThat(some.elected(IpAddress.parse("10.3.0.1"))).isEmpty();
    assertThat(some.othersHardware()).containsExactly("02:00:00:00:00:0b");
  }

  @Test
  void oneThatIsLeavingAnswersOnlyWhereNoOtherCan() {
    String segment = "10.1.0.0/24@02:00:00:00:00:0a";
    assertThat(routers(Map.of("a", on(true, segment), "b", on(false, segment))).elected(ADDRESS))
        .contains("b");
    assertThat(
            routers(Map.of("a", on(true, segment), "b", on(false, "10.2.0.0/24@02:00:00:00:00:0b")))
                .elected(ADDRESS))
        .contains("a");
  }

  @Test
  void oneThatCannotServeTheAddressAnswersOnlyWhereNoOtherCan() {
    Offer able = Offer.NONE.with("10.1.0.0/24@02:00:00:00:00:0a");
    Offer unable = able.with("-" + ADDRESS);
    Routers.Router leaving = new Routers.Router(able, true);
    Routers.Router refusing = new Routers.Router(unable, false);
    for (String name : List.of("a", "b")) {
      String other = name.equals("a") ? "b" : "a";
      assertThat(routers(Map.of(name, refusing, other, leaving)).elected(ADDRESS))
          .as("better one that leaves than one that cannot")
          .contains(other);
      assertThat(routers(Map.of(name, refusing, other, refusing)).elected(ADDRESS)).isPresent();
    }
    assertThat(routers(Map.of("a", refusing)).elected(IpAddress.parse("10.1.0.101"))).contains("a");
  }

  @Test
  void anOfferIsReadAsItIsWritten() {
    Offer offer = Offer.NONE;
    String text =
        "10.1.0.0/24@02:00:0a:01:00:02 fd00:1::/64@02:00:0a:01:00:02 -10.1.0.9 -fd00:1::9";
    for (String word : text.split(" ", -1)) {
      offer = offer.with(word);
    }
    assertThat(offer).hasToString(text);
    assertThat(Offer.NONE.with("-10.1.0.9"))
        .as("who answers nowhere offers nothing")
        .hasToString("");
    for (String word : List.of("", "-", "-10.1.0", "10.1.0.9")) {
      assertThatThrownBy(() -> Offer.NONE.with(word))
          .as(word)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aSegmentIsReadAsItIsWritten() {
    for (String text : List.of("10.1.0.0/24@02:00:0a:01:00:02", "fd00:1::/64@02:00:0a:01:00:02")) {
      assertThat(Segment.parse(text)).hasToString(text);
    }
    for (String text :
        List.of("10.1.0.0/24", "10.1.0.1/24@02:00:0a:01:00:02", "10.1.0.0/24@02:00", "@")) {
      assertThatThrownBy(() -> Segment.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
