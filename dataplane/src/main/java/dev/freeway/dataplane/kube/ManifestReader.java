package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads Services and EndpointSlices from YAML and JSON. Whatever cannot be read becomes an {@link
 * InputError}; the rest is read all the same.
 */
public final class ManifestReader {
  /** Standard input, in place of a path. */
  public static final String STDIN = "-";

  private static final String SLICE_VERSION = "discovery.k8s.io/v1";
  private static final int KINDS_NAMED = 4;

  private final List<Sourced<Service>> services = new ArrayList<>();
  private final List<Sourced<Slice>> slices = new ArrayList<>();
  private final Set<String> refused = new LinkedHashSet<>();
  private final List<InputError> errors = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean complete = true;

  private ManifestReader() {}

  /**
   * Reads everything once.
   *
   * @param sources files, directories (their {@code *.yaml}, {@code *.yml} and {@code *.json}, not
   *     recursive, no dotfiles) or "-"
   * @param stdin read to its end when a source is "-"
   */
  public static Manifests read(List<String> sources, InputStream stdin) {
    ManifestReader reader = new ManifestReader();
    for (String source : new LinkedHashSet<>(sources)) {
      if (source.equals(STDIN)) {
        reader.readStream(source, stdin);
      } else {
        reader.readPath(source);
      }
    }
    return reader.result();
  }

  /** Reads content that is already in memory, by name; names that end in .json are JSON. */
  static Manifests parse(Map<String, byte[]> contents) {
    ManifestReader reader = new ManifestReader();
    contents.forEach(reader::readContent);
    return reader.result();
  }

  private Manifests result() {
    return new Manifests(services, slices, refused, errors, notes, complete);
  }

