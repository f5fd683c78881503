package dev.freeway.dataplane.health.probe;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.RecordType;
import java.util.Optional;

/** Whatever bytes a backend answers with. */
class ProbeFuzzTest {
  private static final long INPUTS = 4_000_000;
  private static final int LENGTH = 512;
  private static final Question.Lookup A = new Question.Lookup("a.b", RecordType.A);
  private static final Question.Lookup AAAA = new Question.Lookup("a.b", RecordType.AAAA);

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void dns(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    // Header, the name, its type and class, and a record with its address.
    check(DnsMessage.wrong(A, data), data.length >= 12 + 9 + 11 + 4);
    check(DnsMessage.wrong(AAAA, data), data.length >= 12 + 9 + 11 + 16);
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void grpc(byte[] data) {
    if (data.length <= LENGTH) {
      check(GrpcReply.wrong(data), data.length >= 7);
    }
  }

  private static void check(Optional<String> wrong, boolean mayBeRight) {
    if (wrong.isPresent() ? wrong.get().isBlank() : !mayBeRight) {
      throw new AssertionError(wrong);
    }
  }
}
