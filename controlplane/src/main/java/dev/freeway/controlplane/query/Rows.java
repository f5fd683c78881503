package dev.freeway.controlplane.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a query gave.
 *
 * @param columns their names, in order; a second {@code a} is {@code a_2}
 * @param rows a value for each column: text, a number or null; bytes are text in hexadecimal digits
 * @param cut whether there may be more
 */
public record Rows(List<String> columns, List<List<@Nullable Object>> rows, Cut cut) {
  /** Why rows are missing. */
  public enum Cut {
    /** None are. */
    NONE,
    /** More rows than the limit. */
    ROWS,
    /** The rows before would fill the memory. */
    SIZE,
    /** The time was over; what had come by then is there. */
    TIME
  }

  /** Copies the lists; the rows themselves may hold nulls and are not to be changed. */
  public Rows {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }
}
