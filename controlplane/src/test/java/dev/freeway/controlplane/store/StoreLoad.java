package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What an inventory costs: fills a store with resources as AWS has them, scans it again and again
 * while one in a hundred changes, and asks. Prints a line for each scan and query, its name and its
 * seconds, one for memory and one for the bytes in the end.
 */
public final class StoreLoad {
  private static final List<String> REGIONS =
      List.of("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-1");

  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

  private StoreLoad() {}

  /**
   * {@code StoreLoad DATABASE RESOURCES SCANS}; with {@code postgresql} for the database, in a
   * server of its own.
   */
  public static void main(String[] arguments) throws IOException, SQLException {
    int resources = Integer.parseInt(arguments[1]);
    int scans = Integer.parseInt(arguments[2]);
    if (arguments[0].equals("postgresql")) {
      try (PostgresqlServer server = PostgresqlServer.durable()) {
        load(StoreAddress.parse(server.url("postgres")), resources, scans);
      }
    } else {
      load(StoreAddress.parse(arguments[0]), resources, scans);
    }
  }

  private static void load(StoreAddress address, int resources, int scans)
      throws IOException, SQLException {
    Store store = Store.open(address);
    for (int scan = 0; scan < scans; scan++) {
      long start = System.nanoTime();
      scan(store, resources, scan);
      say(scan == 0 ? "first" : "scan", seconds(start));
    }
    say("rss", rss());
    say("bytes", (double) bytes(store, address));
    for (Map.Entry<String, String> query : queries().entrySet()) {
      for (int turn = 0; turn < 3; turn++) {
        long start = System.nanoTime();
        int rows = 0;
        try (Connection connection = store.reading();
            Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery(query.getValue())) {
          while (row.next()) {
            rows++;
          }
        }
        if (rows == 0) {
          throw new IllegalStateException(query.getKey() + ": no rows");
        }
        say(query.getKey(), seconds(start));
      }
    }
    long start = System.nanoTime();
    try (Stream<StoredResource> found =
        store.resources(ResourceFilter.CURRENT.with("host-" + resources / 2))) {
      if (found.count() == 0) {
        throw new IllegalStateException("words: no rows");
      }
    }
    say("words", seconds(start));
    start = System.nanoTime();
    if (store.relations(subnet(7)).namedBy().isEmpty()) {
      throw new IllegalStateException("relations: no rows");
    }
    say("relations", seconds(start));
  }

  private static void say(String name, double value) {
    System.out.printf(Locale.ROOT, "%s\t%.6f%n", name, value);
  }

  private static Map<String, String> queries() {
    Map<String, String> queries = new LinkedHashMap<>();
    queries.put(
        "by service",
        "SELECT service, type, count(*) FROM resources WHERE is_current = 1 GROUP BY service, type");
    queries.put(
        "by id",
        "SELECT details FROM resources WHERE is_current = 1 AND id = 'i-0000000000000063'");
    queries.put(
        "stopped",
        "SELECT name FROM resources WHERE is_current = 1 AND service = 'ec2' AND type = 'instance'"
            + " AND details LIKE '%\"stopped\"%'"
            + " AND json_extract(details, '$.State.Name') = 'stopped'");
    queries.put(
        "by tag",
        "SELECT r.name FROM resources r JOIN tag t ON t.resource = r.rowid"
            + " WHERE is_current = 1 AND t.key = 'Owner' AND t.value = 'team-7'");
    queries.put(
        "without tag",
        "SELECT count(*) FROM resources r WHERE is_current = 1 AND NOT EXISTS"
            + " (SELECT 1 FROM tag t WHERE t.resource = r.rowid AND t.key = 'Owner')");
    return queries;
  }

  /** This process's memory at most, MiB: of PostgreSQL's, what writes to it. */
  private static double rss() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("no VmHWM in /proc/self/status");
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static long bytes(Store store, StoreAddress address) throws IOException, SQLException {
    if (!(address instanceof StoreAddress.Sqlite sqlite)) {
      try (Connection connection = store.reading();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_database_size(current_database())")) {
        row.next();
        return row.getLong(1);
      }
    }
    long sum = 0;
    for (String suffix : List.of("", "-wal")) {
      Path file = Path.of(sqlite.file() + suffix);
      sum += Files.exists(file) ? Files.size(file) : 0;
    }
    return sum;
  }

