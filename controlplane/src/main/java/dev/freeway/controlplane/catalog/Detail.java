package dev.freeway.controlplane.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A further call for each item of a list, or for many at a time, whose answer becomes part of the
 * item.
 *
 * @param sdk the SDK's module
 * @param batch how many items one call takes; 1 where it is one
 * @param take what of the answer
 * @param match for a batch: which member of what is taken is equal to {@code key} of its item
 * @param into the member of the item that it becomes; empty when its members are added to the
 *     item's
 * @param absent codes of refusals that say that there is none
 * @param when of which items it is asked; all without
 * @param region where it is asked; the list's without
 * @param bulk whether it asks for tags that the tagging API knows too
 * @param extra whether nothing of ours needs it: it is asked only when all details are wanted
 */
public record Detail(
    String sdk,
    String operation,
    Map<String, Object> with,
    int batch,
    Path take,
    Optional<Path> match,
    Template key,
    String into,
    List<String> absent,
    Optional<Condition> when,
    Optional<Template> region,
    boolean bulk,
    boolean extra) {}
