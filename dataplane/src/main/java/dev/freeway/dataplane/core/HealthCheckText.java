package dev.freeway.dataplane.core;

import dev.freeway.dataplane.core.HealthCheck.Header;
import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.core.HealthCheck.RecordType;
import dev.freeway.dataplane.core.HealthCheck.Tls;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A health check as text: the kind, then {@code key=value}, separated by commas. */
final class HealthCheckText {
  private static final int MOST_CHARACTERS = 4096;
  private static final int MOST_BYTES = 1024;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int RISE = 2;
  private static final int FALL = 3;

  private static final List<String> KINDS =
      List.of("tcp", "tls", "http", "https", "http2", "https2", "grpc", "grpcs", "udp", "dns");

  /** What the annotation may begin with. */
  private static final List<String> FIRST_WORDS =
      Stream.concat(KINDS.stream(), Stream.of(ProbeOverrides.WORD)).toList();

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?(:[1-9][0-9]{0,4})?");
  private static final Pattern PATH = Pattern.compile("/[!-~]{0,1023}");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final Pattern SERVICE = Pattern.compile("[!-~]{0,256}");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

  private final String kind;
  private final Map<String, String> values;

  private HealthCheckText(String kind, Map<String, String> values) {
    this.kind = kind;
    this.values = values;
  }

  /** A word that cannot be used; caught where reading begins. */
  private static final class WrongException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Reading.Wrong wrong;