  /** The manifests of a directory, sorted by name. */
  static List<Path> manifestsIn(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(path -> isManifest(path.getFileName().toString()) && !Files.isDirectory(path))
          .sorted()
          .toList();
    }
  }

  private static boolean isManifest(String name) {
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
  }

  private void readPath(String source) {
    Path path;
    try {
      path = Path.of(source);
    } catch (InvalidPathException e) {
      unusable(source, e.getReason(), "a file or directory that can be read");
      return;
    }
    if (!Files.isDirectory(path)) {
      readFile(source, path);
      return;
    }
    List<Path> files;
    try {
      files = manifestsIn(path);
    } catch (IOException | java.io.UncheckedIOException e) {
      unusable(source, reason(e), "a directory that can be read");
      return;
    }
    if (files.isEmpty()) {
      unusable(source, "an empty directory", "a directory with *.yaml, *.yml or *.json files");
    }
    for (Path file : files) {
      readFile(file.toString(), file);
    }
  }

  private void readFile(String name, Path path) {
    try {
      readContent(name, Files.readAllBytes(path));
    } catch (IOException e) {
      unusable(name, reason(e), "a file or directory that can be read");
    }
  }

  private void readStream(String name, InputStream stdin) {
    try {
      readContent(name, stdin.readAllBytes());
    } catch (IOException e) {
      unusable(name, reason(e), "standard input that can be read");
    }
  }

  static String reason(Exception e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException _ -> "no such file";
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      case java.nio.file.FileSystemException file when file.getReason() != null ->
          file.getReason(); // the message would name the file again
      default -> String.valueOf(e.getMessage());
    };
  }

  private void unusable(String file, String value, String expected) {
    errors.add(new InputError(file, "", "", value, expected));
    complete = false;
  }

  private void readContent(String name, byte[] content) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      unusable(name, "bytes that are not UTF-8", "YAML or JSON in UTF-8");
      return;
    }
    if (text.startsWith("\ufeff")) {
      text = text.substring(1);
    }
    List<Document> documents = documents(name, text);
    if (documents.isEmpty()) {
      unusable(
          name,
          !text.isBlank()
              ? "nothing but comments"
              : name.equals(STDIN) ? "empty standard input" : "an empty file",
          "Service and EndpointSlice objects");
    }
    Map<String, Integer> others = new LinkedHashMap<>();
    for (Document document : documents) {
      switch (document) {
        case Document.Broken broken -> {
          errors.add(
              new InputError(
                  name,
                  Integer.toString(broken.number()),
                  "line " + broken.line() + ", column " + broken.column(),
                  broken.text(),
                  (isJson(name) ? "valid JSON: " : "valid YAML: ") + broken.problem()));
          complete = false;
        }
        case Document.Parsed parsed ->
            readObject(name, Integer.toString(parsed.number()), parsed.tree(), null, others);
      }
    }
    if (!others.isEmpty()) {
      notes.add(
          name + ": left aside what is neither Service nor EndpointSlice: " + summary(others));
    }
  }

  private static String summary(Map<String, Integer> others) {
    List<String> words = new ArrayList<>();
    others.forEach((kind, count) -> words.add(count == 1 ? kind : kind + " (" + count + ")"));
    int more = words.size() - KINDS_NAMED;
    return more <= 0
        ? String.join(", ", words)
        : String.join(", ", words.subList(0, KINDS_NAMED)) + " and " + more + " more kinds";
  }

  private static boolean isJson(String name) {
    return name.endsWith(".json");
  }

  /** JSON is YAML too, but its own parser is much faster; what it refuses may still be YAML. */
  private static List<Document> documents(String name, String text) {
    if (isJson(name)) {
      return JsonDocuments.parse(text);
    }
    if (text.stripLeading().startsWith("{")) {
      List<Document> documents = JsonDocuments.parse(text);
      if (documents.stream().allMatch(document -> document instanceof Document.Parsed)) {
        return documents;
      }
    }
    return YamlDocuments.parse(text);
  }

  private void readObject(
      String file,
      String number,
      Tree tree,
      Tree.@Nullable Mapping list,
      Map<String, Integer> others) {
    if (!(tree instanceof Tree.Mapping map)) {
      errors.add(
          new InputError(
              file,
              number + ", line " + tree.line(),
              "",
              tree.show().isEmpty() ? "\"\"" : tree.show(),
              "a Kubernetes object with apiVersion, kind and metadata"));
      complete = false;
      return;
    }
    String kind = inherited(map, "kind", list);
    String version = inherited(map, "apiVersion", list);
    switch (kind) {
      case "List", "ServiceList", "EndpointSliceList" -> readList(file, number, map, others);
      case "Service" -> {
        if (isOtherGroup(version)) { // such as Knative's Service
          others.merge(version + " " + kind, 1, Integer::sum);
        } else if (isVersion(file, number, map, kind, version, "v1")) {
          readService(file, number, map);
        }
      }
      case "EndpointSlice" -> {
        if (isVersion(file, number, map, kind, version, SLICE_VERSION)) {
          readSlice(file, number, map);
        }
      }
      case "" -> {
        errors.add(
            new InputError(
                file,
                number + ", line " + map.line(),
                "kind",
                "",
                "a kind: Service, EndpointSlice or List"));
        complete = false;
      }
      default -> {
        if (kind.equalsIgnoreCase("Service") || kind.equalsIgnoreCase("EndpointSlice")) {
          boolean isService = kind.equalsIgnoreCase("Service");
          errors.add(
              new InputError(
                  file,
                  label(number, kind, map) + ", line " + map.line(),
                  "kind",
                  kind,
                  isService ? "Service" : "EndpointSlice"));
          refuseOwner(map, isService);
        } else {
          others.merge(kind, 1, Integer::sum);
        }
      }
    }
  }

  private static boolean isOtherGroup(String version) {
    return version.indexOf('/') > 0;
  }

  private boolean isVersion(
      String file, String number, Tree.Mapping map, String kind, String version, String wanted) {
    if (version.equals(wanted)) {
      return true;
    }
    errors.add(
        new InputError(
            file,
            label(number, kind, map) + ", line " + map.line(),
            "apiVersion",
            version,
            wanted));
    refuseOwner(map, kind.equals("Service"));
    return false;
  }

  /** A typed list's items may leave out what the list's kind says. */
  private static String inherited(Tree.Mapping map, String field, Tree.@Nullable Mapping list) {
    String own = word(map, field);
    if (!own.isEmpty() || list == null) {
      return own;
    }
    String outer = word(list, field);
    return outer.endsWith("List") ? outer.substring(0, outer.length() - 4) : outer;
  }

  private void readList(
      String file, String number, Tree.Mapping list, Map<String, Integer> others) {
    Tree items = list.fields().get("items");
    if (items instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NULL) {
      return;
    }
    if (!(items instanceof Tree.Sequence sequence)) {
      errors.add(
          new InputError(
              file,
              number + ", line " + list.line(),
              "items",
              items == null ? "" : items.show(),
              "a list of objects"));
      complete = false;
      return;
    }
    for (int i = 0; i < sequence.items().size(); i++) {
      readObject(file, number + " item " + (i + 1), sequence.items().get(i), list, others);
    }
  }

  private void readService(String file, String number, Tree.Mapping map) {
    String document = label(number, "Service", map);
    Service service = new ObjectBinder(file, document, errors).service(map);
    if (service == null) {
      refuseOwner(map, true);
    } else {
      services.add(new Sourced<>(service, file, document));
    }
  }

  private void readSlice(String file, String number, Tree.Mapping map) {
    String document = label(number, "EndpointSlice", map);
    Slice slice = new ObjectBinder(file, document, errors).slice(map);
    if (slice == null) {
      refuseOwner(map, false);
    } else {
      slices.add(new Sourced<>(slice, file, document));
    }
  }

  /** Remembers whose object could not be read; when even that is unknown, nothing is complete. */
  private void refuseOwner(Tree.Mapping map, boolean isService) {
    Tree.Mapping metadata = inner(map, "metadata");
    String name =
        isService
            ? word(metadata, "name")
            : word(inner(metadata, "labels"), ServiceTranslator.SERVICE_NAME);
    if (name.isEmpty()) {
      complete = false;
    } else {
      refused.add(namespace(metadata) + "/" + name);
    }
  }

  private static String label(String number, String kind, Tree.Mapping map) {
    Tree.Mapping metadata = inner(map, "metadata");
    String name = word(metadata, "name");
    return name.isEmpty()
        ? number + " (" + kind + ")"
        : number + " (" + kind + " " + namespace(metadata) + "/" + name + ")";
  }

  private static String namespace(Tree.Mapping metadata) {
    String namespace = word(metadata, "namespace");
    return namespace.isEmpty() ? ServiceTranslator.DEFAULT_NAMESPACE : namespace;
  }

  private static Tree.Mapping inner(Tree.Mapping map, String field) {
    return map.fields().get(field) instanceof Tree.Mapping inner
        ? inner
        : new Tree.Mapping(Map.of(), map.line());
  }

  private static String word(Tree.Mapping map, String field) {
    return map.fields().get(field) instanceof Tree.Scalar scalar
            && scalar.kind() == Tree.Kind.STRING
        ? scalar.text()
        : "";
  }
}
