package dev.freeway.controlplane;

import dev.freeway.controlplane.ask.Ask;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.serve.Questions;
import dev.freeway.controlplane.serve.Server;
import dev.freeway.controlplane.store.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freeway serve}. */
@Command(
    name = "serve",
    description = ServeCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:stopped",
      "1:there is no inventory, or the port is taken",
      "64:the command line is wrong"
    })
final class ServeCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Shows the inventory in a browser of this machine, until Ctrl-C: the report's page, and"
          + " queries, changes, waste, tags and calls besides. Nothing can be changed by it. Who"
          + " else may log in on this machine can read it meanwhile.";

  private static final Pattern LISTEN =
      Pattern.compile("(?:(?<host>[0-9.]+|localhost|\\[[0-9a-fA-F:]+]):)?(?<port>\\d{1,5})");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      defaultValue = "127.0.0.1:8470",
      description = "where, an address of loopback; port 0 for any. Default: 127.0.0.1:8470")
  private String listen = "127.0.0.1:8470";

  @Override
  public Integer call() throws InterruptedException {
    InetSocketAddress where = address();
    Store store = stores.existing();
    if (store.scans().isEmpty()) {
      throw new CommandException(stores.address() + ": no scan yet; expected freeway scan first");
    }
    try (Server server =
        Server.start(
            store, () -> NamedQueries.load(QueryCommand.directories()), questions(store), where)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(server.url());
      out.flush();
      untilStopped(server);
      return ExitCode.DONE;
    } catch (IOException e) {
      throw new CommandException("--listen " + listen + ": cannot listen: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--listen " + e.getMessage(), e);
    }
  }

  /** Questions in English; the store's tags and accounts are read anew for each. */
  static Questions questions(Store store) {
    Ask words = Ask.of(Catalog.builtIn(), store, InstantSource.system());
    return (question, account) -> words.about(store).ask(question, account);
  }

  private static void untilStopped(Server server) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    // A signal is how it ends, and no failure: 0, not 130.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  Runtime.getRuntime().halt(ExitCode.DONE);
                }));
    never.await();
  }

  private InetSocketAddress address() {
    Matcher matcher = LISTEN.matcher(listen);
    if (matcher.matches() && Integer.parseInt(matcher.group("port")) <= 65_535) {
      String host = matcher.group("host") == null ? "127.0.0.1" : matcher.group("host");
      try {
        return new InetSocketAddress(
            host.equals("localhost")
                ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
                : InetAddress.getByName(host),
            Integer.parseInt(matcher.group("port")));
      } catch (UnknownHostException _) {
        // said below
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "--listen " + Printable.of(listen) + ": expected ADDRESS:PORT, such as 127.0.0.1:8470");
  }
}
