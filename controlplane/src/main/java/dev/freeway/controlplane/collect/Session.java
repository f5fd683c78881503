package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Connections;
import dev.freeway.controlplane.aws.Endpoints;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Connections to AWS with one caller's credentials. */
public final class Session implements AutoCloseable {
  private final Connections connections;
  private final AwsClient client;
  private final AwsCredentialsProvider credentials;
  private final String home;
  private final int inFlight;

  private Session(
      Connections connections,
      AwsClient client,
      AwsCredentialsProvider credentials,
      String home,
      int inFlight) {
    this.connections = connections;
    this.client = client;
    this.credentials = credentials;
    this.home = home;
    this.inFlight = inFlight;
  }

  /**
   * Opens a session; nothing is asked yet.
   *
   * @param inFlight how many requests at most wait for an answer at the same time
   */
  public static Session open(Access access, int inFlight, Map<String, String> environment) {
    Connections connections = new Connections(inFlight);
    return new Session(
        connections,
        new AwsClient(connections.http(), new Endpoints(access.endpoint())),
        access.credentials(),
        access.home(environment),
        inFlight);
  }

  /**
   * Whose account it is.
   *
   * @throws AwsException when AWS does not say
   */
  public Account account() throws AwsException {
    AwsCredentialsIdentity identity;
    try {
      identity = credentials.resolveCredentials();
    } catch (SdkClientException e) {
      throw AwsException.withoutCredentials(e);
    }
    return Account.of(client, home, identity);
  }

  /** What scans that account. */
  public Scanner scanner(Account account, Progress progress) {
    Ledger ledger = new Ledger(account.id());
    Supplier<AwsCredentialsIdentity> identity = credentials::resolveCredentials;
    return new Scanner(
        new Caller(client, identity, ledger, inFlight, progress, Waiting.REAL), ledger, progress);
  }

  /** TLS handshakes so far. */
  public long handshakes() {
    return connections.handshakes();
  }

  @Override
  public void close() {
    if (credentials instanceof SdkAutoCloseable closeable) {
      closeable.close();
    }
    connections.close();
  }
}
