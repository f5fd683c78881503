package dev.freeway.controlplane.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** All services that can be scanned. */
public record Catalog(List<CatalogService> services) {
  /** Made of the YAML files by the build; see deploy/build.d/CatalogAsJson.java. */
  private static final String FILE = "/dev/freeway/controlplane/catalog/catalog.json";

  /** Copies the services. */
  public Catalog {
    services = List.copyOf(services);
  }

  /** The catalogue that was built in, by label. Read once. */
  public static Catalog builtIn() {
    return BuiltIn.CATALOG;
  }

  private static final class BuiltIn {
    private static final Catalog CATALOG = read();

    private BuiltIn() {}
  }

  private static Catalog read() {
    List<CatalogService> services = new ArrayList<>();
    try (InputStream json = Catalog.class.getResourceAsStream(FILE)) {
      if (json == null) {
        throw new IllegalStateException("no " + FILE + "; expected the one that mvn package makes");
      }
      new JsonMapper()
          .readTree(json)
          .forEachEntry(
              (label, service) -> services.add(CatalogReader.read(label + ".yaml", service)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Catalog(services);
  }

  /** A service by its label. */
  public Optional<CatalogService> service(String label) {
    return services.stream().filter(service -> service.label().equals(label)).findFirst();
  }

  /** What of documents of a type counts as a change; all of it, of one that is not known. */
  public Lasting lasting(String service, String type) {
    return services.stream()
        .flatMap(each -> each.types().stream())
        .filter(each -> each.service().equals(service) && each.name().equals(type))
        .map(ResourceType::lasting)
        .findFirst()
        .orElse(Lasting.ALL);
  }

  /** Every type of every service. */
  public List<ResourceType> types() {
    return services.stream().flatMap(service -> service.types().stream()).toList();
  }
}
