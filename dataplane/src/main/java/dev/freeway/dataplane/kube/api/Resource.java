package dev.freeway.dataplane.kube.api;

import java.io.IOException;
import tools.jackson.core.JsonParser;

/**
 * One kind of objects that is listed and watched.
 *
 * @param name plural, as in RBAC: {@code endpointslices}
 * @param path for example {@code /apis/discovery.k8s.io/v1/endpointslices}
 * @param selection query parameters such as {@code fieldSelector=spec.type%3DLoadBalancer}; or
 *     empty
 */
public record Resource<T>(String name, String path, String selection, Decoder<T> decoder) {
  /** Reads one object. */
  @FunctionalInterface
  public interface Decoder<T> {
    /**
     * Reads an object.
     *
     * @param parser at its {@code START_OBJECT}; afterwards at its {@code END_OBJECT}
     * @throws IOException when it is not what this resource's objects are
     */
    Listed<T> read(JsonParser parser) throws IOException;
  }

  /** Path and query of a request for these objects. */
  String query(String parameters) {
    return path + "?" + (selection.isEmpty() ? "" : selection + "&") + parameters;
  }
}
