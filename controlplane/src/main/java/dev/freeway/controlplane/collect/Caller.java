package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.Pagination;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.store.StoreException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.ToLongFunction;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls operations for a scan: at AWS's pace, again where that helps, page after page, and writes
 * down what came of it. Any thread may use it.
 */
final class Caller {
  private static final int THROTTLED_TRIES = 9;
  private static final int BROKEN_TRIES = 3;

  /** So many pages without an item, one after the other, are no list. */
  private static final int EMPTY_PAGES = 1_000;

  /** Who has waited for a place so long is in as much of a hurry as anybody: page tokens age. */
  private static final long PATIENCE = Duration.ofSeconds(5).toNanos();

  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final String OWN_FAULT = "Freeway's own fault: ";
  private static final AwsCredentialsIdentity NOBODY = AwsCredentialsIdentity.create("", "");

  private final AwsClient client;
  private final Credentials credentials;
  private final Ledger ledger;
  private final Permits permits;
  private final Progress progress;
  private final Waiting waiting;
  private final Map<String, Pace> paces = new ConcurrentHashMap<>();

  /** Services that a proxy answered for AWS: tried again once, not for each operation. */
  private final Set<String> foreign = ConcurrentHashMap.newKeySet();

  private final CountDownLatch stop = new CountDownLatch(1);

  /**
   * A caller.
   *
   * @param permits one for each request that waits for an answer; several callers may share them
   */
  Caller(
      AwsClient client,
      Credentials credentials,
      Ledger ledger,
      Permits permits,
      Progress progress,
      Waiting waiting) {
    this.client = client;
    this.credentials = credentials;
    this.ledger = ledger;
    this.permits = permits;
    this.progress = progress;
    this.waiting = waiting;
  }

  /** How a call ended: whole, or why not. */
  sealed interface Ended {
    /** Every page was taken in. */
    record Whole() implements Ended {}

    /** It was refused with a code that says that there is nothing. */
    record Absent() implements Ended {}

    /** What is there may have gone unseen, unless the outcome says that nothing can be there. */
    record Refused(Outcome outcome, String code) implements Ended {}
  }

  /**
   * A call.
   *
   * @param page how it goes on, where the names of its members do not say it
   */
  record Call(
      String service,
      ServiceModel model,
      Operation operation,
      String region,
      Map<String, Object> input,
      Optional<Pagination> page,
      List<String> absent) {}

  /** No further request leaves, and nobody waits any more for its turn. */
  void stop() {
    stop.countDown();
  }

  /** How time goes by. */
  Waiting waiting() {
    return waiting;
  }

  boolean stopped() {
    return stop.getCount() == 0;
  }

  /**
   * Calls, page after page.
   *
   * @param page takes in an answer and says how many items it had
   * @throws StoreException when an answer could be taken in but not be kept
   */
  Ended call(Call call, ToLongFunction<ObjectNode> page) {
    Ledger.Count count = new Ledger.Count();
    long started = waiting.nanos();
    Ended ended = new Ended.Whole();
    Outcome outcome = Outcome.OK;
    String code = "";
    String message = "";
    try {
      pages(call, page, count);
    } catch (AwsException e) {
      code = e.code();
      message = e.said();
      if (says(call.absent, e)) {
        ended = new Ended.Absent();
        message = "";
      } else {
        outcome = outcome(call, e);
        ended = new Ended.Refused(outcome, code);
      }
    } catch (StoppedException _) {
      outcome = Outcome.STOPPED;
      ended = new Ended.Refused(outcome, "");
    } catch (EndlessException e) {
      outcome = Outcome.FAILED;
      message = String.valueOf(e.getMessage());
      ended = new Ended.Refused(outcome, "");
    } catch (StoreException e) { // of what takes in a page: nothing more is to be asked
      stop();
      throw e;
    } catch (RuntimeException e) {
      outcome = Outcome.FAILED;
      message = OWN_FAULT + e;
      ended = new Ended.Refused(outcome, "");
    }
    count.nanos = waiting.nanos() - started - count.aside;
    ledger.called(
        call.region, call.service, call.operation.awsName(), outcome, code, message, count);
    return ended;
  }

