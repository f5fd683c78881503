/**
 * Kubernetes objects to desired state: manifests read and followed, Services and their
 * EndpointSlices translated; the only user of Fabric8. Reading and translating are functions of
 * their input; a follower's state belongs to its own thread.
 */
@NullMarked
package dev.freeway.dataplane.kube;

import org.jspecify.annotations.NullMarked;
