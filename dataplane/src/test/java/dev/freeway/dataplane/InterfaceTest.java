package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.doctor.FakeRoot;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What scripts rely on, frozen: the exit code of every command and outcome, and every document
 * under {@code -o json}, whole. A change here is a change of the interface.
 */
class InterfaceTest {
  private static final String WEB = RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11");
  private static final String API = RouterFixture.service("api", "10.0.0.2", "", "10.1.0.21");
  private static final String BAD = WEB.replace("10.0.0.1", "10.0.0");

  @TempDir private Path directory;
  private RouterFixture router;

  @BeforeEach
  void start() {
    router = new RouterFixture(directory);
    router.write("web.yaml", WEB);
  }

  /** Runs it as text and as JSON, each from the same start; the document, times made zero. */
  private String document(int exitCode, String... line) {
    List<String> json = new ArrayList<>(List.of(line));
    json.addAll(List.of("-o", "json"));
    assertThat(router.run(json.toArray(String[]::new))).as("%s", json).isEqualTo(exitCode);
    assertThat(router.out).as("one document on one line").endsWith("}\n").containsOnlyOnce("\n");
    return router
        .out
        .strip()
        .replace(directory.toString(), "DIR")
        .replaceAll("Seconds\":[-+0-9.eE]+", "Seconds\":0");
  }

