package dev.freeway.controlplane.catalog;

import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What a caller has to be allowed in IAM for an operation, by {@code iam-actions.yaml}. */
public final class IamActions {
  private static final String FILE = "/dev/freeway/controlplane/catalog/iam-actions.yaml";

  private final JsonNode file;

  private IamActions(JsonNode file) {
    this.file = file;
  }

  /**
   * Something to be allowed.
   *
   * @param action such as {@code s3:ListAllMyBuckets}
   * @param resource {@code *}, or an ARN with {@code {partition}} in place of its partition
   */
  public record Grant(String action, String resource) {}

  /** Those that were built in. */
  public static IamActions builtIn() {
    try (InputStream yaml = IamActions.class.getResourceAsStream(FILE)) {
      if (yaml == null) {
        throw new IllegalStateException("no " + FILE);
      }
      return new IamActions(new YAMLMapper().readTree(yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an operation takes; at least one. */
  public List<Grant> of(ServiceModel model, Operation operation) {
    String module = model.module();
    String prefix = file.path("prefixes").path(module).asString(model.signingName());
    if (file.path("paths").valueStream().anyMatch(path -> path.asString().equals(module))) {
      return List.of(
          new Grant(
              prefix + ":" + operation.method(),
              "arn:{partition}:" + prefix + ":*::" + path(operation.uri())));
    }
    List<Grant> grants = new ArrayList<>();
    JsonNode instead = file.path("actions").path(module).path(operation.name());
    if (instead.isMissingNode()) {
      grants.add(new Grant(prefix + ":" + operation.awsName(), "*"));
    }
    Stream.of(instead, file.path("further").path(module).path(operation.name()))
        .flatMap(JsonNode::valueStream)
        .forEach(action -> grants.add(new Grant(action.asString(), "*")));
    return List.copyOf(grants);
  }

  /** The operations that the file names, to be held against the models. */
  List<OperationKey> named() {
    List<OperationKey> named = new ArrayList<>();
    for (String section : List.of("actions", "further")) {
      file.path(section)
          .forEachEntry(
              (module, operations) ->
                  operations
                      .propertyNames()
                      .forEach(operation -> named.add(new OperationKey(module, operation))));
    }
    return named;
  }

  /** A path without its query, and with any text where it has places. */
  private static String path(String uri) {
    return uri.replaceFirst("\\?.*", "").replaceAll("\\{[^}]*}", "*");
  }
}
