package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Holds the models that are built in against the SDK's own clients, which are 300 MB: {@code mvn
 * -Psdk} brings them. With {@code -Dfreeway.models=write} it writes the models anew: after an
 * operation was added to the catalogue, or for a newer SDK.
 */
@Tag("sdk")
class BuiltInModelsTest {
  private static final Path DIRECTORY =
      Path.of("src/main/resources/dev/freeway/controlplane/aws/models");

  /** What Freeway calls besides the catalogue's lists. */
  private static final Map<String, Set<String>> OWN =
      Map.of(
          "sts", Set.of("AssumeRole", "GetCallerIdentity", "GetSessionToken"),
          "ec2", Set.of("DescribeRegions"),
          "iam", Set.of("ListAccountAliases"),
          "organizations",
              Set.of(
                  "DescribeOrganization",
                  "ListAccounts",
                  "ListAccountsForParent",
                  "ListOrganizationalUnitsForParent",
                  "ListRoots"),
          "resourcegroupstaggingapi", Set.of("GetResources"));

  @Test
  void builtInModelsAreTheSdksOwn() throws IOException {
    Map<String, Set<String>> wanted = new TreeMap<>();
    OWN.forEach((module, names) -> wanted.put(module, new TreeSet<>(names)));
    for (ResourceType type : Catalog.builtIn().types()) {
      wanted.computeIfAbsent(type.sdk(), _ -> new TreeSet<>()).add(type.operation());
      for (Detail detail : type.details()) {
        wanted.computeIfAbsent(detail.sdk(), _ -> new TreeSet<>()).add(detail.operation());
      }
    }
    boolean write = System.getProperty("freeway.models", "").equals("write");
    Set<String> files = new TreeSet<>();
    for (Map.Entry<String, Set<String>> entry : wanted.entrySet()) {
      String text =
          ModelFile.write(
              SdkModels.read(entry.getKey(), jar(entry.getKey()), entry.getValue()::contains));
      Path file = DIRECTORY.resolve(entry.getKey() + ".json");
      files.add(entry.getKey() + ".json");
      if (write) {
        Files.createDirectories(DIRECTORY);
        Files.writeString(file, text);
      }
      assertThat(file).hasContent(text);
      assertThat(ModelFile.write(ModelFile.read(ModelFile.JSON.readTree(text)))).isEqualTo(text);
    }
    try (Stream<Path> there = Files.list(DIRECTORY)) {
      assertThat(there.map(file -> String.valueOf(file.getFileName()))).containsAll(files);
    }
  }

  private static Path jar(String module) {
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      if (entry.matches(".*/awssdk/" + module + "/[^/]+/" + module + "-[0-9.]+\\.jar")) {
        return Path.of(entry);
      }
    }
    throw new IllegalStateException(
        "the SDK's module " + module + " is not among the dependencies of the profile sdk");
  }
}
