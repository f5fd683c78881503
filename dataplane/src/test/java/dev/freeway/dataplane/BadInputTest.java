package dev.freeway.dataplane;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.freeway.dataplane.doctor.FakeRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is wrong with the input, word for word: where, what stands there, what would be right. The
 * good Services beside it are programmed, what is ours stays, and nobody sees a stack trace.
 */
class BadInputTest {
  private static final String GOOD = RouterFixture.service("good", "10.0.0.9", "", "10.1.0.19");
  private static final String WEB = RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11");
  private static final String SERVICE = "bad.yaml, document 1 (Service shop/web)";
  private static final String SLICE = "bad.yaml, document 2 (EndpointSlice shop/web-1)";

  @TempDir private Path directory;
  private RouterFixture router;

  @BeforeEach
  void start() {
    router = new RouterFixture(directory);
  }

  private static String instead(String target, String replacement) {
    assertThat(WEB).contains(target);
    return WEB.replace(target, replacement);
  }

  static Stream<Arguments> documents() {
    return Stream.of(
        arguments(
            instead("freeway.dev/forwarding:", "freeway.dev/forwardin:"),
            SERVICE
                + ": metadata.annotations[freeway.dev/forwardin]: \"direct\"; expected a known"
                + " annotation: did you mean freeway.dev/forwarding?"),
        arguments(
            instead("10.0.0.1\"", "10.0.0.256\""),
            SERVICE
                + ": metadata.annotations[freeway.dev/addresses]: \"10.0.0.256\"; expected an"
                + " address such as 10.0.0.1 or 2001:db8::1"),
        arguments(
            instead("[10.1.0.11]", "[10.1.0]"),
            SLICE
                + ": endpoints[0].addresses[0]: \"10.1.0\"; expected an IPv4 address of one host"),
        arguments(
            instead("labels:", "annotations: {freeway.dev/weight: \"70000\"}, labels:"),
            SLICE
                + ": metadata.annotations[freeway.dev/weight]: \"70000\"; expected a whole number"
                + " from 0 to 65535"),
        arguments(
            instead("labels:", "annotations: {freeway.dev/weight: 70000}, labels:"),
            SLICE
                + ", line 15: metadata.annotations[freeway.dev/weight]: \"70000\"; expected text, so"
                + " in quotes: \"70000\""),
        arguments(
            instead("10.0.0.1\"", "10.0.0.9\""),
            SERVICE
                + ": metadata.annotations[freeway.dev/addresses]: \"tcp 10.0.0.9:80\"; expected an"
                + " address, port and protocol of its own: this one is held by shop/good"),
        arguments(
            instead("  loadBalancerClass", "\tloadBalancerClass"),
            "bad.yaml, document 1: line 10, column 1: \"loadBalancerClass: freeway.dev/ipvs\";"
                + " expected valid YAML: while scanning for the next token, found character"
                + " '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)"),
        arguments(
            instead("ports: [{port: 80}]\n---", "ports: [{port: 80}\n---"),
            "bad.yaml, document 1: line 12, column 1; expected valid YAML: while parsing a flow"
                + " sequence that begins in line 11, column 10, expected ',' or ']', but got"
                + " <stream end>"),
        arguments(
            instead("  name: web\n", "  name: web\n  name: wab\n"),
            "bad.yaml, document 1: line 5, column 1: \"name: wab\"; expected valid YAML: key"
                + " \"name\" is there twice"),
        arguments(
            instead("ports: [{port: 80}]\n---", "ports: [{port: \"80\"}]\n---"),
            SERVICE + ", line 11: spec.ports[0].port: \"80\"; expected a whole number"),
        arguments(
            instead("loadBalancerClass", "loadbalancerClass"),
            SERVICE
                + ", line 10: spec.loadbalancerClass: \"freeway.dev/ipvs\"; expected a known field:"
                + " did you mean loadBalancerClass?"),
        arguments(
            instead("ports: [{port: 80}]\n---", "ports: [{port: 80, targetPort: 8080}]\n---"),
            SERVICE
                + ": spec.ports[0].targetPort: \"8080\"; expected 80, as the service port: direct"
                + " does not rewrite packets; another port needs freeway.dev/forwarding: nat"),
        arguments(
            instead("apiVersion: v1\nkind: Service\n", "apiVersion: v1\nkind: service\n"),
            "bad.yaml, document 1 (service shop/web), line 1: kind: \"service\"; expected Service"),
        arguments(
            "hello\n",
            "bad.yaml, document 1, line 1: hello; expected a Kubernetes object with apiVersion,"
                + " kind and metadata"),
        arguments("", "bad.yaml: an empty file; expected Service and EndpointSlice objects"),
        arguments(
            "# later\n---\n",
            "bad.yaml: nothing but comments; expected Service and EndpointSlice objects"));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void isNamedAndTheGoodServiceIsProgrammed(String bad, String message) {
    router.write("good.yaml", GOOD);
    router.write("bad.yaml", bad);
    refusedWith(message, "bad.yaml");
    assertThat(router.services()).hasSize(1);
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.19");
  }

  private void refusedWith(String message, String file) {
    assertThat(router.on("apply")).as(router.err).isEqualTo(3);
    assertThat(router.out).matches("programmed 2 changes in \\d+\\.\\d{3} s\n");
    assertThat(router.err)
        .isEqualTo("ipvs-router: " + router.manifests.resolve(file) + message.substring(8) + "\n");
  }

  @Test
  void aSliceOfAnUnknownServiceIsNamedWithTheServiceThatItMayBeOf() {
    router.write("bad.yaml", instead("service-name: web", "service-name: wbe"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .isEqualTo(
            """
            ipvs-router: %1$s/bad.yaml, document 2 (EndpointSlice shop/web-1):\
             metadata.labels[kubernetes.io/service-name]: "wbe"; expected the name of a Service in\
             the input, in namespace shop; until then what has no slice keeps its destinations:\
             shop/web
            """
                .formatted(router.manifests));
  }

  static Stream<Arguments> contents() {
    byte[] elf = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, (byte) 0xff, (byte) 0xfe};
    String notText = ": bytes that are not UTF-8; expected YAML or JSON in UTF-8";
    return Stream.of(
        arguments("bad.yaml", elf, notText),
        arguments("bad.yaml", "kind: Service".getBytes(UTF_16), notText),
        arguments(
            "bad.yaml",
            "a\0b".getBytes(UTF_8),
            ", document 1: line 1, column 1: \"a\\u0000b\"; expected valid YAML: character U+0000 is not"
                + " allowed in YAML"),
        arguments(
            "bad.json",
            "{\"kind\": \"Service\",\n \"a\": }".getBytes(UTF_8),
            ", document 1: line 2, column 8: \"\"a\": }\"; expected valid JSON: Unexpected"
                + " character ('}' (code 125)): expected a value"));
  }

  @ParameterizedTest
  @MethodSource("contents")
  void bytesThatAreNoManifest(String file, byte[] content, String message) throws IOException {
    router.write("good.yaml", GOOD);
    Files.write(router.manifests.resolve(file), content);
    refusedWith("bad.yaml" + message, file);
  }

  @Test
  void aFileThatCannotBeRead() throws IOException {
    router.write("good.yaml", GOOD);
    Files.createSymbolicLink(router.manifests.resolve("bad.yaml"), Path.of("bad.yaml"));
    refusedWith(
        "bad.yaml: Too many levels of symbolic links or unable to access attributes of symbolic"
            + " link; expected a file or directory that can be read",
        "bad.yaml");
  }

  @ParameterizedTest
  @CsvSource({
    "/nonexistent/web.yaml, no such file",
    "/proc/self/mem, Input/output error",
    "a\0b, Nul character not allowed"
  })
  void aPathThatLeadsNowhereChangesNothing(String path, String problem) {
    router.write("good.yaml", GOOD);
    router.on("apply");
    assertThat(router.run("apply", "--state-dir", router.state.toString(), "--manifests", path))
        .isEqualTo(1);
    assertThat(router.out).isEmpty();
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: "
                + Printable.of(path)
                + ": "
                + problem
                + "; expected a file or directory that can be read\n");
    assertThat(router.services()).hasSize(1);
  }

  @Test
  void anEmptyDirectoryAndEmptyStandardInputChangeNothing() {
    router.write("good.yaml", GOOD);
    router.on("apply");
    router.remove("good.yaml");
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: "
                + router.manifests
                + ": an empty directory; expected a directory with *.yaml, *.yml or *.json files\n");
    assertThat(router.run("apply", "--state-dir", router.state.toString(), "--manifests", "-"))
        .isEqualTo(1);
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: -: empty standard input; expected Service and EndpointSlice objects\n");
    assertThat(router.services()).hasSize(1);
  }

