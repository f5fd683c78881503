package dev.freeway.controlplane.fake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Connections;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every operation of the catalogue, through the client and the fake and back: holds the models
 * against a second reading of AWS's protocols, which knows nothing of the SDK's.
 */
class EveryOperationTest {
  private static final AwsBasicCredentials CREDENTIALS =
      AwsBasicCredentials.create("AKIA123456789012", "secret");

  private static FakeAws aws;
  private static Connections connections;
  private static AwsClient client;

  @BeforeAll
  static void start() {
    aws = FakeAws.start();
    connections = new Connections(4);
    client = new AwsClient(connections.http(), new Endpoints(Optional.of(aws.url())));
  }

  @AfterAll
  static void stop() {
    connections.close();
    aws.close();
  }

  @AfterEach
  void nothingGoesWrongAnyMore() {
    aws.faults().clear();
    assertThat(aws.broken()).isEmpty();
  }

  static List<String> modules() {
    TreeSet<String> modules = new TreeSet<>();
    for (ResourceType type : Catalog.builtIn().types()) {
      modules.add(type.sdk());
      type.details().stream().map(Detail::sdk).forEach(modules::add);
    }
    return List.copyOf(modules);
  }

  private static ObjectNode call(ServiceModel model, Operation operation) throws AwsException {
    return client.call(model, operation, "eu-west-1", Samples.input(operation), CREDENTIALS);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void comesBackWithEveryMemberFilled(String module) throws AwsException {
    ServiceModel model = ServiceModel.of(module);
    List<String> different = new ArrayList<>();
    for (Operation operation : model.operations().values()) {
      String name = module + ":" + operation.name();
      ObjectNode answer = Samples.answer(model, operation);
      aws.estate().answer(Estate.ANY, name, Map.of(), answer);
      try {
        ObjectNode read = call(model, operation);
        if (!read.toString().equals(answer.toString())) {
          different.add(name + "\n  said " + answer + "\n  read " + read);
        }
      } finally {
        aws.estate().clear(name);
      }
    }
    assertThat(different).isEmpty();
  }
}