  private String[] line(String verb, String... more) {
    List<String> line = new ArrayList<>(List.of(verb, "--state-dir", router.state.toString()));
    if (!verb.equals("show")) {
      line.addAll(List.of("--manifests", router.manifests.toString()));
    }
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  private void hasNoIpvs() {
    router.socket =
        () -> {
          throw new NetlinkException("find IPVS in the kernel", Errno.ENOENT, "none");
        };
  }

  @Test
  void planWithChanges() {
    assertThat(document(2, line("plan")))
        .isEqualTo(
            """
            {"version":1,"changes":[\
            {"action":"add","kind":"service","service":"tcp 10.0.0.1:80","destination":"",\
            "before":"","after":"mh,mh-fallback,mh-port","reason":"asked for by shop/web"},\
            {"action":"add","kind":"destination","service":"tcp 10.0.0.1:80",\
            "destination":"10.1.0.11:80","before":"","after":"direct weight=1",\
            "reason":"ready"}],"out":[],"errors":[]}""");
    assertThat(router.run(line("plan"))).isEqualTo(2);
  }

  @Test
  void planWithNothingToDo() {
    router.on("apply");
    assertThat(document(0, line("plan")))
        .isEqualTo("{\"version\":1,\"changes\":[],\"out\":[],\"errors\":[]}");
  }

  @Test
  void planInPart() {
    router.write("api.yaml", API);
    router.on("apply");
    router.write("web.yaml", BAD);
    String error = errorOfBadAddress();
    assertThat(document(3, line("plan")))
        .isEqualTo("{\"version\":1,\"changes\":[],\"out\":[],\"errors\":[" + error + "]}");
  }

  private static String errorOfBadAddress() {
    return """
        {"file":"DIR/manifests/web.yaml","document":"1 (Service shop/web)",\
        "field":"metadata.annotations[freeway.dev/addresses]","value":"10.0.0",\
        "expected":"an address such as 10.0.0.1 or 2001:db8::1"}""";
  }

  @Test
  void planWithNothingUsable() {
    router.write("web.yaml", BAD);
    assertThat(document(1, line("plan")))
        .isEqualTo(
            "{\"version\":1,\"changes\":[],\"out\":[],\"errors\":[" + errorOfBadAddress() + "]}");
  }

  @Test
  void applyThatDoesIt() {
    assertThat(document(0, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":2,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":[]}""");
    assertThat(document(0, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":0,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":[]}""");
  }

  @Test
  void applyInPart() {
    router.write("api.yaml", API);
    router.write("web.yaml", BAD);
    assertThat(document(3, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":2,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":["""
                + errorOfBadAddress()
                + "]}");
  }

  @Test
  void applyWithNothingUsable() {
    router.write("web.yaml", BAD);
    assertThat(document(1, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":0,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":["""
                + errorOfBadAddress()
                + "]}");
  }

  @Test
  void applyThatTheKernelRefuses() {
    router.kernel.faults().refuseCommand(2, Errno.ENOMEM, "");
    assertThat(document(1, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":0,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":[\
            {"file":"","document":"","field":"add service tcp 10.0.0.1:80",\
            "value":"ENOMEM (Out of memory)","expected":"free kernel memory"}]}""");
  }

  @Test
  void showOfAService() {
    router.on("apply");
    assertThat(document(0, line("show")))
        .isEqualTo(
            """
            {"version":1,"services":[{"protocol":"tcp","address":"10.0.0.1","port":80,\
            "owner":"ours","scheduler":"mh","flags":["mh-fallback","mh-port"],"destinations":[\
            {"address":"10.1.0.11","port":80,"forwarding":"direct","encapsulation":"","weight":1,\
            "upperThreshold":0,"lowerThreshold":0,"activeConnections":0,"inactiveConnections":0,\
            "persistentConnections":0,"connections":0,"inPackets":0,"outPackets":0,"inBytes":0,\
            "outBytes":0,"connectionsPerSecond":0,"inPacketsPerSecond":0,"outPacketsPerSecond":0,\
            "inBytesPerSecond":0,"outBytesPerSecond":0}]}],"announced":[]}""");
  }

  @Test
  void doctorWithNothingToSay() {
    assertThat(document(0, line("doctor")))
        .isEqualTo("{\"version\":1,\"findings\":[],\"errors\":[]}");
  }

  @Test
  void doctorWithAFinding() throws IOException {
    FakeRoot.file(router.root, "proc/sys/net/ipv4/vs/run_estimation", "0");
    assertThat(document(2, line("doctor")))
        .isEqualTo(
            """
            {"version":1,"findings":[{"severity":"warning","name":"rates-off",\
            "problem":"net.ipv4.vs.run_estimation is 0",\
            "why":"show and the metrics give 0 for every rate; counters go on",\
            "command":"sysctl -w net.ipv4.vs.run_estimation=1"}],"errors":[]}""");
    router.write("web.yaml", BAD);
    document(2, line("doctor"));
    assertThat(router.document().get("errors")).hasSize(1);
  }

  @Test
  void doctorThatCannotLook() throws IOException {
    router.write("web.yaml", BAD);
    assertThat(document(1, line("doctor")))
        .isEqualTo("{\"version\":1,\"findings\":[],\"errors\":[" + errorOfBadAddress() + "]}");
    Files.delete(router.root.resolve("proc/sys/kernel/osrelease"));
    router.write("web.yaml", WEB);
    assertThat(document(1, line("doctor")))
        .isEqualTo(
            """
            {"version":1,"findings":[],"errors":[{"file":"","document":"",\
            "field":"cannot read DIR/root/proc/sys/kernel/osrelease","value":"no such directory",\
            "expected":"a Linux with /proc mounted"}]}""");
  }

  @Test
  void aFailureOfTheKernelHasTheCommandsDocument() {
    hasNoIpvs();
    String error =
        """
        {"file":"","document":"","field":"ip_vs","value":"this kernel has no IPVS loaded",\
        "expected":"the module ip_vs: as root, modprobe ip_vs; where that finds none, install the\
         distribution's full kernel package"}""";
    document(2, line("plan")); // for an apply loads it
    assertThat(document(1, line("show")))
        .isEqualTo("{\"version\":1,\"services\":[],\"announced\":[],\"errors\":[" + error + "]}");
    assertThat(document(1, line("apply")))
        .isEqualTo(
            """
            {"version":1,"changes":0,"kernelSeconds":0,"totalSeconds":0,"draining":0,"out":[],"errors":["""
                + error
                + "]}");
    document(2, line("doctor")); // to find that is what it is for
  }

  @Test
  void aFullHeapAndADeepStackHaveTheCommandsDocument() {
    for (Supplier<Error> failure :
        List.<Supplier<Error>>of(OutOfMemoryError::new, StackOverflowError::new)) {
      router.socket =
          () -> {
            throw failure.get();
          };
      assertThat(document(1, line("show")))
          .startsWith("{\"version\":1,\"services\":[],\"announced\":[],\"errors\":[{\"file\":\"\"");
      assertThat(router.err).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan", "apply", "show", "doctor"})
  void aWrongLineHasTheCommandsDocument(String verb) {
    String fields =
        switch (verb) {
          case "plan" -> "\"changes\":[],\"out\":[]";
          case "show" -> "\"services\":[],\"announced\":[]";
          case "doctor" -> "\"findings\":[]";
          default ->
              "\"changes\":0,\"kernelSeconds\":0,\"totalSeconds\":0,\"draining\":0,\"out\":[]";
        };
    assertThat(document(64, verb, "--colour", "red"))
        .isEqualTo(
            """
            {"version":1,%s,"errors":[{"file":"","document":"","field":"","value":"--colour",\
            "expected":"an option that ipvs-router %s --help lists"}]}"""
                .formatted(fields, verb));
    assertThat(router.run(verb, "--colour", "red")).isEqualTo(64);
    assertThat(router.out).isEmpty();
    assertThat(router.err)
        .isEqualTo(
            "ipvs-router: --colour; expected an option that ipvs-router "
                + verb
                + " --help lists\n");
  }

  @Test
  void aLineWithoutACommandHasADocumentOfItsOwn() {
    assertThat(document(64))
        .isEqualTo(
            """
            {"version":1,"errors":[{"file":"","document":"","field":"","value":"-o",\
            "expected":"a command first: plan, apply, run, prepare, show, top, restore, doctor, \
            backend prepare, backend run, backend doctor"}]}""");
    assertThat(document(64, "zzz"))
        .isEqualTo(
            """
            {"version":1,"errors":[{"file":"","document":"","field":"","value":"zzz",\
            "expected":"a command first: plan, apply, run, prepare, show, top, restore, doctor, \
            backend prepare, backend run, backend doctor"}]}""");
    assertThat(document(64, "--manifests", "plan")).startsWith("{\"version\":1,\"errors\":[");
  }

  @Test
  void helpAndTheVersionAreDocumentsToo() {
    assertThat(document(0, "plan", "--help"))
        .startsWith("{\"version\":1,\"text\":\"Usage: ipvs-router plan");
    assertThat(document(0, "plan", "--version"))
        .isEqualTo("{\"version\":1,\"text\":\"ipvs-router 0.1.0\\n\"}");
    assertThat(router.run("--version")).isZero();
    assertThat(router.out).isEqualTo("ipvs-router 0.1.0\n");
  }
}
