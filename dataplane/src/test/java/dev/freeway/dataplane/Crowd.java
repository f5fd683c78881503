package dev.freeway.dataplane;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Clients that come at once, in a process of their own: a process has descriptors for a few of a
 * great crowd. As the process: opens its sockets, says a line of {@link Counts} whenever they have
 * changed, does as the bytes of its input say, and ends with that.
 */
final class Crowd implements AutoCloseable {
  private static final char COME = 'c';
  private static final char SPEAK = 's';

  /** A word is said after so long at the latest. */
  private static final int TURN_MILLIS = 20;

  private final Process process;
  private volatile Counts counts = new Counts(0, 0, 0, 0, 0, 0);

  /**
   * What became of clients, each counted in all that it has come to.
   *
   * @param waiting that have a socket
   * @param connected as far as they know
   * @param answered whose byte came back
   * @param again whose second byte came back
   * @param gone that were refused or reset before they were answered
   * @param lost that were reset after it, or got what they had not said
   */
  record Counts(int waiting, int connected, int answered, int again, int gone, int lost) {
    Counts plus(Counts other) {
      return new Counts(
          waiting + other.waiting,
          connected + other.connected,
          answered + other.answered,
          again + other.again,
          gone + other.gone,
          lost + other.lost);
    }

    private String line() {
      return waiting + " " + connected + " " + answered + " " + again + " " + gone + " " + lost;
    }

    private static Counts of(String line) {
      int[] all = Arrays.stream(line.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
      return new Counts(all[0], all[1], all[2], all[3], all[4], all[5]);
    }
  }

  /**
   * Starts so many that will come from one address of 127.0.0.0/8 to a port of 127.0.0.1.
   *
   * @param last number of the address
   */
  Crowd(int clients, int last, int port) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Crowd.class.getName(),
                Integer.toString(clients),
                Integer.toString(last),
                Integer.toString(port))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread _ = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        counts = Counts.of(line);
      }
    } catch (IOException _) {
      // it ended
    }
  }

  Counts counts() {
    return counts;
  }

  /** All connect, and say a byte each when they have. */
  void come() {
    say(COME);
  }

  /** Whoever was answered says another byte. */
  void speak() {
    say(SPEAK);
  }

  private void say(char what) {
    try {
      process.getOutputStream().write(what);
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new AssertionError("it ended", e);
    }
  }

  /** All leave. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }

  public static void main(String[] args) throws IOException {
    int last = Integer.parseInt(args[1]);
    InetSocketAddress service =
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(args[2]));
    BlockingQueue<Integer> orders = new LinkedBlockingQueue<>();
    try (Selector selector = Selector.open()) {
      Thread _ = Thread.ofPlatform().daemon().start(() -> listen(orders, selector));
      new Clients(selector, Integer.parseInt(args[0]), last).follow(orders, service);
    }
  }

  private static void listen(BlockingQueue<Integer> orders, Selector selector) {
    try {
      int order;
      do {
        order = System.in.read();
        orders.add(order);
        selector.wakeup();
      } while (order >= 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** All of one process. */
  private static final class Clients {
    private final Selector selector;
    private final List<Client> all = new ArrayList<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(10);
    private int connected;
    private int answered;
    private int again;
    private int gone;
    private int lost;

    Clients(Selector selector, int clients, int last) throws IOException {
      this.selector = selector;
      for (int i = 0; i < clients; i++) {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.INET);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + last), 0));
        socket.configureBlocking(false);
        all.add(new Client(socket, (byte) i));
      }
    }

    void follow(BlockingQueue<Integer> orders, InetSocketAddress service) throws IOException {
      Counts said = new Counts(0, 0, 0, 0, 0, 0);
      while (true) {
        Counts now = new Counts(all.size(), connected, answered, again, gone, lost);
        if (!now.equals(said)) {
          said = now;
          System.out.println(now.line());
        }
        Integer order = orders.poll();
        if (order == null) {
          selector.select(key -> ((Client) key.attachment()).ready(), TURN_MILLIS);
        } else if (order < 0) {
          for (Client one : all) {
            one.leave();
          }
          return;
        } else {
          all.forEach(order == COME ? one -> one.come(service) : Client::speak);
        }
      }
    }

    /** One, which says a byte of its own and one that is greater by 1. */
    private final class Client {
      private final SocketChannel socket;
      private final byte word;
      private int heard;

      Client(SocketChannel socket, byte word) {
        this.socket = socket;
        this.word = word;
      }

      void come(InetSocketAddress service) {
        try {
          SelectionKey key = socket.register(selector, SelectionKey.OP_CONNECT, this);
          if (socket.connect(service)) {
            stands(key);
          }
        } catch (IOException _) {
          depart();
        }
      }

      private void stands(SelectionKey key) throws IOException {
        connected++;
        key.interestOps(SelectionKey.OP_READ);
        say(0);
      }

      private void say(int more) throws IOException {
        socket.write(bytes.clear().put((byte) (word + more)).flip());
      }

      void speak() {
        if (heard > 0) {
          try {
            say(1);
          } catch (IOException _) {
            lose();
          }
        }
      }

      void ready() {
        try {
          if (!socket.isConnected()) {
            if (socket.finishConnect()) {
              stands(socket.keyFor(selector));
            }
          } else if (socket.read(bytes.clear()) == 1 && bytes.get(0) == (byte) (word + heard)) {
            heard++;
            answered += heard == 1 ? 1 : 0;
            again += heard == 2 ? 1 : 0;
          } else if (heard == 0 && bytes.position() == 0) {
            depart();
          } else {
            lose();
          }
        } catch (IOException _) {
          depart();
        }
      }

      private void depart() {
        if (heard > 0) {
          lose();
        } else {
          gone++;
          close();
        }
      }

      /** Whoever still waits resets, for the kernel would let go of it only after half a minute. */
      void leave() throws IOException {
        if (heard == 0 && socket.isOpen()) {
          socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        socket.close();
      }

      private void lose() {
        lost++;
        close();
      }

      private void close() {
        try {
          socket.close();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }
  }
}
