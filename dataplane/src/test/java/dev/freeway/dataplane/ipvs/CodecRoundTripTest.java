package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Written and read again, every value is itself; a failure names the seed. */
class CodecRoundTripTest {
  private static final int VALUES = 5_000;
  private static final List<String> SCHEDULERS =
      List.of(
          "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void services(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < VALUES; i++) {
      VirtualService service = service(random);
      ListedService read = IpvsDecoder.service(Encoded.payload(new Command.AddService(service)));
      assertThat(read.value().value()).as("seed %d, value %d", seed, i).contains(service);
      assertThat(read.identity())
          .isEqualTo(
              new ServiceIdentity(
                  service.key().address().family(),
                  0,
                  service.key().protocol().number(),
                  service.key().address(),
                  service.key().port()));
      assertThat(Encoded.payload(new Command.SetService(service)).slice(4, read(service)))
          .as("a change says all that an addition says, seed %d, value %d", seed, i)
          .isEqualTo(Encoded.payload(new Command.AddService(service)).slice(4, read(service)));
    }
  }

  private static int read(VirtualService service) {
    return Encoded.payload(new Command.AddService(service)).remaining() - 4;
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8})
  void destinations(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < VALUES; i++) {
      ServiceKey of = service(random).key();
      Destination destination = destination(random);
      for (Command command :
          List.of(
              new Command.AddDestination(of, destination),
              new Command.SetDestination(of, destination))) {
        assertThat(IpvsDecoder.destination(of.address().family(), Encoded.payload(command)).value())
            .as("seed %d, value %d", seed, i)
            .isEqualTo(destination);
        assertThat(IpvsDecoder.service(Encoded.payload(command)).identity().address())
            .isEqualTo(of.address());
      }
    }
  }

  private static VirtualService service(SplittableRandom random) {
    IpAddress address = address(random);
    Protocol[] protocols = Protocol.values();
    return new VirtualService(
        new ServiceKey(
            protocols[random.nextInt(protocols.length)], address, random.nextInt(0, 65536)),
        new Scheduler(
            SCHEDULERS.get(random.nextInt(SCHEDULERS.size())),
            random.nextBoolean(),
            random.nextBoolean()),
        random.nextBoolean() ? 0 : random.nextInt(1, Integer.MAX_VALUE),
        random.nextInt(0, address.family().bits() + 1),
        random.nextBoolean());
  }

  private static Destination destination(SplittableRandom random) {
    DestinationKey key = new DestinationKey(address(random), random.nextInt(0, 65536));
    Forwarding[] forwardings = Forwarding.values();
    Forwarding forwarding = forwardings[random.nextInt(forwardings.length)];
    int upper = random.nextBoolean() ? 0 : random.nextInt(0, Integer.MAX_VALUE);
    return new Destination(
        key,
        forwarding,
        forwarding == Forwarding.TUNNEL ? encapsulation(random) : Encapsulation.IPIP,
        random.nextInt(0, 4) == 0 ? 0 : random.nextInt(0, Integer.MAX_VALUE),
        upper,
        random.nextInt(0, upper + 1));
  }

  private static Encapsulation encapsulation(SplittableRandom random) {
    boolean checksum = random.nextBoolean();
    return switch (random.nextInt(3)) {
      case 0 -> Encapsulation.IPIP;
      case 1 ->
          new Encapsulation.Gue(
              random.nextInt(1, 65536), checksum, !checksum && random.nextBoolean());
      default -> new Encapsulation.Gre(checksum);
    };
  }

  private static IpAddress address(SplittableRandom random) {
    return random.nextBoolean()
        ? new IpAddress(Family.IPV4, 0, random.nextLong(1L << 32))
        : new IpAddress(Family.IPV6, random.nextLong(), random.nextLong());
  }
}