  private static void scan(Store store, int resources, int scan) {
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      List<Scope> scopes = new ArrayList<>();
      for (String region : REGIONS) {
        Scope scope = Samples.scope("ec2", region, "instance");
        scopes.add(scope);
        for (int i = scopes.size() - 1; i < resources; i += REGIONS.size()) {
          // One in a hundred is another in each scan, and stays so.
          int version = i % 100 < scan ? 1 : 0;
          writer.seen(
              instance(scope, i, version),
              List.of(
                  new Relation(scope, id(i), "SubnetId", subnet(i % 1000)),
                  new Relation(scope, id(i), "VpcId", "vpc-" + i % 50)));
        }
      }
      scopes.forEach(writer::whole);
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
  }

  private static String id(int i) {
    return "i-" + HexFormat.of().toHexDigits((long) i);
  }

  private static String subnet(int i) {
    return "subnet-" + HexFormat.of().toHexDigits(i);
  }

  /** About 1,000 bytes. Put together cheaply: what is timed is the store. */
  private static Resource instance(Scope scope, int i, int version) {
    String id = id(i);
    String hexadecimal = id.substring(2);
    String document =
        "{\"InstanceId\":\""
            + id
            + "\",\"ImageId\":\"ami-0123456789abcdef"
            + version
            + "\",\"InstanceType\":\"m7g.large\",\"KeyName\":\"ops\","
            + "\"LaunchTime\":\"2026-01-01T00:00:00Z\",\"Placement\":{\"AvailabilityZone\":\""
            + scope.region()
            + "a\",\"Tenancy\":\"default\"},\"PrivateDnsName\":\"host-"
            + i
            + ".internal\",\"PrivateIpAddress\":\"10."
            + (i >> 16 & 255)
            + "."
            + (i >> 8 & 255)
            + "."
            + (i & 255)
            + "\",\"State\":{\"Code\":16,\"Name\":\""
            + (i % 50 == 0 ? "stopped" : "running")
            + "\"},\"SubnetId\":\""
            + subnet(i % 1000)
            + "\",\"VpcId\":\"vpc-"
            + i % 50
            + "\",\"Architecture\":\"arm64\",\"BlockDeviceMappings\":[{\"DeviceName\":\"/dev/xvda\","
            + "\"Ebs\":{\"AttachTime\":\"2026-01-01T00:00:00Z\",\"DeleteOnTermination\":true,"
            + "\"Status\":\"attached\",\"VolumeId\":\"vol-"
            + hexadecimal
            + "\"}}],\"EbsOptimized\":true,\"EnaSupport\":true,\"Hypervisor\":\"xen\","
            + "\"NetworkInterfaces\":[{\"NetworkInterfaceId\":\"eni-"
            + hexadecimal
            + "\",\"Status\":\"in-use\",\"SourceDestCheck\":true}],\"RootDeviceName\":\"/dev/xvda\","
            + "\"RootDeviceType\":\"ebs\",\"SecurityGroups\":[{\"GroupName\":\"web\","
            + "\"GroupId\":\"sg-0123456789abcdef0\"}],\"VirtualizationType\":\"hvm\","
            + "\"MetadataOptions\":{\"State\":\"applied\",\"HttpTokens\":\"required\","
            + "\"HttpPutResponseHopLimit\":2,\"HttpEndpoint\":\"enabled\"},"
            + "\"CurrentInstanceBootMode\":\"uefi\"}";
    TreeMap<String, String> tags = new TreeMap<>();
    tags.put("Name", "host-" + i);
    tags.put("Environment", i % 3 == 0 ? "prod" : "test");
    if (i % 10 != 0) {
      tags.put("Owner", "team-" + i % 40);
    }
    return new Resource(
        scope,
        id,
        "arn:aws:ec2:" + scope.region() + ":" + scope.account() + ":instance/" + id,
        "host-" + i,
        false,
        Optional.of(CREATED),
        "",
        tags,
        document);
  }
}
