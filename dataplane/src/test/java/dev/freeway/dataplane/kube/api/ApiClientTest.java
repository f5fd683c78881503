package dev.freeway.dataplane.kube.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiClientTest {
  @TempDir Path directory;

  @Test
  void whatIsAskedAfterTheEndFailsAsAnAnswerAndNotAsACall() throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
      ApiClient client =
          ApiClient.open(Optional.of(kubeconfig), "test", Runnable::run, System::nanoTime);
      client.close();
      assertThat(client.send("GET", "/api/v1/pods", "application/json", ""))
          .failsWithin(5, TimeUnit.SECONDS)
          .withThrowableThat()
          .havingRootCause()
          .withMessageContaining("closed");
    }
  }
}
