package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Detail;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How one service in one region is called: side by side, and what was refused is remembered. Any
 * thread may use it.
 *
 * @param label the service's
 * @param hidden whether something may have gone unseen
 */
record UnitCalls(
    ScanRequest request,
    String label,
    String region,
    Caller caller,
    Answers answers,
    ExecutorService threads,
    AtomicBoolean hidden) {

  /** Something may have gone unseen. */
  void hide() {
    hidden.set(true);
  }

  /** Whether a call saw all that there is. */
  boolean whole(Caller.Ended ended) {
    return switch (ended) {
      case Caller.Ended.Whole _, Caller.Ended.Absent _ -> true;
      case Caller.Ended.Refused refused -> {
        if (refused.outcome().hides()) {
          hide();
        }
        yield false;
      }
    };
  }

  /** Writes down how many calls were not made as nothing of ours needs them. */
  void leftOut(String sdk, String operation, int calls) {
    if (calls > 0) {
      String name = ServiceModel.of(sdk).operation(operation).awsName();
      caller.leftOut(label, name, calls);
    }
  }

  /** Writes down how many calls were not made as they are too many. */
  void skipped(Detail detail, int calls) {
    hide();
    caller.skipped(
        label,
        ServiceModel.of(detail.sdk()).operation(detail.operation()).awsName(),
        region,
        calls,
        request.details());
  }

  /** Runs calls side by side, and returns when all of them have ended. */
  void together(Collection<Callable<Void>> calls) throws InterruptedException {
    if (calls.size() == 1) {
      try {
        calls.iterator().next().call();
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return;
    }
    List<Future<Void>> running = new ArrayList<>();
    for (Callable<Void> call : calls) {
      running.add(threads.submit(call));
    }
    for (Future<Void> call : running) {
      try {
        call.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException thrown
            ? thrown
            : new IllegalStateException("a call broke", e.getCause());
      }
    }
  }
}
