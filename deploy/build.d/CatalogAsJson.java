import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A step of the build, run as a single source file with Jackson on its class path: writes the
 * catalogue's files, which people read and write as YAML, as one of JSON. Reading YAML was half of
 * what each command took that needs the catalogue.
 *
 * <p>Nothing is checked here but that it is YAML; what reads the catalogue checks it, and the tests
 * hold it against the SDK's shapes.
 *
 * <p>Arguments: the directory of the files, and the file to write: an object, by label, of what the
 * files hold.
 */
final class CatalogAsJson {
  private CatalogAsJson() {}

  public static void main(String[] args) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    Map<String, JsonNode> services = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(args[0]), "*.yaml")) {
      for (Path file : files) {
        JsonNode service;
        try {
          service = yaml.readTree(file);
        } catch (JacksonException e) {
          throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (service.has("service")) { // others say what all of them share
          services.put(file.getFileName().toString().replace(".yaml", ""), service);
        }
      }
    }
    Path json = Path.of(args[1]);
    Files.createDirectories(json.getParent());
    Files.write(json, new JsonMapper().writeValueAsBytes(services));
  }
}
