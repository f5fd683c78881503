package dev.freeway.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The package graph: who may not see whom, and why. */
class PackagesTest {
  private static final String ROOT = "dev.freeway.controlplane.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.freeway.controlplane");

  /**
   * What a package must not see.
   *
   * @param why ends the message when the rule is broken
   */
  record Blind(String name, List<String> others, String why) {
    @Override
    public String toString() {
      return name + " does not see " + String.join(", ", others);
    }
  }

  static Stream<Blind> graph() {
    return Stream.of(
        new Blind(
            "inventory",
            List.of("aws", "catalog", "collect", "store", "query", "output", "ask"),
            "it is values only"),
        new Blind(
            "store",
            List.of("aws", "catalog", "collect", "query", "output", "ask"),
            "it keeps what it is given, whatever made it"),
        new Blind(
            "query",
            List.of("aws", "collect", "output", "ask"),
            "it asks the store; of AWS it knows what the catalogue says"),
        new Blind(
            "ask",
            List.of("collect", "report", "diff", "waste", "tagging", "settings", "demo"),
            "it makes SQL of a question; others run it"),
        new Blind(
            "collect",
            List.of("query", "output", "ask"),
            "it writes what it sees, and neither asks nor shows"),
        new Blind(
            "catalog",
            List.of("collect", "store", "query", "output", "ask"),
            "it says what there is, and does nothing"),
        new Blind(
            "aws",
            List.of("catalog", "collect", "store", "query", "output", "inventory", "ask"),
            "it calls by models, and knows no resource"));
  }

  @ParameterizedTest
  @MethodSource("graph")
  void importsGoOneWay(Blind blind) {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ROOT + blind.name())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                blind.others().stream().map(other -> ROOT + other).toArray(String[]::new))
            .allowEmptyShould(true)
            .because(blind.why());
    rule.check(CLASSES);
  }
}
