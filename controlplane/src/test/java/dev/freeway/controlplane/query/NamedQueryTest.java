package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedQueryTest {
  @Test
  void awsMapsPlacesAreBoundAndSeeWhatIsCurrentAlone() {
    NamedQuery query =
        NamedQuery.parse(
            "mine",
            """
            -- description: Mine
            -- params: service, tag=Owner
            SELECT r.name FROM resources r WHERE {scan_filter_r} AND r.name LIKE '%{tag}%' AND r.id <> {tag}
            ORDER BY r.name""");
    assertThat(query.sql())
        .isEqualTo(
            """
            SELECT r.name FROM resources r WHERE (r.is_current = 1 AND (:account IS NULL OR r.account_id = :account)) AND r.name LIKE '%' || :tag || '%' AND r.id <> :tag AND (:service IS NULL OR service = :service)
            ORDER BY r.name""");
    assertThat(query.values(Map.of("account", "1")))
        .containsEntry("account", "1")
        .containsEntry("tag", "Owner")
        .containsEntry("service", null);
  }

  @Test
  void oneOfPeoplesOwnHidesTheBuiltInOfItsName(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("unused-volumes.sql"), "-- description: Mine\nSELECT 1");
    Files.writeString(directory.resolve("mine.sql"), "SELECT 2");
    Files.writeString(directory.resolve("notes.txt"), "SELECT 3");
    NamedQueries all = NamedQueries.load(List.of(directory, directory.resolve("none")));
    NamedQuery own = all.named("unused-volumes").orElseThrow();
    assertThat(own.description()).isEqualTo("Mine");
    assertThat(own.sql()).isEqualTo("SELECT 1");
    assertThat(all.named("mine")).isPresent();
    assertThat(all.named("notes")).isEmpty();
    assertThat(all.all()).hasSize(NamedQueries.load(List.of()).all().size() + 1);
  }
}
