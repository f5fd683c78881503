package dev.freeway.benchmarks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Samples to figures: medians, the table, the JSON document. Arguments: the file to write, parts
 * and kernels separated by commas, files of samples. Ends with 1 when something was not measured.
 */
final class Report {
  private Report() {}

  public static void main(String[] args) throws IOException {
    List<Figure.Measured> measured = new ArrayList<>();
    Map<String, Double> medians = medians(List.of(args).subList(3, args.length));
    for (Figure figure : Figures.of(List.of(args[1].split(",")), List.of(args[2].split(",")))) {
      measured.add(figure.by(medians));
    }
    Files.writeString(Path.of(args[0]), json(measured));
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    table(measured, out);
    out.flush();
    if (!measured.stream().allMatch(Figure.Measured::complete)) {
      System.exit(1);
    }
  }

  private static Map<String, Double> medians(List<String> files) throws IOException {
    Map<String, List<Double>> samples = new TreeMap<>();
    for (String file : files) {
      if (file.endsWith(".json")) {
        jmh(Path.of(file), samples);
      } else {
        for (String line : Files.readAllLines(Path.of(file))) {
          String[] words = line.split("\t", -1);
          add(samples, words[0], Double.parseDouble(words[1]));
        }
      }
    }
    Map<String, Double> medians = new TreeMap<>();
    samples.forEach((metric, values) -> medians.put(metric, median(values)));
    return medians;
  }

  private static void jmh(Path file, Map<String, List<Double>> into) throws IOException {
    for (JsonNode result : new ObjectMapper().readTree(Files.readString(file))) {
      String[] name = result.get("benchmark").asString().split("\\.", -1);
      String metric = "jmh." + name[name.length - 2] + "." + name[name.length - 1];
      add(into, metric + ".ns", result.get("primaryMetric").get("score").asDouble());
      add(
          into,
          metric + ".bytes",
          result.get("secondaryMetrics").get("gc.alloc.rate.norm").get("score").asDouble());
    }
  }

  private static void add(Map<String, List<Double>> samples, String metric, double value) {
    samples.computeIfAbsent(metric, _ -> new ArrayList<>()).add(value);
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    int half = values.size() / 2;
    return values.size() % 2 == 1
        ? values.get(half)
        : (values.get(half - 1) + values.get(half)) / 2;
  }

  private static String json(List<Figure.Measured> measured) {
    ObjectMapper mapper = new ObjectMapper();
    ArrayNode array = mapper.createArrayNode();
    for (Figure.Measured each : measured) {
      ObjectNode node = array.addObject();
      node.put("figure", each.figure().text());
      put(node, "ours", each.ours());
      put(node, "peer", each.peer());
      put(node, "ratio", each.ratio());
      node.put("goal", each.figure().goal().toString());
      node.put("holds", each.holds());
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(array) + "\n";
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }

  private static void table(List<Figure.Measured> measured, PrintStream out) {
    out.println("| figure | ours | peer | ratio | goal | holds |");
    out.println("|---|---:|---:|---:|---|---|");
    List<String> notes = new ArrayList<>();
    for (Figure.Measured each : measured) {
      String holds = each.holds() ? "yes" : "no";
      if (!each.complete()) {
        notes.add("Not measured: " + each.figure().text());
        holds = "not measured";
      } else if (!each.holds()) {
        notes.add("Falls short: " + each.figure().text() + "; by " + each.figure().limit() + ".");
      } else if (each.figure().goal() instanceof Figure.Goal.Shown) {
        holds = "";
      }
      out.println(
          "| "
              + String.join(
                  " | ",
                  each.figure().text(),
                  cell(each.ours()),
                  cell(each.peer()),
                  cell(each.ratio()),
                  each.figure().goal().toString(),
                  holds)
              + " |");
    }
    if (!notes.isEmpty()) {
      out.println();
      notes.forEach(out::println);
    }
  }

  private static String cell(OptionalDouble value) {
    return value.isPresent() ? Figure.plain(value.getAsDouble()) : "";
  }
}
