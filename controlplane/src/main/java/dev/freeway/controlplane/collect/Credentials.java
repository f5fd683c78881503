package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** What calls are signed with. Any thread may ask. */
@FunctionalInterface
public interface Credentials extends AutoCloseable {
  /**
   * What a call of an operation is signed with now.
   *
   * @throws AwsException when there is nothing
   */
  AwsCredentialsIdentity of(ServiceModel model, Operation operation) throws AwsException;

  /** Ends what renews them. */
  @Override
  default void close() {}
}
