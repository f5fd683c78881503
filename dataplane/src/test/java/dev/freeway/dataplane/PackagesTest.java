package dev.freeway.dataplane;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The package graph: who may see whom, and why. */
class PackagesTest {
  private static final String ROOT = "dev.freeway.dataplane";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /**
   * What a package sees of ours, itself left out.
   *
   * @param why ends the message when the rule is broken
   */
  record Sees(String name, List<String> others, String why) {
    @Override
    public String toString() {
      return name + " sees " + (others.isEmpty() ? "none of ours" : String.join(", ", others));
    }
  }

  /** The root package, which wires everything by hand, may see all and is not in the table. */
  static Stream<Sees> graph() {
    return Stream.of(
        new Sees("core", List.of(), "the policy is pure: values in, values out"),
        new Sees("netlink", List.of(), "it frames bytes for any family, over any socket"),
        new Sees(
            "libc",
            List.of("netlink"),
            "it implements netlink's socket, so that netlink runs without the kernel in tests"),
        new Sees(
            "ipvs",
            List.of("netlink", "core"),
            "it is a codec between core's values and netlink's bytes, and opens no socket itself"),
        new Sees(
            "link",
            List.of("sync", "netlink", "libc", "core"),
            "it is the machine that the writer asks for, behind sync's interface, and keeps its own"
                + " record in sync's state directory; of the table it knows nothing"),
        new Sees(
            "sync",
            List.of("ipvs", "netlink", "core"),
            "the single writer plans on core's values and writes them to the table; where they come"
                + " from, and over which socket they go, is wired outside"),
        new Sees(
            "doctor",
            List.of("sync", "ipvs", "netlink", "core"),
            "it looks at everything and changes nothing"),
        new Sees(
            "backend",
            List.of("link", "netlink", "libc", "core"),
            "a backend is set up without the writer"),
        new Sees(
            "kube",
            List.of("sync", "core"),
            "manifests become core's values; the kernel is not their business"),
        new Sees("health", List.of("sync", "core"), "probes only send events"),
        new Sees("eip", List.of("sync", "core"), "claims only send events"),
        new Sees(
            "relay",
            List.of("sync", "ipvs", "netlink", "core"),
            "it is a table like the kernel's, and the writer cannot tell one from the other"),
        new Sees(
            "admin",
            List.of("sync", "ipvs", "core"),
            "it shows what the writer holds and what the kernel's table was seen to hold"),
        new Sees("envoy", List.of("core"), "translation is pure"),
        new Sees("xds", List.of("envoy", "core"), "it serves what envoy translated"));
  }

  @ParameterizedTest
  @MethodSource("graph")
  void packagesSeeOnlyWhatTheyMay(Sees rule) {
    String[] allowed =
        Stream.concat(Stream.of(rule.name()), rule.others().stream())
            .map(PackagesTest::within)
            .toArray(String[]::new);
    check(
        noClasses()
            .that()
            .resideInAPackage(within(rule.name()))
            .should()
            .dependOnClassesThat(
                resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
            .because(rule.why()));
  }

  @Test
  void everyPackageHasItsPlaceInTheGraph() {
    Set<String> placed = new TreeSet<>();
    graph().forEach(rule -> placed.add(rule.name()));
    assertThat(
            CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.equals(ROOT))
                .map(name -> name.substring(ROOT.length() + 1).replaceFirst("\\..*", ""))
                .distinct())
        .as("packages below %s; a new one needs a line in graph()", ROOT)
        .isNotEmpty()
        .isSubsetOf(placed);
  }

  @Test
  void packagesHaveNoCycles() {
    check(
        slices()
            .matching(ROOT + ".(*)..")
            .should()
            .beFreeOfCycles()
            .because("what depends on itself cannot be read, tested or replaced alone"));
  }

  @Test
  void coreNeedsNothingButTheLanguage() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(within("core"), within("netlink"))
            .should()
            .dependOnClassesThat(
                not(
                    resideInAnyPackage(
                        "java..", "org.jspecify..", within("core"), within("netlink"))))
            .because("they must run, and be tested, without any library"));
  }

  @Test
  void coreDoesNoInputOrOutputAndStartsNoThread() {
    check(
        noClasses()
            .that()
            .resideInAPackage(within("core"))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("java.io", "java.nio.channels..", "java.nio.file..")
                    .or(
                        JavaClass.Predicates.type(Thread.class)
                            .or(JavaClass.Predicates.type(java.time.Clock.class))))
            .because(
                "time, files and threads are parameters of the policy or none of its business"));
  }

  @Test
  void onlyLibcCallsNativeCode() {
    onlyIn(
        "libc",
        "native calls pin threads, take raw memory and crash the process when they are wrong: one"
            + " place to look at",
        "jnr..",
        "com.kenai.jffi..",
        "java.lang.foreign..");
  }

  @Test
  void onlyKubeKnowsKubernetesAndYaml() {
    onlyIn(
        "kube",
        "wire types and ours are different types, with one converter next to the codec",
        "io.fabric8..",
        "org.snakeyaml..",
        "io.vertx..");
  }

  private static void onlyIn(String name, String why, String... foreign) {
    check(
        noClasses()
            .that(not(resideInAPackage(within(name))))
            .should()
            .dependOnClassesThat(resideInAnyPackage(foreign))
            .because(why));
  }

  /** A package of the design that has no class yet breaks no rule. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static String within(String name) {
    return ROOT + "." + name + "..";
  }
}
