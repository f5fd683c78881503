package dev.freeway.controlplane.aws;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is to be known of a service to call it.
 *
 * @param module the SDK's artifact, such as {@code elasticloadbalancingv2}
 * @param jsonVersion of its JSON protocol, such as 1.1
 * @param queryCompatible whether its error codes come as the query protocol had them
 * @param endpointPrefix as the SDK's metadata of regions calls it
 * @param signingName what requests are signed for
 * @param endpoints where it is by region, see {@link Endpoints}
 */
public record ServiceModel(
    String module,
    Protocol protocol,
    String jsonVersion,
    boolean queryCompatible,
    String apiVersion,
    String endpointPrefix,
    String signingName,
    Map<String, String> endpoints,
    Map<String, Operation> operations,
    Map<String, Shape> shapes) {

  private static final Map<String, ServiceModel> MODELS = new ConcurrentHashMap<>();

  /**
   * The model of a module that was built in.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static ServiceModel of(String module) {
    return MODELS.computeIfAbsent(module, ModelFile::load);
  }

  /**
   * A structure by its name.
   *
   * @throws IllegalArgumentException when the model has none of that name
   */
  public Shape shape(String name) {
    Shape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException(module + " has no shape " + name);
    }
    return shape;
  }

  /**
   * An operation by its name.
   *
   * @throws IllegalArgumentException when the model has none of that name
   */
  public Operation operation(String name) {
    Operation operation = operations.get(name);
    if (operation == null) {
      throw new IllegalArgumentException(module + " has no operation " + name);
    }
    return operation;
  }

  /** How requests and answers are written. */
  public enum Protocol {
    QUERY,
    EC2,
    JSON,
    REST_JSON,
    REST_XML,
    CBOR;

    boolean isJson() {
      return this == JSON || this == REST_JSON || this == CBOR;
    }
  }
}
