package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.ProgramError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** How many lines a turn may write. */
final class RouterLogTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final RouterLog log;

  RouterLogTest() {
    PrintStream lines = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            lines,
            lines,
            InstantSource.fixed(Instant.EPOCH));
    console.configure(Level.INFO, false);
    log = new RouterLog(console, "the kernel");
  }

  private List<String> lines() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void manyRefusalsOfATurnAreCounted() {
    for (int i = 0; i < 1000; i++) {
      log.refused(new ProgramError("add service " + i, 12, "no memory", "memory"));
    }
    log.audited(1);
    log.audited(1);
    assertThat(lines()).hasSize(11).last().asString().contains("refusals 990");
    log.refused(new ProgramError("add service x", 12, "no memory", "memory"));
    log.audited(1);
    assertThat(lines()).hasSize(12).last().asString().contains("add service x");
  }

  @Test
  void manyChangesOfTheMachineAreCounted() {
    HostChange change =
        new HostChange(
            HostChange.Action.ADD, HostChange.Kind.ADDRESS, "", "10.0.0.1", "", "", "", "");
    log.hostChanged(Collections.nCopies(10, change));
    assertThat(lines()).hasSize(10);
    log.hostChanged(Collections.nCopies(11, change));
    assertThat(lines()).hasSize(11).last().asString().contains("add address=11");
  }

  @Test
  void thatTheKernelAnswersAgainIsToldOnce() {
    log.audited(1);
    log.kernelFailed(new NetlinkException("read", 105, ""), false);
    log.kernelFailed(new NetlinkException("read", 105, ""), true);
    log.audited(1);
    log.audited(1);
    assertThat(lines()).hasSize(2).last().asString().contains("the kernel answers again");
  }

  @Test
  void whatOthersNamedDoesNotWriteToTheTerminal() {
    log.found("a record says \033]0;owned\007");
    log.held("lost\nipvs-router: all is well \u202e");
    assertThat(lines())
        .containsExactly(
            "ipvs-router: warning: a record says \\u001b]0;owned\\u0007",
            "ipvs-router: warning: held (reason lost\\nipvs-router: all is well \\u202e)");
  }
}
