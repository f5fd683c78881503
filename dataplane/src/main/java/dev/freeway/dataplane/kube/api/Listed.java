package dev.freeway.dataplane.kube.api;

/**
 * An object of a list or of a watch's event.
 *
 * @param key {@code namespace/name}, or the name where objects have no namespace
 * @param version its resourceVersion
 * @param object what the decoder made of it
 */
public record Listed<T>(String key, String version, T object) {}
