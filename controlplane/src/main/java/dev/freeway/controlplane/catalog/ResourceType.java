package dev.freeway.controlplane.catalog;

import dev.freeway.controlplane.aws.Pagination;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One type of resource: which list it is in and where in an item everything is.
 *
 * @param service the label, such as {@code elbv2}
 * @param name such as {@code listener}
 * @param sdk the SDK's module
 * @param parents types of the same service; the list is asked once for each resource of them. Empty
 *     when it is asked once
 * @param when which of the parents the list is asked for; all without
 * @param extra whether it is asked only when all details are wanted, as nothing of ours needs it
 * @param after types of the same service; the list is asked only where there is one of these
 * @param operation the list
 * @param with its input: text with places, numbers, booleans, lists and maps of them
 * @param each one more member of the input, and its values: the list is asked once with each
 * @param page how the list goes on, where the names of its members do not say it
 * @param items where in an answer the items are
 * @param as the member that an item which is mere text becomes; empty when items are structures
 * @param where which of the items are of this type
 * @param id unique in account, region and type
 * @param region of the item, when it may be another than the list's
 * @param tags where in the item they are: a list of keys and values, or a map
 * @param isDefault which items AWS made
 * @param redact paths whose values are secrets
 * @param decode paths whose text is JSON, percent-encoded or not
 * @param lasting what of a document counts as a change
 * @param absent codes of refusals of the list that say that there is none
 * @param scope where the list is asked
 */
public record ResourceType(
    String service,
    String name,
    String sdk,
    List<String> parents,
    Optional<Condition> when,
    boolean extra,
    List<String> after,
    String operation,
    Map<String, Object> with,
    Map<String, Object> each,
    Optional<Pagination> page,
    Path items,
    String as,
    Optional<Condition> where,
    Template id,
    Template arn,
    Template displayName,
    Optional<Path> created,
    Optional<Template> region,
    Path tags,
    Optional<Condition> isDefault,
    List<Path> redact,
    List<Path> decode,
    Lasting lasting,
    List<String> absent,
    List<Detail> details,
    ListScope scope) {

  /** As in {@code elbv2:listener}. */
  public String key() {
    return service + ":" + name;
  }

  /** Of what tells types apart: types are keys of many maps, and the rest is a tree. */
  @Override
  public int hashCode() {
    return 31 * service.hashCode() + name.hashCode();
  }
}
