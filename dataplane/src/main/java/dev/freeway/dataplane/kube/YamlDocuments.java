package dev.freeway.dataplane.kube;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * A YAML stream as trees. The stream is cut at its {@code ---} lines first, so that a broken
 * document leaves the others readable; such a line ends a document wherever it stands.
 */
final class YamlDocuments {
  /** As SnakeYAML's own default: shared nodes must not multiply without bound. */
  private static final int MAX_COLLECTION_ALIASES = 50;

  /** The digits of a {@code \U}. */
  private static final int LARGEST_ESCAPE = 8;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();

  private YamlDocuments() {}

  /** What is between two separators, and where it begins. */
  private record Chunk(String text, int firstLine) {}

  static List<Document> parse(String text) {
    // Chunks know nothing of each other: a second processor halves what a large file takes.
    List<List<Document>> parsed =
        chunks(text).parallelStream().map(YamlDocuments::parseChunk).toList();
    List<Document> documents = new ArrayList<>();
    for (List<Document> some : parsed) {
      int before = documents.size();
      for (Document document : some) {
        documents.add(document.after(before));
      }
    }
    return documents;
  }

  private static List<Chunk> chunks(String text) {
    List<Chunk> chunks = new ArrayList<>();
    int start = 0;
    int startLine = 1;
    int line = 1;
    int at = 0;
    while (at < text.length()) {
      if (at > start && isSeparator(text, at)) {
        chunks.add(new Chunk(text.substring(start, at), startLine));
        start = at;
        startLine = line;
      }
      int newline = text.indexOf('\n', at);
      at = newline < 0 ? text.length() : newline + 1;
      line++;
    }
    chunks.add(new Chunk(text.substring(start), startLine));
    return chunks;
  }

  private static boolean isSeparator(String text, int at) {
    return text.startsWith("---", at)
        && (at + 3 == text.length() || " \t\r\n".indexOf(text.charAt(at + 3)) >= 0);
  }

  /** The chunk's documents, numbered from 1. */
  private static List<Document> parseChunk(Chunk from) {
    String chunk = from.text;
    int firstLine = from.firstLine;
    List<Document> documents = new ArrayList<>(1);
    if (isEmpty(chunk)) {
      return documents;
    }
    int number = 1;
    StreamReader reader = new StreamReader(SETTINGS, chunk);
    try {
      ParserImpl events = new ParserImpl(SETTINGS, reader);
      while (events.hasNext()) {
        Event event = events.next();
        switch (event.getEventId()) {
          case DocumentStart -> {
            Tree tree = new Builder(events, firstLine).build(events.next(), 0);
            if (!(tree instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NULL)) {
              documents.add(new Document.Parsed(number++, tree));
            }
          }
          default -> {}
        }
      }
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      int line = mark.map(Mark::getLine).orElse(0);
      int column = mark.map(Mark::getColumn).orElse(0);
      documents.add(broken(number, chunk, firstLine, line, column, problem(e, firstLine)));
    } catch (ReaderException e) {
      int line = (int) chunk.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      String problem = String.format("character U+%04X is not allowed in YAML", e.getCodePoint());
      documents.add(broken(number, chunk, firstLine, line, 0, problem));
    } catch (Malformed e) {
      documents.add(broken(number, chunk, firstLine, e.line - firstLine, 0, e.problem));
    } catch (YamlEngineException e) {
      documents.add(broken(number, chunk, firstLine, 0, 0, String.valueOf(e.getMessage())));
    } catch (NumberFormatException e) {
      // SnakeYAML takes hexadecimal digits after an escape for a number, though nothing is there.
      String digits = reader.prefix(LARGEST_ESCAPE);
      int line = reader.getMark().map(Mark::getLine).orElse(0);
      int column = reader.getMark().map(Mark::getColumn).orElse(0);
      String problem =
          digits.length() == LARGEST_ESCAPE
              ? "\\U" + digits + " is no character: the last one is \\U0010FFFF"
              : "the text ends in an escape: \\x, \\u and \\U have 2, 4 and 8 hexadecimal digits";
      documents.add(broken(number, chunk, firstLine, line, column, problem));
    }
    return documents;
  }

  private static String problem(MarkedYamlEngineException e, int firstLine) {
    String context = e.getContext();
    if (context == null) {
      return e.getProblem();
    }
    String begins =
        e.getContextMark()
            .filter(
                mark -> !e.getProblemMark().map(Mark::getLine).equals(Optional.of(mark.getLine())))
            .map(
                mark ->
                    " that begins in line "
                        + (firstLine + mark.getLine())
                        + ", column "
                        + (mark.getColumn() + 1))
            .orElse("");
    return context + begins + ", " + e.getProblem();
  }

