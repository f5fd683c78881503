package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UsageTest {
  @Test
  void helpListsTheOptionsInOneOrderWithTheirDefaults() {
    assertThat(Usage.of(Verb.SHOW))
        .isEqualTo(
            """
            Usage: ipvs-router show [OPTION]...
            Services and destinations in the kernel, with weights, connections and rates.
              -h, --help             show this help message and exit
              -V, --version          print version information and exit
                  --state-dir=DIR    where the record of what is ours is kept. Default: /var/lib/freeway
                  --addresses=CIDR   addresses that are ours alone, a prefix or a range such as
                                       10.0.0.8-10.0.0.15: every service on them is managed, and Kubernetes
                                       Services get theirs from them. Repeatable.
              -o, --output=FORMAT    table, wide or json. Default: table
                  --log-level=LEVEL  error, warning, info or debug; logs go to stderr. Default: info
            """);
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void noLineIsWiderThanATerminal(Verb verb) {
    assertThat(Usage.of(verb).lines()).allMatch(line -> line.length() <= 100);
    assertThat(Usage.ofTheProgram()).contains("  " + verb.command() + " ");
    assertThat(Usage.ofTheProgram().lines()).allMatch(line -> line.length() <= 100);
  }
}
