package dev.freeway.controlplane.aws;

import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceMetadata;

/**
 * Where services are. The models have what the SDK's own rules answered for each region that it
 * knows, said once for all ({@code *}), for a partition's regions or for one region; a region that
 * came later is as most are.
 *
 * @param override asked instead of AWS, for every service
 */
public record Endpoints(Optional<URI> override) {

  /**
   * One service in one region.
   *
   * @param url with the host and perhaps a path
   * @param signingName what requests are signed for
   * @param signingRegion where they are signed for
   */
  public record Endpoint(URI url, String signingName, String signingRegion) {}

  /** Where a service is in a region. */
  public Endpoint of(ServiceModel model, String region) {
    PartitionMetadata partition = PartitionMetadata.of(Region.of(region));
    String template = model.endpoints().getOrDefault("*", "");
    template = model.endpoints().getOrDefault(partition.id(), template);
    template = model.endpoints().getOrDefault(region, template);
    if (template.isEmpty()) {
      template = model.endpointPrefix() + ".{region}.{dnsSuffix}";
    }
    String filled =
        template.replace("{region}", region).replace("{dnsSuffix}", partition.dnsSuffix());
    int space = filled.indexOf(' ');
    String host = space < 0 ? filled : filled.substring(0, space);
    String[] signing = space < 0 ? new String[0] : filled.substring(space + 1).split("/", -1);
    return new Endpoint(
        override.orElseGet(() -> URI.create("https://" + host)),
        signing.length > 0 && !signing[0].isEmpty() ? signing[0] : model.signingName(),
        signing.length > 1 && !signing[1].isEmpty() ? signing[1] : region);
  }

  /**
   * Whether the SDK's metadata lists a service in a region. It does not list every service that is
   * there.
   */
  public static boolean lists(ServiceModel model, String region) {
    return ServiceMetadata.of(model.endpointPrefix()).regions().contains(Region.of(region));
  }

  /** The partition of a region, such as {@code aws-us-gov}. */
  public static String partition(String region) {
    return PartitionMetadata.of(Region.of(region)).id();
  }
}
