package dev.freeway.dataplane.core;

/** What a change finds in the kernel's table, or leaves there. */
public sealed interface TableEntry permits VirtualService, Destination, TableEntry.Absent {
  /** Nothing there. */
  record Absent() implements TableEntry {}

  /** The one instance of nothing. */
  Absent ABSENT = new Absent();
}
