package dev.freeway.dataplane.kube;

import java.util.OptionalInt;

/**
 * A port of an EndpointSlice.
 *
 * @param name as the Service names it; empty for a port without a name
 * @param number as written, so not always a port; empty for all ports
 */
record SlicePort(String name, String protocol, OptionalInt number) {}