  private static Document.Broken broken(
      int number, String chunk, int firstLine, int line, int column, String problem) {
    String text = chunk.lines().skip(line).findFirst().orElse("").strip();
    return new Document.Broken(
        number,
        firstLine + line,
        column + 1,
        text.length() <= 200 ? text : text.substring(0, 200) + "…",
        problem);
  }

  /** Only blank lines, comments, directives and the separator itself. */
  private static boolean isEmpty(String chunk) {
    int at = 0;
    while (at < chunk.length()) {
      int newline = chunk.indexOf('\n', at);
      int end = newline < 0 ? chunk.length() : newline;
      int from = at == 0 && isSeparator(chunk, 0) ? 3 : at;
      while (from < end && chunk.charAt(from) <= ' ') {
        from++;
      }
      boolean directive = from == at && from < end && chunk.charAt(from) == '%';
      if (from < end && chunk.charAt(from) != '#' && !directive) {
        return false;
      }
      at = end + 1;
    }
    return true;
  }

  /** A document that is YAML but not what a manifest may be. */
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int line;
    private final String problem;

    Malformed(int line, String problem) {
      super(problem, null, false, false);
      this.line = line;
      this.problem = problem;
    }
  }

  private static final class Builder {
    private final ParserImpl events;
    private final int firstLine;
    private final Map<String, Tree> anchors = new HashMap<>();
    private int collectionAliases;

    Builder(ParserImpl events, int firstLine) {
      this.events = events;
      this.firstLine = firstLine;
    }

    Tree build(Event event, int depth) {
      int line = firstLine + event.getStartMark().map(Mark::getLine).orElse(0);
      if (depth > Tree.MAX_DEPTH) {
        throw new Malformed(line, "nested deeper than " + Tree.MAX_DEPTH + " levels");
      }
      if (event instanceof AliasEvent alias) {
        return aliased(alias.getAlias().getValue(), line);
      }
      Tree tree =
          switch (event) {
            case ScalarEvent scalar -> scalar(scalar, line);
            case SequenceStartEvent _ -> sequence(line, depth);
            case MappingStartEvent _ -> mapping(line, depth);
            default -> throw new Malformed(line, "unexpected " + event.getEventId());
          };
      if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
        anchors.put(node.getAnchor().get().getValue(), tree);
      }
      return tree;
    }

    private Tree aliased(String name, int line) {
      Tree tree = anchors.get(name);
      if (tree == null) {
        throw new Malformed(line, "found undefined alias " + name);
      }
      if (!(tree instanceof Tree.Scalar) && ++collectionAliases > MAX_COLLECTION_ALIASES) {
        throw new Malformed(line, "more than " + MAX_COLLECTION_ALIASES + " aliases");
      }
      return tree;
    }

    private static Tree.Scalar scalar(ScalarEvent event, int line) {
      Optional<String> tag = event.getTag();
      boolean plain = event.isPlain() && tag.isEmpty();
      if (plain || (tag.isPresent() && !tag.get().equals("!") && !tag.get().endsWith(":str"))) {
        return Tree.Scalar.plain(event.getValue(), line);
      }
      return new Tree.Scalar(event.getValue(), Tree.Kind.STRING, line);
    }

    private Tree.Sequence sequence(int line, int depth) {
      List<Tree> items = new ArrayList<>();
      for (Event e = events.next(); e.getEventId() != Event.ID.SequenceEnd; e = events.next()) {
        items.add(build(e, depth + 1));
      }
      return new Tree.Sequence(items, line);
    }

    private Tree.Mapping mapping(int line, int depth) {
      Map<String, Tree> fields = new LinkedHashMap<>();
      for (Event e = events.next(); e.getEventId() != Event.ID.MappingEnd; e = events.next()) {
        Tree key = build(e, depth + 1);
        if (!(key instanceof Tree.Scalar name)) {
          throw new Malformed(key.line(), "a key must be a word, not a collection");
        }
        if (name.text().equals("<<")) {
          throw new Malformed(name.line(), "merge keys (<<) are not in YAML 1.2: write it out");
        }
        if (fields.putIfAbsent(name.text(), build(events.next(), depth + 1)) != null) {
          throw new Malformed(name.line(), "key \"" + name.text() + "\" is there twice");
        }
      }
      return new Tree.Mapping(fields, line);
    }
  }
}
