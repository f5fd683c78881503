package dev.freeway.controlplane.fake;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What becomes of a request. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, changed by nobody
record Reply(int status, Map<String, String> headers, byte[] body, Manner manner) {

  /** How it reaches the caller. */
  enum Manner {
    WHOLE,
    /** Half of the body, then the connection ends. */
    CUT,
    /** The connection is reset instead. */
    RESET,
    /** Nothing comes until the caller gives up. */
    SILENT
  }

  static Reply of(int status, String type, String body) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", type);
    return new Reply(status, headers, body.getBytes(StandardCharsets.UTF_8), Manner.WHOLE);
  }

  Reply with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Reply(status, more, body, manner);
  }

  Reply in(Manner other) {
    return new Reply(status, headers, body, other);
  }
}
