package dev.freeway.controlplane.ask;

/**
 * Something that stands in a question.
 *
 * @param end the word after it
 */
record Found<T>(T what, int end) {}
