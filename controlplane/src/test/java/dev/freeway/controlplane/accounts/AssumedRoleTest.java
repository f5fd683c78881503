package dev.freeway.controlplane.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.collect.Access;
import dev.freeway.controlplane.collect.Session;
import dev.freeway.controlplane.fake.FakeAws;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

class AssumedRoleTest {
  private static final RoleArn ROLE = RoleArn.parse("arn:aws:iam::222222222222:role/Reader");
  private static final RoleRequest REQUEST = new RoleRequest("freeway", "");
  private static final Set<OperationKey> QUEUES =
      Catalog.builtIn().service("sqs").orElseThrow().operations();

  private final FakeAws aws = FakeAws.start();
  private final Session connections =
      Session.open(
          new Access("", Optional.of(aws.url())), 4, Map.of("AWS_DEFAULT_REGION", "us-east-1"));
  private final Session caller =
      connections.with((_, _) -> AwsBasicCredentials.create("AKIA111111111111", "secret"));
  private Instant now = Instant.now();
  private final InstantSource clock = () -> now;

  @AfterEach
  void stop() {
    assertThat(aws.broken()).isEmpty();
    connections.close();
    aws.close();
  }

  private AssumedRole role(Set<OperationKey> operations) {
    return new AssumedRole(caller, ROLE, REQUEST, operations, clock);
  }

  private static String key(AssumedRole role, OperationKey operation) throws AwsException {
    ServiceModel model = ServiceModel.of(operation.module());
    return role.of(model, model.operation(operation.operation())).accessKeyId();
  }

  @Test
  void aSessionIsKeptAndRenewedBeforeItsEnd() throws AwsException {
    AssumedRole role = role(QUEUES);
    OperationKey list = new OperationKey("sqs", "ListQueues");
    String first = key(role, list);
    assertThat(first).endsWith("222222222222");
    now = now.plus(Duration.ofMinutes(50));
    assertThat(key(role, list)).isEqualTo(first);
    now = now.plus(Duration.ofMinutes(6));
    assertThat(key(role, list)).isNotEqualTo(first);
    assertThat(aws.requests("sts:AssumeRole")).isEqualTo(2);
  }

  @Test
  void whatNoSessionIsForIsNotCalled() {
    assertThatThrownBy(() -> key(role(QUEUES), new OperationKey("sns", "ListTopics")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sns:ListTopics");
  }

  @Test
  void anActionBeyondThePolicyIsRefused() throws AwsException {
    AssumedRole role = role(QUEUES);
    Session stolen =
        connections.with(
            (_, _) ->
                role.of(ServiceModel.of("sqs"), ServiceModel.of("sqs").operation("ListQueues")));
    stolen.ask("sqs", "ListQueues", Map.of());
    assertThatThrownBy(() -> stolen.ask("sns", "ListTopics", Map.of()))
        .isInstanceOfSatisfying(
            AwsException.class, e -> assertThat(e.kind()).isEqualTo(AwsException.Kind.DENIED));
    assertThat(aws.roles().refused()).isEqualTo(1);
  }

  @Test
  void aPolicyThatPacksIntoTooMuchIsHalved() throws AwsException {
    aws.roles().packed(700);
    Set<OperationKey> all = new TreeSet<>(QUEUES);
    for (String service : new String[] {"ec2", "iam", "s3"}) {
      all.addAll(Catalog.builtIn().service(service).orElseThrow().operations());
    }
    AssumedRole role = role(all);
    for (OperationKey operation : all) {
      assertThat(key(role, operation)).endsWith("222222222222");
    }
    long asked = aws.requests("sts:AssumeRole");
    for (OperationKey operation : all) {
      key(role, operation);
    }
    assertThat(aws.requests("sts:AssumeRole")).isEqualTo(asked);
  }

  @Test
  void aRefusalSaysWhichRoleAndIsNotAskedForEachCall() {
    aws.roles().close("222222222222");
    AssumedRole role = role(QUEUES);
    for (OperationKey operation : QUEUES) {
      assertThatThrownBy(() -> key(role, operation))
          .hasMessageContaining("AssumeRole of " + ROLE + ": not authorized");
    }
    assertThat(aws.requests("sts:AssumeRole")).isEqualTo(1);
    aws.roles().open("222222222222");
    now = now.plus(Duration.ofMinutes(2));
    assertThat(QUEUES).allSatisfy(operation -> assertThat(key(role, operation)).isNotEmpty());
  }

  @Test
  void aSecondFactorIsShownOnceForManySessions() throws AwsException {
    aws.roles().requireMfa();
    Mfa mfa = new Mfa("arn:aws:iam::111111111111:mfa/ann", "123456");
    Session shown = mfa.session(caller);
    Set<OperationKey> all = new TreeSet<>(QUEUES);
    Catalog.builtIn().services().forEach(service -> all.addAll(service.operations()));
    AssumedRole role = new AssumedRole(shown, ROLE, REQUEST, all, clock);
    for (OperationKey operation : all) {
      key(role, operation);
    }
    assertThat(aws.roles().sessions()).isGreaterThan(2);
    assertThatThrownBy(() -> mfa.session(caller)).hasMessageContaining("one time pass code");
    assertThatThrownBy(() -> key(role(QUEUES), QUEUES.iterator().next()))
        .hasMessageContaining("trust policy");
  }
}
