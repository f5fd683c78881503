package dev.freeway.controlplane;

import dev.freeway.controlplane.settings.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A command line that was run, in this process. */
record Ran(int code, String out, String err) {
  static Ran of(String... arguments) {
    return of(new Settings(Path.of("/nowhere/config"), Map.of(), List.of()), arguments);
  }

  static Ran of(Settings settings, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(List.of(arguments), settings, Map.of())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Ran(code, out.toString(), err.toString());
  }

  /** Its standard output, which has to be one document and nothing else. */
  JsonNode json() {
    return JsonMapper.builder()
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build()
        .readTree(out);
  }
}
