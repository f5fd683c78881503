package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How long it takes to understand a question, without running it. */
final class AskTimes {
  /** Rounds before the one that is timed. */
  private static final int WARM = 3;

  private AskTimes() {}

  /** The milliseconds that each question takes when the program is warm, the shortest first. */
  static double[] of(Ask ask, List<String> questions) {
    double[] times = new double[questions.size()];
    for (int round = 0; round <= WARM; round++) {
      for (int i = 0; i < times.length; i++) {
        long start = System.nanoTime();
        ask.ask(questions.get(i), Optional.empty());
        times[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(times);
    return times;
  }

  static List<String> sample() {
    return Lines.of("sample.txt").stream().map(line -> line.split("\t", -1)[1]).toList();
  }

  /**
   * Prints, for the benchmark, what a new process takes until it can be asked, what the sample's
   * first question takes it, and what each takes when it is warm, all on the demo estate.
   */
  public static void main(String[] args) throws IOException {
    Path file = Files.createTempDirectory("ask").resolve("demo.db");
    StoreAddress address = new StoreAddress.Sqlite(file);
    DemoEstate.write(address, DemoEstate.Size.USUAL, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    long start = System.nanoTime();
    Ask ask = Ask.of(Catalog.builtIn(), Store.existing(address), InstantSource.system());
    say("construction", (System.nanoTime() - start) / 1e6);
    start = System.nanoTime();
    ask.ask(sample().getFirst(), Optional.empty());
    say("first", (System.nanoTime() - start) / 1e6);
    double[] times = of(ask, sample());
    say("worst", times[times.length - 1]);
    for (double milliseconds : times) {
      say("milliseconds", milliseconds);
    }
  }

  private static void say(String name, double milliseconds) {
    System.out.printf(Locale.ROOT, "ask.%s\t%.3f%n", name, milliseconds);
  }
}
