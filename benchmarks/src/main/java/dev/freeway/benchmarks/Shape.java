package dev.freeway.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Prints the first thing wrong with a document of figures, or nothing. Argument: the file. */
final class Shape {
  private static final List<String> FIELDS =
      List.of("figure", "ours", "peer", "ratio", "goal", "holds");

  private Shape() {}

  public static void main(String[] args) throws IOException {
    System.out.print(fault(new ObjectMapper().readTree(Files.readString(Path.of(args[0])))));
  }

  /** What is wrong, in words; empty when it is right. */
  static String fault(JsonNode document) {
    if (!document.isArray() || document.isEmpty()) {
      return "expected an array of figures";
    }
    for (JsonNode figure : document) {
      if (!List.copyOf(figure.propertyNames()).equals(FIELDS)) {
        return "expected the fields " + FIELDS + ": " + figure;
      }
      if (!figure.get("figure").isString() || !figure.get("goal").isString()) {
        return "expected words for figure and goal: " + figure;
      }
      if (!figure.get("ours").isNumber() || !figure.get("holds").isBoolean()) {
        return "expected a number for ours, true or false for holds: " + figure;
      }
      if (figure.get("peer").isNumber()
          ? !figure.get("ratio").isNumber()
          : !figure.get("peer").isNull() || !figure.get("ratio").isNull()) {
        return "expected numbers for peer and ratio, or null for both: " + figure;
      }
    }
    return "";
  }
}
