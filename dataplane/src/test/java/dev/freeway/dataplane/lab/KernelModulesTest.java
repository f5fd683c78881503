package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stock kernel offers every scheduler and encapsulation, but twos: Debian's 6.1 lacks it. */
@Tag("kernel")
class KernelModulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ip_vs_rr",
        "ip_vs_wrr",
        "ip_vs_lc",
        "ip_vs_wlc",
        "ip_vs_lblc",
        "ip_vs_lblcr",
        "ip_vs_dh",
        "ip_vs_sh",
        "ip_vs_mh",
        "ip_vs_sed",
        "ip_vs_nq",
        "ip_vs_fo",
        "ip_vs_ovf",
        "ipip",
        "ip6_tunnel",
        "ip_gre",
        "ip6_gre",
        "fou",
        "fou6",
        "sctp",
        "veth",
        "nf_tables"
      })
  void theKernelOffers(String module) throws IOException, InterruptedException {
    Process modprobe = new ProcessBuilder("modprobe", module).redirectErrorStream(true).start();
    String output = new String(modprobe.getInputStream().readAllBytes(), UTF_8);
    assertThat(modprobe.waitFor()).as(output).isZero();
  }

  @Test
  void ipvsShowsItsTable() throws IOException, InterruptedException {
    theKernelOffers("ip_vs");
    assertThat(Files.readString(Path.of("/proc/net/ip_vs")))
        .startsWith("IP Virtual Server version");
  }
}