  /**
   * Calls, page after page, and writes nothing down.
   *
   * @throws AwsException when it was not answered in full
   */
  void ask(Call call, ToLongFunction<ObjectNode> page) throws AwsException {
    try {
      pages(call, page, new Ledger.Count());
    } catch (EndlessException e) {
      throw AwsException.unread(call.operation.awsName(), String.valueOf(e.getMessage()));
    } catch (StoppedException _) {
      throw AwsException.unread(call.operation.awsName(), "stopped");
    }
  }

  /** Writes down what was not asked: too many calls, each for one resource. */
  void skipped(String service, String operation, String region, int calls, int most) {
    Ledger.Count count = new Ledger.Count();
    count.calls = calls;
    ledger.called(
        region,
        service,
        operation,
        Outcome.SKIPPED,
        "",
        "would be asked for each of more than %,d; --details all does".formatted(most),
        count);
  }

  /**
   * Takes in what somebody else asked before, page after page.
   *
   * @param before how that ended
   * @throws StoreException when an answer could be taken in but not be kept
   */
  Ended again(Call call, Ended before, List<ObjectNode> pages, ToLongFunction<ObjectNode> page) {
    try {
      for (ObjectNode answer : pages) {
        long _ = page.applyAsLong(answer); // counted where it was asked
      }
    } catch (StoreException e) {
      stop();
      throw e;
    } catch (RuntimeException e) {
      unread(call.service, call.operation.awsName(), call.region, OWN_FAULT + e);
      return new Ended.Refused(Outcome.FAILED, "");
    }
    if (before instanceof Ended.Refused refused) {
      refusedBefore(call, refused);
    }
    return before;
  }

  /** Writes down a refusal of what somebody else asked before, so that each of them has it. */
  private void refusedBefore(Call call, Ended.Refused refused) {
    ledger.called(
        call.region,
        call.service,
        call.operation.awsName(),
        refused.outcome,
        refused.code,
        "asked once, for another service or type that has the same",
        new Ledger.Count());
  }

  /** Writes down what was not asked as nothing of ours needs it. */
  void leftOut(String service, String operation, int calls) {
    ledger.leftOut(service, operation, calls);
  }

  /** Writes down that something came that cannot be kept. */
  void unread(String service, String operation, String region, String message) {
    ledger.called(region, service, operation, Outcome.FAILED, "", message, new Ledger.Count());
  }

  /** Whether a refusal is one of those that say that there is nothing: a code, or code ~ words. */
  private static boolean says(List<String> absent, AwsException refusal) {
    for (String one : absent) {
      int tilde = one.indexOf(" ~ ");
      if (tilde < 0
          ? one.equals(refusal.code())
          : one.substring(0, tilde).equals(refusal.code())
              && refusal.said().contains(one.substring(tilde + 3))) {
        return true;
      }
    }
    return false;
  }

  /** The rest of a list cannot be read. */
  private static final class EndlessException extends Exception {
    private static final long serialVersionUID = 1L;

    EndlessException(String operation, String what) {
      super(operation + " gave " + what + ": the rest cannot be read");
    }
  }

  private static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private void pages(Call call, ToLongFunction<ObjectNode> page, Ledger.Count count)
      throws AwsException, EndlessException, StoppedException {
    Optional<Pagination> pagination = call.page.or(() -> Pagination.of(call.model, call.operation));
    Map<String, Object> input = new LinkedHashMap<>(call.input);
    Set<Map<String, Object>> seen = new HashSet<>();
    ObjectNode before = null;
    int empty = 0;
    while (true) {
      ObjectNode answer = patiently(call, input, count);
      count.pages++;
      long answered = waiting.nanos();
      long items = page.applyAsLong(answer);
      count.aside += waiting.nanos() - answered;
      count.items += items;
      Map<String, Object> next = pagination.map(how -> how.next(answer)).orElse(Map.of());
      boolean truncated = answer.path("IsTruncated").asBoolean(!next.isEmpty());
      if (!truncated) {
        return;
      }
      if (next.isEmpty()) {
        throw new EndlessException(call.operation.name(), "a part and not how it goes on");
      }
      if (!seen.add(next)) {
        throw new EndlessException(call.operation.name(), "the same page token twice");
      }
      empty = items > 0 ? 0 : empty + 1;
      if (empty > EMPTY_PAGES) {
        throw new EndlessException(
            call.operation.name(), EMPTY_PAGES + " pages without an item, and a token with each");
      }
      pagination.orElseThrow().without(answer);
      if (items > 0 && answer.equals(before)) {
        throw new EndlessException(call.operation.name(), "the same page twice");
      }
      before = answer;
      pagination.orElseThrow().members().keySet().forEach(input::remove);
      input.putAll(next);
    }
  }

