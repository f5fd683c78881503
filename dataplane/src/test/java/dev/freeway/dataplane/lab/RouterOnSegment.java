package dev.freeway.dataplane.lab;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What tests of one router on the shared {@link Segment} begin with: a fresh one on {@code lb}. */
@ExtendWith(SharedSegment.class)
abstract class RouterOnSegment {
  @TempDir Path directory;
  Segment segment;
  Machine lb;
  Router router;

  @BeforeEach
  final void freshRouter(Segment shared) throws Exception {
    segment = shared;
    segment.clear();
    lb = segment.machine("lb");
    router = new Router(lb, directory);
  }
}
