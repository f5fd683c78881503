package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.netlink.EmptyKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher records its class cache from. */
@Timeout(60)
class RehearsalTest {
  @TempDir private Path directory;

  @Test
  void everyCommandReachesTheKernelAndRunIsReady() throws Exception {
    KernelModel kernel = new KernelModel(1);
    Rehearsal.on(directory, kernel::open);
    try (Ipvs ipvs = Ipvs.open(kernel.open())) {
      List<ObservedService> table = ipvs.dump();
      assertThat(table).hasSize(1);
      assertThat(table.getFirst().destinations()).hasSize(3);
    }
  }

  @Test
  void withoutAKernelItEndsAndLeavesFilesInItsDirectoryOnly() throws Exception {
    Rehearsal.on(directory, EmptyKernel::new);
    try (Stream<Path> files = Files.list(directory.resolve("state"))) {
      assertThat(files).isNotEmpty();
    }
  }
}
