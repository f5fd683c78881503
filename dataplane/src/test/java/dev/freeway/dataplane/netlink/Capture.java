package dev.freeway.dataplane.netlink;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What other programs and the real kernel said to each other, by command line, in the order in
 * which they were run; {@code captures.md} beside the files says how they came to be.
 */
public final class Capture {
  private final List<Exchange> exchanges;

  private Capture(List<Exchange> exchanges) {
    this.exchanges = exchanges;
  }

  /**
   * One command.
   *
   * @param command the command line
   * @param turns what it sent and what came back, in order
   */
  public record Exchange(String command, List<Turn> turns) {
    @Override
    public String toString() {
      return command;
    }
  }

  /** A datagram that was sent, and those that answered it, in hexadecimal. */
  public record Turn(String sent, List<String> answers) {}

  /** The bytes of a datagram. */
  static ByteBuffer bytes(String hexadecimal) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hexadecimal)).order(ByteOrder.nativeOrder());
  }

  /**
   * Reads a file beside this class.
   *
   * @param name {@code ipvsadm.txt} or {@code ip.txt}
   */
  public static Capture read(String name) {
    List<Exchange> exchanges = new ArrayList<>();
    try (InputStream in = Objects.requireNonNull(Capture.class.getResourceAsStream(name), name);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String rest = line.substring(2);
        switch (line.charAt(0)) {
          case '$' -> exchanges.add(new Exchange(rest, new ArrayList<>()));
          case '>' -> exchanges.getLast().turns().add(new Turn(rest, new ArrayList<>()));
          case '<' -> exchanges.getLast().turns().getLast().answers().add(rest);
          case '#' -> {}
          default -> throw new IllegalStateException(name + ": " + line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Capture(exchanges);
  }

  /** Every command, in the order in which they were run. */
  public List<Exchange> exchanges() {
    return exchanges;
  }

  /** The runs of one command line, in order. */
  public List<Exchange> of(String command) {
    List<Exchange> found = exchanges.stream().filter(e -> e.command().equals(command)).toList();
    if (found.isEmpty()) {
      throw new AssertionError("not captured: " + command);
    }
    return found;
  }

  /**
   * A kernel that knows these exchanges only.
   *
   * @param header bytes between a message's header and its attributes
   */
  public static ReplaySocket replay(int header, Exchange... exchanges) {
    return new ReplaySocket(
        header, Stream.of(exchanges).flatMap(exchange -> exchange.turns().stream()).toList());
  }
}
