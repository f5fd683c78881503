package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Connections;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.ServiceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Connections to AWS with one caller's credentials. Others may share the connections, and with them
 * the number of requests at the same time.
 */
public final class Session implements AutoCloseable {
  private final Optional<Connections> own;
  private final AwsClient client;
  private final Connections connections;
  private final Permits permits;
  private final Credentials credentials;
  private final String home;

  private Session(
      Optional<Connections> own,
      AwsClient client,
      Connections connections,
      Permits permits,
      Credentials credentials,
      String home) {
    this.own = own;
    this.client = client;
    this.connections = connections;
    this.permits = permits;
    this.credentials = credentials;
    this.home = home;
  }

  /**
   * Opens a session; nothing is asked yet.
   *
   * @param inFlight how many requests at most wait for an answer at the same time
   */
  public static Session open(Access access, int inFlight, Map<String, String> environment) {
    Connections connections = new Connections(inFlight);
    return new Session(
        Optional.of(connections),
        new AwsClient(connections.http(), new Endpoints(access.endpoint())),
        connections,
        new Permits(inFlight),
        access.credentials(),
        access.home(environment));
  }

  /** A session by another access over the same connections; they stay this one's. */
  public Session beside(Access access, Map<String, String> environment) {
    return new Session(
        Optional.empty(),
        new AwsClient(connections.http(), new Endpoints(access.endpoint())),
        connections,
        permits,
        access.credentials(),
        access.home(environment));
  }

  /** The same with other credentials; the connections stay this one's. */
  public Session with(Credentials others) {
    return new Session(Optional.empty(), client, connections, permits, others, home);
  }

  /** The region that is asked first. */
  public String home() {
    return home;
  }

  /** As in {@code aws-us-gov}. */
  public String partition() {
    return Endpoints.partition(home);
  }

  /**
   * Whose account it is.
   *
   * @throws AwsException when AWS does not say
   */
  public Account account() throws AwsException {
    return Account.of(this);
  }

  /**
   * Asks in the first region, as patiently as a scan does.
   *
   * @return the answer's pages, one at least
   * @throws AwsException when it is not answered in full
   */
  public List<ObjectNode> ask(String module, String operation, Map<String, Object> input)
      throws AwsException {
    ServiceModel model = ServiceModel.of(module);
    List<ObjectNode> pages = new ArrayList<>();
    new Caller(client, credentials, new Ledger(""), permits, Progress.NONE, Waiting.REAL)
        .ask(
            new Caller.Call(
                module,
                model,
                model.operation(operation),
                home,
                input,
                Optional.empty(),
                List.of()),
            page -> {
              pages.add(page);
              return 1;
            });
    return pages;
  }

  /** What scans that account. */
  public Scanner scanner(Account account, Progress progress) {
    Ledger ledger = new Ledger(account.id());
    return new Scanner(
        new Caller(client, credentials, ledger, permits, progress, Waiting.REAL), ledger, progress);
  }

  /** TLS handshakes so far. */
  public long handshakes() {
    return connections.handshakes();
  }

  @Override
  public void close() {
    credentials.close();
    own.ifPresent(Connections::close);
  }
}
