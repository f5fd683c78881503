package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.serve.Questions;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  @Test
  void theServersQuestionsAreThoseOfAsk(@TempDir Path directory) {
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(
          Samples.resource(Samples.scope("ec2", "eu-west-1", "volume"), "vol-1", "{}"), List.of());
      writer.flush();
    }
    Questions questions = ServeCommand.questions(store);
    assertThat(questions.ask("how many volumes are there", Optional.of(Samples.ACCOUNT)))
        .isInstanceOfSatisfying(
            Understanding.Understood.class,
            yes -> {
              assertThat(yes.sentence()).isNotEmpty();
              assertThat(
                      new QueryRunner(store)
                          .run(yes.sql(), yes.values(), Limits.DEFAULT)
                          .rows()
                          .getFirst())
                  .contains(1L);
            });
    assertThat(questions.ask("how many frobnicators", Optional.empty()))
        .isInstanceOfSatisfying(
            Understanding.Not.class, no -> assertThat(no.why()).contains("frobnicators"));
  }
}
