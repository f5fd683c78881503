package dev.freeway.controlplane.aws;

/** What the fields of a {@link Shape} are read from and written to. */
interface Structured {
  Structure structure();
}
