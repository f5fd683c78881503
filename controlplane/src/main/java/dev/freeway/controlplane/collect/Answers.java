package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.Pagination;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls of a scan, of which none is made twice: what types of several services are made of, such as
 * a list of EMR Serverless that EMR shows too, or what is a detail of one type and the list of
 * another, such as DynamoDB's DescribeTable. Only answers of such operations are kept. Any thread
 * may use it.
 */
final class Answers {
  private final Caller caller;
  private final Set<OperationKey> repeated;
  private final Map<Asked, CompletableFuture<Kept>> kept = new ConcurrentHashMap<>();

  /** What was asked, and how its answers are read: else one's end is no end for another. */
  private record Asked(
      OperationKey operation,
      String region,
      Map<String, Object> input,
      Optional<Pagination> page,
      List<String> absent) {}

  /** A call as the catalogue has it, with places in its input. */
  private record Wanted(OperationKey operation, Map<String, Object> with) {}

  /** A call for what a list has: the same text of another list's items is another call. */
  private record Further(Wanted call, Wanted list) {}

  private record Kept(Caller.Ended ended, List<ObjectNode> pages) {}

  /** Calls of what is scanned. */
  Answers(Caller caller, Collection<CatalogService> services) {
    this.caller = caller;
    this.repeated = repeated(services);
  }

  /** What may be asked twice; of all else no answer is kept. */
  static Set<OperationKey> repeated(Collection<CatalogService> services) {
    Set<OperationKey> repeated = new HashSet<>();
    Set<Record> wanted = new HashSet<>();
    Set<OperationKey> lists = new HashSet<>();
    for (CatalogService service : services) {
      for (Map.Entry<Listing, List<ResourceType>> list : Listing.all(service.types()).entrySet()) {
        Listing listing = list.getKey();
        OperationKey operation = new OperationKey(listing.sdk(), listing.operation());
        lists.add(operation);
        if (!wanted.add(new Wanted(operation, listing.with()))) {
          repeated.add(operation);
        }
      }
    }
    for (CatalogService service : services) {
      for (ResourceType type : service.types()) {
        Wanted list = new Wanted(new OperationKey(type.sdk(), type.operation()), type.with());
        for (Detail detail : type.details()) {
          OperationKey operation = new OperationKey(detail.sdk(), detail.operation());
          Wanted further = new Wanted(operation, detail.with());
          if (lists.contains(operation) || !wanted.add(new Further(further, list))) {
            repeated.add(operation);
          }
        }
      }
    }
    return repeated;
  }

  /**
   * Calls, page after page, or gives what the same call gave before.
   *
   * @param page takes in an answer, which is its own to change, and says how many items it had
   * @throws StoreException when an answer could be taken in but not be kept
   */
  Caller.Ended call(Caller.Call call, ToLongFunction<ObjectNode> page) {
    OperationKey operation = new OperationKey(call.model().module(), call.operation().name());
    if (!repeated.contains(operation)) {
      return caller.call(call, page);
    }
    CompletableFuture<Kept> mine = new CompletableFuture<>();
    Asked asked = new Asked(operation, call.region(), call.input(), call.page(), call.absent());
    CompletableFuture<Kept> other = kept.putIfAbsent(asked, mine);
    if (other != null) {
      Kept before = whole(other);
      return caller.again(
          call, before.ended, before.pages, answer -> page.applyAsLong(answer.deepCopy()));
    }
    List<ObjectNode> pages = new ArrayList<>();
    try {
      Caller.Ended ended =
          caller.call(
              call,
              answer -> {
                pages.add(answer.deepCopy());
                return page.applyAsLong(answer);
              });
      mine.complete(new Kept(ended, pages));
      return ended;
    } catch (StoreException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      mine.cancel(false); // does nothing where it has ended
    }
  }

  private static Kept whole(CompletableFuture<Kept> asked) {
    try {
      return asked.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StoreException refused ? refused : e;
    }
  }
}
