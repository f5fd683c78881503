package dev.freeway.controlplane.inventory;

/**
 * That a resource's document names another: instance to subnet, listener to target group.
 *
 * @param from who names, by its scope and id
 * @param path where in the document, such as {@code NetworkInterfaces[].SubnetId}
 * @param target the ARN or id that is named; whether that is in the inventory is found by looking
 */
public record Relation(Scope scope, String from, String path, String target) {}