  private ObjectNode patiently(Call call, Map<String, Object> input, Ledger.Count count)
      throws AwsException, StoppedException {
    String module = call.model.module();
    String operation = call.operation.awsName();
    Pace pace =
        paces.computeIfAbsent(
            call.region + "/" + Limits.bucket(module, operation),
            _ -> {
              Limits.Limit limit = Limits.of(module, operation);
              return new Pace(limit.rate(), limit.burst(), waiting::nanos);
            });
    for (int tries = 1; ; tries++) {
      AwsException refusal;
      long left;
      AwsCredentialsIdentity identity;
      await(pace::enter);
      try {
        awaitToken(pace);
        // Before its place among the requests: it may take one itself, of the same places.
        identity = stopped() ? NOBODY : identity(call);
        long came = waiting.nanos();
        await(
            () ->
                permits.acquire(
                    () -> waiting.nanos() - came > PATIENCE ? Double.MAX_VALUE : pace.urgency()));
        left = pace.leaves();
      } finally {
        pace.exit();
      }
      try {
        if (stopped()) {
          throw new StoppedException();
        }
        count.calls += tries == 1 ? 1 : 0;
        progress.asks(call.service, call.region);
        ObjectNode answer = client.call(call.model, call.operation, call.region, input, identity);
        pace.taken();
        return answer;
      } catch (AwsException e) {
        refusal = e;
      } finally {
        permits.release(); // who waits leaves its place to others
      }
      int most =
          switch (refusal.kind()) {
            case THROTTLED -> {
              pace.refused(left);
              yield THROTTLED_TRIES;
            }
            case BROKEN, UNREACHABLE -> BROKEN_TRIES;
            case FOREIGN -> gateway(refusal) && foreign.add(call.model.module()) ? 2 : 1;
            case SKEWED -> 2;
            case DENIED, NOT_HERE, CREDENTIALS, REFUSED, NO_HOST -> 1;
          };
      if (tries >= most) {
        throw refusal;
      }
      pass(pause(tries, refusal));
      count.retries++;
    }
  }

  /** Something that waits. */
  private interface Wait {
    void end() throws InterruptedException, StoppedException;
  }

  /** Waits; who is interrupted meanwhile is stopped. */
  private static void await(Wait wait) throws StoppedException {
    try {
      wait.end();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }

  private void awaitToken(Pace pace) throws StoppedException {
    for (Duration early = pace.early(); early.isPositive(); early = pace.early()) {
      pass(early);
    }
  }

  private AwsCredentialsIdentity identity(Call call) throws AwsException {
    try {
      return credentials.of(call.model, call.operation);
    } catch (SdkClientException e) { // an SSO session that ended, a role that was taken away
      throw AwsException.withoutCredentials(e);
    }
  }

  private static Duration pause(int tries, AwsException refusal) {
    long longest =
        Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(tries - 1, 20));
    long wait = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
    long asked = refusal.retryAfter().map(Duration::toMillis).orElse(0L);
    return Duration.ofMillis(Math.max(wait, Math.min(asked, LONGEST_WAIT.toMillis())));
  }

  private void pass(Duration time) throws StoppedException {
    await(
        () -> {
          if (time.isPositive() && !waiting.goesOn(time, stop)) {
            throw new StoppedException();
          }
        });
  }

  /** Whether a proxy did not reach what it stands before; a page with a 500 is an emulator's. */
  private static boolean gateway(AwsException refusal) {
    return refusal.status() == 502 || refusal.status() == 504;
  }

  private static Outcome outcome(Call call, AwsException refusal) {
    return switch (refusal.kind()) {
      case THROTTLED -> Outcome.THROTTLED;
      case DENIED -> Outcome.DENIED;
      case NOT_HERE -> Outcome.NOT_HERE;
      case NO_HOST ->
          Endpoints.lists(call.model, call.region) ? Outcome.UNREACHABLE : Outcome.NOT_HERE;
      case CREDENTIALS -> Outcome.DENIED;
      case UNREACHABLE -> Outcome.UNREACHABLE;
      case SKEWED, REFUSED, BROKEN, FOREIGN -> Outcome.FAILED;
    };
  }
}
