package dev.freeway.controlplane.query;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A query in a file, which begins with lines as
 *
 * <pre>
 * -- description: Volumes that nothing uses
 * -- params: account, days=90
 * -- fields: ec2:volume State, Attachments
 * </pre>
 *
 * <p>Fields are what it reads of documents; the build checks them against the catalogue. AWSMap's
 * files run too: their places in braces become bound parameters, not text.
 *
 * @param parameters by name the default; null where it is optional, which the text asks for with
 *     {@code :name IS NULL}
 * @param fields by type, as {@code ec2:volume}, the paths that it reads
 */
public record NamedQuery(
    String name,
    String description,
    Map<String, @Nullable String> parameters,
    Map<String, List<String>> fields,
    String sql) {
  private static final Pattern HEAD = Pattern.compile("--\\s*(\\w+):\\s*(.*)");
  private static final Pattern SCAN_FILTER = Pattern.compile("\\{scan_filter(?:_(\\w+))?}");
  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
  private static final Pattern TAIL =
      Pattern.compile("\\s+(?:GROUP|ORDER|LIMIT)\\b", Pattern.CASE_INSENSITIVE);

  /** Copies the maps. */
  public NamedQuery {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /**
   * Reads a file.
   *
   * @param name the file's, without its ending
   */
  public static NamedQuery parse(String name, String text) {
    String description = "";
    Map<String, @Nullable String> parameters = new LinkedHashMap<>();
    Map<String, List<String>> fields = new LinkedHashMap<>();
    StringBuilder sql = new StringBuilder();
    boolean head = true;
    for (String line : text.lines().toList()) {
      Matcher match = HEAD.matcher(line.strip());
      head = head && line.strip().startsWith("--");
      if (!head || !match.matches()) {
        sql.append(line).append('\n');
        continue;
      }
      String value = match.group(2).strip();
      switch (match.group(1)) {
        case "description" -> description = value;
        case "params" -> parameters(value, parameters);
        case "fields" -> fields(value, fields);
        default -> {}
      }
    }
    return new NamedQuery(
        name, description, parameters, fields, bound(sql.toString().strip(), parameters));
  }

  private static void parameters(String list, Map<String, @Nullable String> parameters) {
    for (String each : list.split(",(?![^\\[]*])", -1)) { // not in a JSON list
      int equals = each.indexOf('=');
      if (equals >= 0) {
        parameters.put(each.substring(0, equals).strip(), each.substring(equals + 1).strip());
      } else if (!each.isBlank()) {
        parameters.put(each.strip(), null);
      }
    }
  }

  private static void fields(String line, Map<String, List<String>> fields) {
    int space = line.indexOf(' ');
    List<String> paths =
        fields.computeIfAbsent(line.substring(0, space), type -> new ArrayList<>());
    for (String path : line.substring(space + 1).split(",", -1)) {
      paths.add(path.strip());
    }
  }

  /** AWSMap's text with bound parameters in the place of those that it splices in. */
  private static String bound(String sql, Map<String, @Nullable String> parameters) {
    Matcher filter = SCAN_FILTER.matcher(sql);
    if (!filter.find()) {
      return sql;
    }
    String text =
        filter.replaceAll(
            match -> {
              String alias = match.group(1) == null ? "" : match.group(1) + ".";
              return "(%1$sis_current = 1 AND (:account IS NULL OR %1$saccount_id = :account))"
                  .formatted(alias);
            });
    parameters.putIfAbsent("account", null);
    for (String column : List.of("service", "region")) {
      if (parameters.containsKey(column) && !text.contains("{" + column + "}")) {
        String condition = " AND (:%1$s IS NULL OR %1$s = :%1$s)".formatted(column);
        Matcher tail = TAIL.matcher(text);
        int end = tail.find() ? tail.start() : text.length();
        text = text.substring(0, end) + condition + text.substring(end);
      }
    }
    StringBuilder out = new StringBuilder();
    boolean quoted = false;
    Matcher place = PLACE.matcher(text);
    for (int at = 0; at < text.length(); ) {
      if (text.charAt(at) == '{' && place.find(at) && place.start() == at) {
        out.append(quoted ? "' || :" + place.group(1) + " || '" : ":" + place.group(1));
        at = place.end();
        continue;
      }
      quoted ^= text.charAt(at) == '\'';
      out.append(text.charAt(at));
      at++;
    }
    return out.toString();
  }

  /**
   * Every parameter's value.
   *
   * @throws QueryException when one is given that the query does not have
   */
  Map<String, @Nullable String> values(Map<String, ? extends @Nullable String> given) {
    Map<String, @Nullable String> values = new LinkedHashMap<>(parameters);
    given.forEach(
        (key, value) -> {
          if (!parameters.containsKey(key)) {
            throw new QueryException(
                name + " has no parameter " + key + "; it has " + parameters.keySet());
          }
          String usual = parameters.get(key);
          if (usual != null
              && usual.matches("\\d+")
              && value != null
              && !value.matches("\\d{1,9}")) {
            throw new QueryException(
                name + ": " + key + "=" + value + ": expected a number, such as " + usual);
          }
          values.put(key, value);
        });
    values.keySet().retainAll(Sql.parse(sql).parameters());
    return values;
  }
}
