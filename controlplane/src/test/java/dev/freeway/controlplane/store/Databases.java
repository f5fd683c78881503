package dev.freeway.controlplane.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of PostgreSQL's for all tests of this virtual machine, and empty databases on it. */
public final class Databases {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Databases() {}

  private static final class Server {
    static final PostgresqlServer POSTGRESQL = start();

    private static PostgresqlServer start() {
      try {
        PostgresqlServer server = PostgresqlServer.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
        return server;
      } catch (IOException e) {
        throw new IllegalStateException("no PostgreSQL server", e);
      }
    }

    private static void close(PostgresqlServer server) {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** An empty database. */
  public static StoreAddress.Postgresql postgresql() {
    String name = "inventory" + NEXT.incrementAndGet();
    try (Connection connection = DriverManager.getConnection(Server.POSTGRESQL.url("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new StoreAddress.Postgresql(Server.POSTGRESQL.url(name));
  }
}
