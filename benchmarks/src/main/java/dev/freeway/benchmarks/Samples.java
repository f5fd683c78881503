package dev.freeway.benchmarks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Where measuring programs leave what they measured: one line each, metric, tab, value. */
final class Samples {
  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.US_ASCII);

  private Samples() {}

  static void add(String metric, double value) {
    OUT.println(metric + "\t" + value);
  }
}