  @Test
  void anOldKernelIsNotAskedForWhatItWouldSilentlyDoOtherwise() throws IOException {
    FakeRoot.file(router.root, "proc/sys/kernel/osrelease", "5.2.21-generic\n");
    router.write("good.yaml", GOOD);
    router.write(
        "bad.yaml",
        instead("forwarding: direct", "forwarding: tunnel, freeway.dev/encapsulation: gre"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: shop/web: encapsulation: gre; expected ipip, or Linux 5.3 or newer, which"
                + " IPVS has had it since: this is Linux 5.2.21-generic\n");
    assertThat(router.services()).hasSize(1);
    FakeRoot.file(router.root, "proc/sys/kernel/osrelease", "5.3.0\n");
    assertThat(router.on("apply")).isZero();
    assertThat(router.services()).hasSize(2);
  }

  @Test
  void theKernelIsNotAskedForWhatOnlyTheRelayDoes() throws IOException {
    router.write("good.yaml", GOOD);
    router.write(
        "bad.yaml",
        instead("forwarding: direct", "forwarding: nat, freeway.dev/proxy-protocol: v2"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: shop/web: proxy-protocol; expected ipvs-router run --dataplane relay:"
                + " the kernel forwards packets, and neither writes into connections nor limits"
                + " them\n");
    assertThat(router.services()).hasSize(1);
  }

  @Test
  void aFullDiskLeavesTheKernelUntouched() throws IOException {
    router.write("good.yaml", GOOD);
    router.on("apply");
    router.write("web.yaml", WEB);
    // Every write to it fails as on a full disk.
    Files.createSymbolicLink(router.state.resolve(".ownership-1.new"), Path.of("/dev/full"));
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.out).isEmpty();
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: --state-dir: write "
                + router.state.resolve("ownership-1")
                + ": No space left on device; expected a directory with free space that this user"
                + " may write, or another one by --state-dir\n");
    assertThat(router.services()).hasSize(1);
    Files.delete(router.state.resolve(".ownership-1.new"));
    assertThat(router.on("apply")).isZero();
    assertThat(router.services()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plan | --manifests: missing; expected a file, a directory or - after it",
        "plan --manifests | --manifests: nothing after it; expected a value: PATH",
        "plan --manifest x | --manifest; expected an option that ipvs-router plan --help lists; did"
            + " you mean --manifests?",
        "plan x.yaml | x.yaml; expected an option before it, such as --manifests x.yaml",
        "plan --manifests x --addresses 10.0.0.1/24 | --addresses: 10.0.0.1/24; expected prefixes"
            + " such as 10.0.0.0/24 or 2001:db8::/64, without bits beyond their length, or ranges"
            + " such as 10.0.0.8-10.0.0.15",
        "plan --manifests x -o yaml | --output: yaml; expected table, wide or json",
        "plan --manifests x --drain-limit soon | --drain-limit: soon; expected a time such as 30s,"
            + " 500ms or 2m",
        "run --announce bgp | --announce: bgp; expected none or l2",
        "plan --manifests x --adopt=maybe | --adopt: maybe; expected no value: it is a flag",
        "plan -o json -o table | --output: given twice; expected it once",
        "aply | aply; expected a command first: plan, apply, run, prepare, show, top, restore, doctor,"
            + " backend prepare, backend run, backend doctor; did you mean apply?",
        "backend | backend; expected one of prepare, run, doctor after backend",
        "backend prepar | backend prepar; expected one of prepare, run, doctor after backend; did you"
            + " mean prepare?",
        "backend prepare --forwarding direct | --vip: missing; expected the addresses of the services,"
            + " such as --vip 192.0.2.1",
        "backend prepare --vip 192.0.2.1 | --forwarding: missing; expected direct or tunnel, as the"
            + " Service says",
        "backend prepare --vip 192.0.2.1 --forwarding nat | --forwarding: nat; expected direct or"
            + " tunnel",
        "backend prepare --vip 192.0.2.0/28 --forwarding direct | --vip: 192.0.2.0/28; expected an"
            + " address of one host such as 192.0.2.1 or 2001:db8::1",
        "backend prepare --vip 192.0.2.1 --forwarding tunnel --encapsulation vxlan | --encapsulation:"
            + " vxlan; expected ipip, or gue,port=6080 with csum or remcsum if wanted, or gre with"
            + " csum if wanted",
        "backend prepare --vip 192.0.2.1 --forwarding direct --encapsulation gre | --encapsulation:"
            + " gre; expected --forwarding tunnel beside it",
        "backend doctor | --vip: missing; expected the addresses of the services, such as --vip"
            + " 192.0.2.1; or a Pod: shop/web-7",
        "backend doctor shop/web-7 --vip 192.0.2.1 | shop/web-7; expected no --vip and --forwarding"
            + " beside a Pod: its Services say them",
        "backend doctor a/b/c | POD: a/b/c; expected NAMESPACE/NAME",
        "backend run x | x; expected an option before it, such as --kubeconfig x"
      })
  void aCommandLineThatIsWrong(String line, String message) {
    assertThat(router.run(line.split(" ", -1))).isEqualTo(64);
    assertThat(router.out).isEmpty();
    assertThat(router.err).isEqualTo("ipvs-router: " + message + "\n");
  }

  @Test
  void aDefectIsToldInALineAndItsPlaceAtLevelDebug() {
    router.socket =
        () -> {
          throw new IllegalStateException("surprise");
        };
    assertThat(router.run("show")).isEqualTo(1);
    assertThat(router.err).doesNotContain("    at ").contains("surprise").contains("--log-level");
    assertThat(router.run("show", "--log-level", "debug")).isEqualTo(1);
    assertThat(router.err).contains("    at ");
  }
}
