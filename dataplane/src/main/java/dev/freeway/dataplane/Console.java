package dev.freeway.dataplane;

import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.logging.Level;

/**
 * The process's three streams. Nothing but a command's result goes to standard output; everything
 * else goes to standard error, a line at a time: for people in table form, as JSON otherwise. What
 * others named cannot write to a terminal by it: see {@link Printable}.
 */
final class Console {
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final InstantSource time;
  private volatile Level threshold = Level.INFO;
  private volatile boolean json;

  Console(InputStream in, PrintStream out, PrintStream err, InstantSource time) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.time = time;
  }

  /** Sets the least severe level that is written, and whether lines are JSON. */
  void configure(Level level, boolean asJson) {
    threshold = level;
    json = asJson;
  }

  /** The time of the wall clock. */
  Instant now() {
    return time.instant();
  }

  InputStream in() {
    return in;
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  /**
   * Logs one line.
   *
   * @param pairs names and values in turn
   */
  void log(Level level, String message, Object... pairs) {
    if (level.intValue() < threshold.intValue()) {
      return;
    }
    String name = name(level);
    String line;
    if (json) {
      line = JsonOutput.line(time.instant().toString(), name, message, pairs);
    } else {
      StringBuilder text = new StringBuilder("ipvs-router: ");
      text.append(level.intValue() > Level.INFO.intValue() ? name + ": " : "").append(message);
      for (int i = 0; i + 1 < pairs.length; i += 2) {
        text.append(i == 0 ? " (" : ", ").append(pairs[i]).append(' ').append(pairs[i + 1]);
      }
      line = Printable.of(text.append(pairs.length > 1 ? ")" : "").toString());
    }
    synchronized (err) { // one line at a time, from whichever thread
      err.println(line);
      err.flush();
    }
  }

  /** Writes where a failure came from, at level debug: otherwise nobody wants to see it. */
  void trace(Throwable failure) {
    if (threshold.intValue() <= Level.FINE.intValue()) {
      StringWriter text = new StringWriter();
      failure.printStackTrace(new PrintWriter(text));
      if (json) {
        log(Level.FINE, text.toString().strip());
      } else {
        text.toString().lines().forEach(line -> log(Level.FINE, line.replace("\t", "    ")));
      }
    }
  }

  private static String name(Level level) {
    return level.intValue() >= Level.SEVERE.intValue()
        ? "error"
        : level.intValue() >= Level.WARNING.intValue()
            ? "warning"
            : level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
  }
}
