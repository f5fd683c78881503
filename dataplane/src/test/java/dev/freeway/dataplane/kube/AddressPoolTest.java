package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPoolTest {
  private static final AddressPool.Assignment NOTHING =
      new AddressPool.Assignment(List.of(), List.of());

  private final AddressPool pool =
      new AddressPool(List.of(Prefix.parse("10.9.0.0/30"), Prefix.parse("fd00::/126")));

  private static List<IpAddress> addresses(String... texts) {
    return Arrays.stream(texts).map(IpAddress::parse).toList();
  }

  private static AddressClaim claim(
      String owner, int second, List<IpAddress> requested, List<IpAddress> recorded) {
    return new AddressClaim(
        owner, Instant.ofEpochSecond(second), List.of(Family.IPV4), requested, recorded);
  }

  private static AddressClaim any(String owner, int second, String... recorded) {
    return claim(owner, second, List.of(), addresses(recorded));
  }

  private Map<String, String> assign(AddressClaim... claims) {
    Map<String, String> words = new HashMap<>();
    pool.assign(List.of(claims))
        .forEach(
            (owner, got) ->
                words.put(
                    owner, got.addresses() + (got.problems().isEmpty() ? "" : " with problems")));
    return words;
  }

  @Test
  void theOlderServiceGetsTheLowerAddress() {
    assertThat(assign(any("b", 2), any("a", 3), any("c", 1)))
        .isEqualTo(Map.of("c", "[10.9.0.0]", "b", "[10.9.0.1]", "a", "[10.9.0.2]"));
  }

  @Test
  void whatTheStatusSaysStaysAlsoOutsideOfThePool() {
    assertThat(assign(any("a", 1), any("b", 2, "10.9.0.0"), any("c", 3, "192.0.2.1")))
        .isEqualTo(Map.of("a", "[10.9.0.1]", "b", "[10.9.0.0]", "c", "[192.0.2.1]"));
  }

  @Test
  void ofTwoThatSayTheSameTheOlderKeepsItAndTheOtherGetsAnother() {
    assertThat(assign(any("a", 5, "10.9.0.3"), any("b", 4, "10.9.0.3")))
        .isEqualTo(Map.of("a", "[10.9.0.0]", "b", "[10.9.0.3]"));
  }

  @Test
  void anAddressThatAnotherHasIsNotGivenToWhoAsksForIt() {
    assertThat(
            assign(
                any("a", 5, "10.9.0.3"),
                claim("b", 1, addresses("10.9.0.3"), addresses("10.9.0.1"))))
        .isEqualTo(Map.of("a", "[10.9.0.3]", "b", "[10.9.0.1] with problems"));
  }

  @Test
  void whoAsksAndGetsGivesBackWhatItHad() {
    assertThat(
            assign(
                claim("a", 1, addresses("10.9.0.2"), addresses("10.9.0.0")),
                any("b", 2, "10.9.0.1"),
                any("c", 3)))
        .isEqualTo(Map.of("a", "[10.9.0.2]", "b", "[10.9.0.1]", "c", "[10.9.0.0]"));
  }

  @Test
  void severalMayAskForTheSameByName() {
    assertThat(
            assign(
                claim("a", 1, addresses("10.9.0.2"), List.of()),
                claim("b", 2, addresses("10.9.0.2"), List.of()),
                any("c", 3)))
        .isEqualTo(Map.of("a", "[10.9.0.2]", "b", "[10.9.0.2]", "c", "[10.9.0.0]"));
  }

  @Test
  void aPoolOfAnotherFamilyIsNone() {
    AddressPool four = new AddressPool(List.of(Prefix.parse("10.9.0.0/30")));
    AddressPool.Assignment got =
        four.assign(
                List.of(
                    new AddressClaim(
                        "a", Instant.EPOCH, List.of(Family.IPV6), List.of(), List.of())))
            .getOrDefault("a", NOTHING);
    assertThat(got.addresses()).isEmpty();
    assertThat(got.problems())
        .containsExactly(
            new AddressPool.Problem(
                "spec.ipFamilies", "IPv6", "a pool of IPv6 addresses: there is 10.9.0.0/30"));
  }

  /** Routers see Services in any order, and one another's records. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyRouterComesToTheSameAndWhatIsRecordedIsFinal(long seed) {
    Random random = new Random(seed);
    List<AddressClaim> claims = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String[] recorded =
          random.nextBoolean() ? new String[] {"10.9.0." + random.nextInt(5)} : new String[0];
      List<IpAddress> requested =
          random.nextInt(3) == 0 ? addresses("10.9.0." + random.nextInt(4)) : List.of();
      claims.add(claim("s" + i, random.nextInt(3), requested, addresses(recorded)));
    }
    Map<String, AddressPool.Assignment> first = pool.assign(claims);
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(claims, random);
      assertThat(pool.assign(claims)).isEqualTo(first);
    }
    List<AddressClaim> recorded =
        claims.stream()
            .map(
                one ->
                    new AddressClaim(
                        one.owner(),
                        one.created(),
                        one.families(),
                        one.requested(),
                        first.getOrDefault(one.owner(), NOTHING).addresses()))
            .toList();
    Map<String, AddressPool.Assignment> second = pool.assign(recorded);
    for (AddressClaim one : recorded) {
      assertThat(second.getOrDefault(one.owner(), NOTHING).addresses()).isEqualTo(one.recorded());
    }
  }
}
