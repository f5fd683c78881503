package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;

/**
 * A Kubernetes object and where it came from.
 *
 * @param object a Fabric8 model object
 * @param file the path as given, "-" for standard input, or the API server's name
 * @param document place in the file, for example {@code 2 (Service shop/web)}
 */
public record Sourced<T>(T object, String file, String document) {
  InputError error(String field, String value, String expected) {
    return new InputError(file, document, field, value, expected);
  }

  String place() {
    return file + ", document " + document;
  }
}
