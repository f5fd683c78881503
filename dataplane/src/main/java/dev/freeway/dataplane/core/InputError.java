package dev.freeway.dataplane.core;

/**
 * Something in the input that cannot be used, and what would be right.
 *
 * @param file where it stands: the path as given, or "-" for standard input
 * @param document 1-based number of the document in the file, and the object's kind and name when
 *     they could be read, for example {@code 2 (Service shop/web)}
 * @param field JSON-path-like place, for example {@code metadata.annotations[freeway.dev/weight]}
 * @param value what stands there
 * @param expected what would be right
 */
public record InputError(
    String file, String document, String field, String value, String expected) {}