    WrongException(String word, String expected) {
      super(word + ": expected " + expected, null, false, false);
      wrong = new Reading.Wrong(word, expected);
    }
  }

  static Reading parse(String text) {
    try {
      return new Reading.Right(read(text));
    } catch (WrongException e) {
      return e.wrong;
    }
  }

  static ProbeOverrides.Reading parseOverrides(String text) {
    try {
      return new ProbeOverrides.Right(words(text, List.of(ProbeOverrides.WORD)).overrides());
    } catch (WrongException e) {
      return e.wrong;
    }
  }

  static boolean isPath(String text) {
    return PATH.matcher(text).matches() && text.indexOf(',') < 0;
  }

  static boolean isHost(String text) {
    return HOST.matcher(text).matches();
  }

  static boolean isService(String text) {
    return SERVICE.matcher(text).matches() && text.indexOf(',') < 0;
  }

  private static HealthCheck read(String text) {
    return words(text, KINDS).check();
  }

  private static HealthCheckText words(String text, List<String> kinds) {
    if (text.length() > MOST_CHARACTERS) {
      throw new WrongException(
          text.substring(0, 32) + "...", "at most " + MOST_CHARACTERS + " characters");
    }
    String[] words = text.split(",", -1);
    String kind = words[0].strip();
    if (!kinds.contains(kind)) {
      throw new WrongException(kind, hint(kind, FIRST_WORDS) + oneOf(FIRST_WORDS));
    }
    Set<String> keys = keys(kind);
    Map<String, String> values = new HashMap<>();
    for (String each : Arrays.asList(words).subList(1, words.length)) {
      String word = each.strip();
      int equals = word.indexOf('=');
      String key = equals < 0 ? word : word.substring(0, equals).strip();
      if (!keys.contains(key)) {
        throw new WrongException(
            key, hint(key, keys) + oneOf(keys) + ", which " + kind + " has, with =value");
      }
      if (equals < 0) {
        throw new WrongException(word, key + "=" + example(key));
      }
      if (values.put(key, word.substring(equals + 1).strip()) != null) {
        throw new WrongException(word, key + " once");
      }
    }
    return new HealthCheckText(kind, values);
  }

  /** The keys of a kind, in the order in which they are written. */
  private static Set<String> keys(String kind) {
    Set<String> keys = new LinkedHashSet<>();
    keys.add("port");
    switch (kind) {
      case "http", "https", "http2", "https2" ->
          keys.addAll(List.of("path", "host", "status", "header", "body"));
      case "grpc", "grpcs" -> keys.addAll(List.of("host", "service"));
      case "tls" -> keys.add("host");
      case "udp" -> keys.addAll(List.of("send", "expect"));
      case "dns" -> keys.addAll(List.of("name", "type"));
      default -> {}
    }
    if (secured(kind)) {
      keys.addAll(List.of("tls-verify", "tls-sni", "expiry"));
    }
    keys.addAll(List.of("interval", "timeout", "rise", "fall"));
    return keys;
  }

  private static boolean secured(String kind) {
    return switch (kind) {
      case "tls", "https", "https2", "grpcs" -> true;
      default -> false;
    };
  }

  private static String example(String key) {
    return switch (key) {
      case "port" -> "8080";
      case "path" -> "/healthz";
      case "host", "name" -> "www.example.com";
      case "status" -> "200-399";
      case "header" -> "Content-Type:json";
      case "body", "expect" -> "ok";
      case "service" -> "shop.Cart";
      case "send" -> "ping\\x0a";
      case "type" -> "A";
      case "tls-verify" -> "true";
      case "tls-sni" -> "false";
      case "expiry" -> "14d";
      case "rise" -> "2";
      case "fall" -> "3";
      default -> "1s";
    };
  }

  private static String hint(String word, Collection<String> known) {
    return Nearest.to(word, known).map(near -> "did you mean " + near + "? ").orElse("");
  }

  private static String oneOf(Collection<String> words) {
    List<String> all = List.copyOf(words);
    return String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
  }

  private HealthCheck check() {
    Question question =
        switch (kind) {
          case "tcp" -> new Question.Connect();
          case "tls" -> new Question.Handshake(tls(), host());
          case "udp" -> datagram();
          case "dns" -> lookup();
          case "grpc" -> new Question.Grpc(null, host(), matching("service", "", SERVICE));
          case "grpcs" -> new Question.Grpc(tls(), host(), matching("service", "", SERVICE));
          default ->
              new Question.Http(
                  kind.endsWith("2"),
                  secured(kind) ? tls() : null,
                  host(),
                  matching("path", "/", PATH),
                  value("status", Statuses.DEFAULT, Statuses.GRAMMAR, Statuses::parse),
                  values.containsKey("header") ? header() : null,
                  octets("body"));
        };
    Duration interval =
        duration("interval", SECOND, HealthCheck.LEAST_INTERVAL, HealthCheck.MOST_INTERVAL);
    Duration standard = interval.compareTo(SECOND) < 0 ? interval : SECOND;
    Duration timeout = duration("timeout", standard, HealthCheck.LEAST_TIMEOUT, interval);
    return new HealthCheck(
        question,
        number("port", 0, 65535),
        interval,
        timeout,
        number("rise", RISE, HealthCheck.MOST_IN_A_ROW),
        number("fall", FALL, HealthCheck.MOST_IN_A_ROW));
  }

  private ProbeOverrides overrides() {
    Duration interval =
        values.containsKey("interval")
            ? duration("interval", SECOND, HealthCheck.LEAST_INTERVAL, HealthCheck.MOST_INTERVAL)
            : null;
    Duration most = interval == null ? HealthCheck.MOST_INTERVAL : interval;
    return new ProbeOverrides(
        number("port", 0, 65535),
        interval,
        values.containsKey("timeout")
            ? duration("timeout", SECOND, HealthCheck.LEAST_TIMEOUT, most)
            : null,
        number("rise", 0, HealthCheck.MOST_IN_A_ROW),
        number("fall", 0, HealthCheck.MOST_IN_A_ROW));
  }

  private Tls tls() {
    return new Tls(
        whether("tls-verify", Tls.DEFAULT.verify()),
        whether("tls-sni", Tls.DEFAULT.sni()),
        duration("expiry", Tls.DEFAULT.expiry(), Duration.ZERO, Durations.MOST));
  }

  private boolean whether(String key, boolean standard) {
    return value(
        key,
        standard,
        "true or false",
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException(text);
            });
  }

  private String host() {
    return values.containsKey("host") ? matching("host", "", HOST) : "";
  }

  private Header header() {
    String expected = "a header's name, a colon and what it contains, such as Content-Type:json";
    return value(
        "header",
        new Header("", Octets.NONE),
        expected,
        text -> {
          int colon = text.indexOf(':');
          if (colon < 0 || !TOKEN.matcher(text.substring(0, colon)).matches()) {
            throw new IllegalArgumentException(text);
          }
          return new Header(
              text.substring(0, colon).toLowerCase(Locale.ROOT),
              bounded(text.substring(colon + 1).strip()));
        });
  }

  private Question datagram() {
    if (!values.containsKey("send")) {
      throw new WrongException("udp", "send=, the datagram to send, such as send=ping\\x0a");
    }
    return new Question.Datagram(octets("send"), octets("expect"));
  }

  private Question lookup() {
    if (!values.containsKey("name")) {
      throw new WrongException("dns", "name=, the name to ask for, such as name=www.example.com");
    }
    String name =
        value(
            "name",
            "",
            "a name such as www.example.com: labels of 1 to 63 letters, digits, - and _,"
                + " at most 253 characters",
            text -> {
              String plain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
              if (plain.length() > 253
                  || !Arrays.stream(plain.split("\\.", -1))
                      .allMatch(label -> LABEL.matcher(label).matches())) {
                throw new IllegalArgumentException(text);
              }
              return plain;
            });
    return new Question.Lookup(name, value("type", RecordType.A, "A or AAAA", RecordType::valueOf));
  }

  private Octets octets(String key) {
    return value(
        key,
        Octets.NONE,
        "text of 1 to " + MOST_BYTES + " bytes, with \\xNN for any byte and \\\\ for a backslash",
        HealthCheckText::bounded);
  }

  private static Octets bounded(String text) {
    Octets octets = Octets.parse(text);
    if (octets.isEmpty() || octets.length() > MOST_BYTES) {
      throw new IllegalArgumentException(text);
    }
    return octets;
  }

  private int number(String key, int standard, int most) {
    return value(
        key,
        standard,
        "a whole number from 1 to " + most,
        text -> {
          int number = text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 0;
          if (number < 1 || number > most) {
            throw new IllegalArgumentException(text);
          }
          return number;
        });
  }

  private Duration duration(String key, Duration standard, Duration least, Duration most) {
    String bound = key.equals("timeout") ? ", the interval" : "";
    return value(
        key,
        standard,
        "a duration from "
            + Durations.text(least)
            + " to "
            + Durations.text(most)
            + bound
            + ", such as "
            + example(key),
        text -> {
          Duration duration = Durations.parse(text);
          if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw new IllegalArgumentException(text);
          }
          return duration;
        });
  }

  private String matching(String key, String standard, Pattern pattern) {
    String expected =
        switch (key) {
          case "path" -> "a path of printable ASCII that begins with /, such as /healthz";
          case "host" -> "a name or an IPv4 address, with a port if wanted";
          default -> "at most 256 characters of printable ASCII";
        };
    return value(
        key,
        standard,
        expected,
        text -> {
          if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
          }
          return text;
        });
  }

  private <T> T value(String key, T standard, String expected, Function<String, T> reader) {
    String text = values.get(key);
    if (text == null) {
      return standard;
    }
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new WrongException(key + "=" + text, expected);
    }
  }

  static String of(HealthCheck check) {
    Map<String, String> values = new HashMap<>();
    switch (check.question()) {
      case Question.Connect _ -> {}
      case Question.Handshake handshake -> {
        put(values, "host", handshake.host(), "");
        put(values, handshake.tls());
      }
      case Question.Http http -> {
        put(values, "path", http.path(), "/");
        put(values, "host", http.host(), "");
        put(values, "status", http.statuses(), Statuses.DEFAULT);
        Header header = http.header();
        if (header != null) {
          values.put("header", header.name() + ":" + header.value());
        }
        put(values, "body", http.body(), Octets.NONE);
        Tls tls = http.tls();
        if (tls != null) {
          put(values, tls);
        }
      }
      case Question.Grpc grpc -> {
        put(values, "host", grpc.host(), "");
        put(values, "service", grpc.service(), "");
        Tls tls = grpc.tls();
        if (tls != null) {
          put(values, tls);
        }
      }
      case Question.Datagram datagram -> {
        put(values, "send", datagram.send(), Octets.NONE);
        put(values, "expect", datagram.expect(), Octets.NONE);
      }
      case Question.Lookup lookup -> {
        values.put("name", lookup.name());
        put(values, "type", lookup.type(), RecordType.A);
      }
    }
    put(values, "port", check.port(), 0);
    values.put("interval", Durations.text(check.interval()));
    values.put("timeout", Durations.text(check.timeout()));
    values.put("rise", "" + check.rise());
    values.put("fall", "" + check.fall());
    String kind = check.question().kind();
    return keys(kind).stream()
        .filter(values::containsKey)
        .map(key -> "," + key + "=" + values.get(key))
        .collect(Collectors.joining("", kind, ""));
  }

  private static void put(Map<String, String> values, Tls tls) {
    put(values, "tls-verify", tls.verify(), Tls.DEFAULT.verify());
    put(values, "tls-sni", tls.sni(), Tls.DEFAULT.sni());
    if (!tls.expiry().equals(Tls.DEFAULT.expiry())) {
      values.put("expiry", Durations.text(tls.expiry()));
    }
  }

  private static void put(Map<String, String> values, String key, Object value, Object standard) {
    if (!value.equals(standard)) {
      values.put(key, value.toString());
    }
  }
}
