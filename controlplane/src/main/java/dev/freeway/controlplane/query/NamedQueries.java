package dev.freeway.controlplane.query;

import dev.freeway.controlplane.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The queries that are built in, and people's own; one of theirs hides a built-in of its name. */
public final class NamedQueries {
  /** A default that stands for the catalogue's types that can have tags, as a JSON list. */
  static final String TAGGABLE = "@taggable";

  private static final String ENDING = ".sql";
  private static final Pattern INCLUDE = Pattern.compile("(?m)^-- include: (\\w+)\\n");

  private final TreeMap<String, NamedQuery> queries = new TreeMap<>();

  private NamedQueries() {}

  /**
   * All queries.
   *
   * @param directories of people's own files, {@code NAME.sql}; those that are missing have none
   * @throws QueryException when a file cannot be read
   */
  public static NamedQueries load(List<Path> directories) {
    NamedQueries all = new NamedQueries();
    for (String name : resource("index").lines().toList()) {
      all.add(NamedQuery.parse(name, whole(resource(name + ENDING))));
    }
    for (Path directory : directories) {
      if (Files.isDirectory(directory)) {
        all.add(directory);
      }
    }
    return all;
  }

  /** What several queries begin with is in a file of its own: {@code -- include: NAME}. */
  private static String whole(String text) {
    return INCLUDE
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(resource(match.group(1) + ".part")));
  }

  /** All of them, by name. */
  public List<NamedQuery> all() {
    return List.copyOf(queries.values());
  }

  /** One by its name. */
  public Optional<NamedQuery> named(String name) {
    return Optional.ofNullable(queries.get(name));
  }

  private void add(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(each -> each.toString().endsWith(ENDING)).toList()) {
        String name = String.valueOf(file.getFileName());
        add(
            NamedQuery.parse(
                name.substring(0, name.length() - ENDING.length()), Files.readString(file)));
      }
    } catch (IOException e) {
      throw new QueryException("the queries in " + directory + " cannot be read: " + e, e);
    }
  }

  private void add(NamedQuery query) {
    Map<String, @Nullable String> parameters = new LinkedHashMap<>(query.parameters());
    if (parameters.containsValue(TAGGABLE)) {
      parameters.replaceAll((name, value) -> TAGGABLE.equals(value) ? taggable() : value);
    }
    queries.put(
        query.name(),
        new NamedQuery(query.name(), query.description(), parameters, query.fields(), query.sql()));
  }

  private static String taggable() {
    return JsonMapper.builder()
        .build()
        .writeValueAsString(
            Catalog.builtIn().types().stream()
                .filter(type -> !type.tags().text().isEmpty())
                .map(type -> type.key())
                .toList());
  }

  static String resource(String name) {
    try (InputStream file = NamedQueries.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("no query " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
