package dev.freeway.controlplane.fake;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request as it came.
 *
 * @param target path and query, percent-encoded
 * @param headers by name in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, changed by nobody
record HttpRequest(String method, String target, Map<String, String> headers, byte[] body) {

  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  String path() {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  /** The query's values by name; empty where a name stands alone. */
  Map<String, String> query() {
    int question = target.indexOf('?');
    return question < 0 ? Map.of() : form(target.substring(question + 1));
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** Names and values of a form. */
  static Map<String, String> form(String encoded) {
    Map<String, String> values = new LinkedHashMap<>();
    int from = 0;
    while (from < encoded.length()) {
      int end = encoded.indexOf('&', from);
      String pair = encoded.substring(from, end < 0 ? encoded.length() : end);
      from = end < 0 ? encoded.length() : end + 1;
      int equals = pair.indexOf('=');
      if (!pair.isEmpty()) {
        values.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return values;
  }

  static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
