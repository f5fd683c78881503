package dev.freeway.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
   * What a package may see.
   *
   * @param why ends the message when the rule is broken
   */
  record Sight(String name, String why, List<String> others) {
    Sight(String name, String why, String... others) {
      this(name, why, List.of(others));
    }

    @Override
    public String toString() {
      return name
          + " sees "
          + (others.isEmpty() ? "none of the others" : String.join(", ", others));
    }
  }

  /** What each package sees of the others; nothing but what is named. */
  static Stream<Sight> graph() {
    return Stream.of(
        new Sight("inventory", "it is values only"),
        new Sight("aws", "it calls by models, and knows no resource"),
        new Sight("catalog", "it says what there is, and does nothing", "aws"),
        new Sight("store", "it keeps what it is given, whatever made it", "inventory"),
        new Sight(
            "collect",
            "it writes what it sees, and neither asks nor shows",
            "aws",
            "catalog",
            "inventory",
            "store"),
        new Sight(
            "query",
            "it asks the store; of AWS it knows what the catalogue says",
            "catalog",
            "inventory",
            "store"),
        new Sight(
            "accounts", "it says by whom is asked, not what is kept", "aws", "catalog", "collect"),
        new Sight(
            "ask",
            "it makes SQL of a question; others run it",
            "aws",
            "catalog",
            "inventory",
            "output",
            "store"),
        new Sight("output", "it writes rows, whatever is in them"),
        new Sight(
            "settings",
            "it is a file of its own, checked by what it is about",
            "catalog",
            "output",
            "store"),
        new Sight(
            "demo",
            "it makes up what a scan would have seen",
            "aws",
            "catalog",
            "collect",
            "inventory",
            "store"),
        new Sight("diff", "it compares what the store kept", "catalog", "inventory", "store"),
        new Sight("waste", "it looks through the store", "inventory", "store"),
        new Sight("tagging", "it looks through the store", "catalog", "inventory", "store"),
        new Sight(
            "report",
            "it writes down what the store has, and by the catalogue what was not asked",
            "aws",
            "catalog",
            "inventory",
            "output",
            "store"),
        new Sight(
            "tables",
            "it lays out what was found, and finds nothing",
            "diff",
            "inventory",
            "tagging",
            "waste"),
        new Sight(
            "serve",
            "it shows what others find, and scans nothing; of scans it takes how they read documents",
            "ask",
            "catalog",
            "collect",
            "diff",
            "inventory",
            "output",
            "query",
            "report",
            "store",
            "tables",
            "tagging",
            "waste"));
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(
            CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(graph().map(Sight::name).toList());
  }

  @ParameterizedTest
  @MethodSource("graph")
  void importsGoOneWay(Sight sight) {
    String[] blind =
        Stream.concat(
                graph()
                    .map(Sight::name)
                    .filter(name -> !name.equals(sight.name()) && !sight.others().contains(name))
                    .map(name -> ROOT + name),
                // The commands are made of the packages.
                Stream.of("dev.freeway.controlplane"))
            .toArray(String[]::new);
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ROOT + sight.name())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(blind)
            .because(sight.why());
    rule.check(CLASSES);
  }
}
