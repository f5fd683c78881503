package dev.freeway.controlplane.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All services that can be scanned. */
public record Catalog(List<CatalogService> services) {
  private static final String DIRECTORY = "/dev/freeway/controlplane/catalog/";

  /** Copies the services. */
  public Catalog {
    services = List.copyOf(services);
  }

  /** The catalogue that was built in, by label. Read once: it takes some tenths of a second. */
  public static Catalog builtIn() {
    return BuiltIn.CATALOG;
  }

  private static final class BuiltIn {
    private static final Catalog CATALOG = read();

    private BuiltIn() {}
  }

  private static Catalog read() {
    List<CatalogService> services = new ArrayList<>();
    for (String label : resource("index").lines().toList()) {
      services.add(CatalogReader.read(label + ".yaml", resource(label + ".yaml")));
    }
    return new Catalog(services);
  }

  private static String resource(String name) {
    try (InputStream file = Catalog.class.getResourceAsStream(DIRECTORY + name)) {
      if (file == null) {
        throw new IllegalStateException("the catalogue has no file " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
