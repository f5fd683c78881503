/**
 * What the router's machine needs around the IPVS table: links, addresses, routes, rules and
 * neighbours over rtnetlink, sysctls, kernel modules, source NAT; what of it is missing, and how it
 * was before us. What is mutable belongs to one thread, the writer's.
 */
@NullMarked
package dev.freeway.dataplane.link;

import org.jspecify.annotations.NullMarked;
