package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;

/**
 * A question that is understood.
 *
 * @param service the label that it is about; {@code general} for none in particular
 */
public record Example(String service, String question) {
  /** All of them, by service. */
  public static List<Example> all() {
    return Holder.ALL;
  }

  /** Read once: they do not change. */
  private static final class Holder {
    static final List<Example> ALL = read();

    private static List<Example> read() {
      List<Example> all = new ArrayList<>();
      String service = "general";
      for (String line : Lines.of("examples.txt")) {
        if (line.startsWith("[")) {
          service = line.substring(1, line.length() - 1);
        } else {
          all.add(new Example(service, line));
        }
      }
      return List.copyOf(all);
    }
  }
}
