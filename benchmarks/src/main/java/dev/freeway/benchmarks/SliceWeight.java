package dev.freeway.benchmarks;

import dev.freeway.dataplane.kube.SliceRecords;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The heap that endpoints take: as the router keeps them, and as the API's objects. */
final class SliceWeight {
  private static final int SLICES = 400;
  private static final int EACH = 50;

  private SliceWeight() {}

  static void measure() {
    KubernetesSerialization objects = new KubernetesSerialization();
    Samples.add("core.endpoint.ours", bytes(SliceRecords::read));
    Samples.add(
        "core.endpoint.objects", bytes(json -> objects.unmarshal(json, EndpointSlice.class)));
  }

  private static double bytes(Function<String, Object> reader) {
    var _ = reader.apply(slice(0)); // its classes
    long before = Core.used();
    List<Object> kept = new ArrayList<>(SLICES);
    try {
      for (int number = 0; number < SLICES; number++) {
        kept.add(reader.apply(slice(number)));
      }
      return (double) (Core.used() - before) / (SLICES * EACH);
    } finally {
      Reference.reachabilityFence(kept);
    }
  }

  /** As the controller of a Deployment's Service writes it. */
  private static String slice(int number) {
    StringBuilder json = new StringBuilder();
    String service = "service-" + number / 2;
    json.append(
            "{\"apiVersion\": \"discovery.k8s.io/v1\", \"kind\": \"EndpointSlice\", \"metadata\":")
        .append(" {\"name\": \"%s-%05x\", \"namespace\": \"shop\",".formatted(service, number))
        .append(" \"uid\": \"6f8b2f0c-0000-4000-8000-%012d\",".formatted(number))
        .append(" \"resourceVersion\": \"%d\", \"generation\": 3,".formatted(100_000 + number))
        .append(" \"labels\": {\"kubernetes.io/service-name\": \"%s\",".formatted(service))
        .append(" \"endpointslice.kubernetes.io/managed-by\":")
        .append(" \"endpointslice-controller.k8s.io\"}}, \"addressType\": \"IPv4\", \"ports\":")
        .append(" [{\"name\": \"http\", \"port\": 8080, \"protocol\": \"TCP\"}], \"endpoints\": [");
    for (int i = 0; i < EACH; i++) {
      int at = number * EACH + i;
      json.append(i == 0 ? "" : ", ")
          .append("{\"addresses\": [\"10.%d.%d.%d\"],".formatted(at >> 16, at >> 8 & 255, at & 255))
          .append(" \"conditions\": {\"ready\": true, \"serving\": true, \"terminating\": false},")
          .append(" \"nodeName\": \"node-%d\", \"zone\": \"lab-a\",".formatted(at % 50))
          .append(" \"targetRef\": {\"kind\": \"Pod\", \"namespace\": \"shop\",")
          .append(" \"name\": \"%s-5d9c7f6b8-%05x\",".formatted(service, at))
          .append(" \"uid\": \"7a1b2c3d-0000-4000-8000-%012d\"}}".formatted(at));
    }
    return json.append("]}").toString();
  }
}
