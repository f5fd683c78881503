package dev.freeway.dataplane.kube.api;

import dev.freeway.dataplane.Await;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API server of Kubernetes over plain HTTP, its lists and watches as the real one's, and its
 * faults to order: cuts, silence, refusals, a history that was compacted, a cache that lags. It
 * knows any resource, and of validation nothing.
 */
public final class FakeApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What the history says. */
  private record Change(
      long version, String collection, String key, String type, ObjectNode object) {}

  /** A request as the server's authorizer sees it. */
  public record Request(String verb, String resource, String query, String body) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, NavigableMap<String, ObjectNode>> objects =
      new TreeMap<>(); // by collection
  private final List<Change> history = new ArrayList<>();
  private final Set<Connection> connections = new HashSet<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final InetAddress address;
  private final int port;
  private @Nullable ServerSocket server;
  private long version = 100;
  private long compacted = 100;
  private long bookmarks; // raised to have one sent on every watch
  private boolean silent;
  private boolean streamedLists = true;
  private boolean goneByStatus;
  private int refusals;
  private int refusalStatus;
  private final Map<String, Integer> refused = new TreeMap<>(); // statuses by collection
  private long cutAfterBytes = Long.MAX_VALUE;

  /** A server without objects, on loopback. */
  public FakeApiServer() throws IOException {
    this(InetAddress.getLoopbackAddress());
  }

  /** A server without objects, on an address of the calling thread's network namespace. */
  public FakeApiServer(InetAddress address) throws IOException {
    this.address = address;
    ServerSocket first = new ServerSocket(0, 50, address);
    port = first.getLocalPort();
    serve(first);
  }

  /** Where it is. */
  public String url() {
    return "http://" + address.getHostAddress() + ":" + port;
  }

  /** A kubeconfig that names it. */
  public String kubeconfig() {
    return """
        {"apiVersion": "v1", "kind": "Config", "current-context": "fake",
         "clusters": [{"name": "fake", "cluster": {"server": "%s"}}],
         "users": [{"name": "router", "user": {"token": "token"}}],
         "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "router", "namespace": "freeway"}}]}
        """
        .formatted(url());
  }

  private void serve(ServerSocket socket) {
    server = socket;
    Thread.ofVirtual()
        .start(
            () -> {
              while (!socket.isClosed()) {
                try {
                  Socket accepted = socket.accept();
                  accepted.setTcpNoDelay(true);
                  Connection connection = new Connection(accepted);
                  locked(() -> connections.add(connection));
                  Thread.ofVirtual().start(connection::run);
                } catch (IOException e) {
                  return;
                }
              }
            });
  }

  private void locked(Runnable work) {
    lock.lock();
    try {
      work.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // What a test does to the cluster.

  /** Makes or replaces an object; answers its resourceVersion. */
  public String put(String json) {
    ObjectNode object = (ObjectNode) JSON.readTree(json);
    String[] stored = new String[1];
    locked(
        () -> {
          String collection = collection(object);
          String key = key(object);
          ObjectNode before = of(collection).get(key);
          store(collection, key, before == null ? "ADDED" : "MODIFIED", object, before);
          stored[0] = object.path("metadata").path("resourceVersion").asString();
        });
    return stored[0];
  }

  /** Takes an object away. */
  public void delete(String collection, String namespace, String name) {
    locked(() -> remove(collection, namespace.isEmpty() ? name : namespace + "/" + name));
  }

  /** The object as it is now. */
  public Optional<JsonNode> get(String collection, String namespace, String name) {
    lock.lock();
    try {
      return Optional.ofNullable(
              of(collection).get(namespace.isEmpty() ? name : namespace + "/" + name))
          .map(ObjectNode::deepCopy);
    } finally {
      lock.unlock();
    }
  }

  /** An object's status as JSON, which who writes the object again has to keep; {} without. */
  public String status(String collection, String namespace, String name) {
    return get(collection, namespace, name)
        .map(before -> before.path("status").toString())
        .filter(text -> !text.isEmpty())
        .orElse("{}");
  }

  private NavigableMap<String, ObjectNode> of(String collection) {
    return objects.computeIfAbsent(collection, _ -> new TreeMap<>());
  }

  private static String collection(ObjectNode object) {
    return switch (object.path("kind").asString()) {
      case "Service" -> "services";
      case "EndpointSlice" -> "endpointslices";
      case "Node" -> "nodes";
      case "Lease" -> "leases";
      case "Event" -> "events";
      case "Pod" -> "pods";
      case String kind -> throw new IllegalArgumentException("kind " + kind);
    };
  }

  private static String key(ObjectNode object) {
    JsonNode meta = object.path("metadata");
    String namespace = meta.path("namespace").asString("");
    return (namespace.isEmpty() ? "" : namespace + "/") + meta.path("name").asString();
  }

  private void store(
      String collection, String key, String type, ObjectNode object, @Nullable ObjectNode before) {
    ObjectNode meta = (ObjectNode) object.path("metadata");
    version++;
    meta.put("resourceVersion", Long.toString(version));
    if (before == null) {
      if (!meta.has("uid")) {
        meta.put("uid", "uid-" + version);
      }
      if (!meta.has("creationTimestamp")) {
        meta.put("creationTimestamp", Instant.ofEpochSecond(1_700_000_000L + version).toString());
      }
    } else {
      meta.put("uid", before.path("metadata").path("uid").asString());
      meta.put("creationTimestamp", before.path("metadata").path("creationTimestamp").asString());
    }
    of(collection).put(key, object);
    history.add(new Change(version, collection, key, type, object.deepCopy()));
  }

  private void remove(String collection, String key) {
    ObjectNode object = of(collection).remove(key);
    if (object != null) {
      version++;
      ObjectNode last = object.deepCopy();
      ((ObjectNode) last.path("metadata")).put("resourceVersion", Long.toString(version));
      history.add(new Change(version, collection, key, "DELETED", last));
    }
  }

  // Faults.

  /** Forgets what happened until now: a watch from before is told 410. */
  public void compact() {
    locked(() -> compacted = version);
  }

  /** Whether 410 comes as the status of the answer instead of an event of type ERROR. */
  public void goneByStatus(boolean status) {
    locked(() -> goneByStatus = status);
  }

  /** Resets every connection. */
  public void cut() {
    locked(() -> Set.copyOf(connections).forEach(Connection::reset));
  }

  /** Each watch is cut when it has sent so many bytes; within a line, most likely. */
  public void cutAfter(long bytes) {
    locked(() -> cutAfterBytes = bytes);
  }

  /** Connections stay, and nothing comes any more; new ones are not answered. */
  public void silence(boolean on) {
    locked(() -> silent = on);
  }

  /** Nobody listens any more. */
  public void refuse() throws IOException {
    ServerSocket open = server;
    if (open != null) {
      open.close();
    }
    cut();
  }

  /** Somebody listens again, where it was before. */
  public void reopen() {
    ServerSocket[] again = new ServerSocket[1];
    Await.until(
        () -> "port " + port + " is in use",
        () -> { // the one who listened before may not have noticed that it is closed
          try {
            again[0] = new ServerSocket(port, 50, address);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    serve(again[0]);
  }

  /** The next requests are answered with a status. */
  public void answer(int status, int times) {
    locked(
        () -> {
          refusalStatus = status;
          refusals = times;
        });
  }

  /**
   * Requests for a kind of objects, or for one such as {@code pods/web-1}, are answered with a
   * status; 0 ends that.
   */
  public void answer(String collection, int status) {
    locked(() -> refused.put(collection, status));
  }

  /** Whether watches may begin with all objects. */
  public void streamedLists(boolean on) {
    locked(() -> streamedLists = on);
  }

  /** Sends a bookmark on every watch. */
  public void bookmark() {
    locked(
        () -> {
          version++;
          bookmarks++;
        });
  }

  // What a test looks at.

  /** Everything that was asked for. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Watches that are open now. */
  public long watches() {
    lock.lock();
    try {
      return connections.stream().filter(connection -> connection.watching).count();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    refuse();
  }

  /** One client's connection. */
  private final class Connection {
    private final Socket socket;
    private boolean watching;

    Connection(Socket socket) {
      this.socket = socket;
    }

    void reset() {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // it is gone
      }
    }

    void run() {
      try (socket;
          InputStream in = new BufferedInputStream(socket.getInputStream());
          OutputStream out = socket.getOutputStream()) {
        while (request(in, out)) {
          // the next one
        }
      } catch (IOException | InterruptedException e) {
        // the client is gone, or was cut
      } finally {
        locked(() -> connections.remove(this));
      }
    }

    private boolean request(InputStream in, OutputStream out)
        throws IOException, InterruptedException {
      String first = line(in);
      if (first.isEmpty()) {
        return false;
      }
      int length = 0;
      for (String header = line(in); !header.isEmpty(); header = line(in)) {
        if (header.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(header.substring(15).strip());
        }
      }
      byte[] body = in.readNBytes(length);
      String[] words = first.split(" ", -1);
      String[] target = words[1].split("\\?", 2);
      Map<String, String> query = query(target.length > 1 ? target[1] : "");
      List<String> path = List.of(target[0].substring(1).split("/", -1));
      answer(words[0], path, query, new String(body, StandardCharsets.UTF_8), out);
      return true;
    }

    private void answer(
        String method, List<String> path, Map<String, String> query, String body, OutputStream out)
        throws IOException, InterruptedException {
      // /api/v1/… and /apis/GROUP/VERSION/…
      List<String> rest = path.subList(path.getFirst().equals("api") ? 2 : 3, path.size());
      String namespace = "";
      if (rest.size() >= 3 && rest.getFirst().equals("namespaces")) {
        namespace = rest.get(1);
        rest = rest.subList(2, rest.size());
      }
      String collection = rest.getFirst();
      String name = rest.size() > 1 ? rest.get(1) : "";
      String sub = rest.size() > 2 ? "/" + rest.get(2) : "";
      boolean watch = "true".equals(query.get("watch"));
      String verb =
          switch (method) {
            case "GET" -> watch ? "watch" : name.isEmpty() ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            default -> "delete";
          };
      requests.add(new Request(verb, collection + sub, query.toString(), body));
      int status = 0;
      lock.lock();
      try {
        changed.signalAll();
        status = refused.getOrDefault(collection, refused.getOrDefault(collection + "/" + name, 0));
        while (silent) {
          changed.await();
        }
        if (refusals > 0) {
          refusals--;
          status = refusalStatus;
        }
      } finally {
        lock.unlock();
      }
      if (status != 0) {
        send(out, status, status(status, "ordered by the test"));
        return;
      }
      String key = namespace.isEmpty() ? name : namespace + "/" + name;
      switch (verb) {
        case "watch" -> watch(collection, namespace, query, out);
        case "list" -> list(collection, namespace, query, out);
        default -> one(verb, collection, namespace, key, sub, body, out);
      }
    }

    private void list(
        String collection, String namespace, Map<String, String> query, OutputStream out)
        throws IOException {
      ObjectNode answer = JSON.createObjectNode();
      answer.put("kind", "List");
      lock.lock();
      try {
        int limit = Integer.parseInt(query.getOrDefault("limit", "0"));
        String token = query.getOrDefault("continue", "");
        String after = token.isEmpty() ? "" : token.substring(token.indexOf('|') + 1);
        if (!token.isEmpty()
            && Long.parseLong(token.substring(0, token.indexOf('|'))) < compacted) {
          send(out, 410, status(410, "The provided continue parameter is too old"));
          return;
        }
        var items = answer.putArray("items");
        String last = "";
        boolean more = false;
        for (Map.Entry<String, ObjectNode> one : of(collection).tailMap(after, false).entrySet()) {
          if (selected(one.getValue(), namespace, query)) {
            if (limit > 0 && items.size() == limit) {
              more = true;
              break;
            }
            items.add(one.getValue().deepCopy());
            last = one.getKey();
          }
        }
        ObjectNode meta = answer.putObject("metadata");
        meta.put("resourceVersion", Long.toString(version));
        if (more) {
          meta.put("continue", version + "|" + last);
        }
      } finally {
        lock.unlock();
      }
      send(out, 200, answer);
    }

    private void watch(
        String collection, String namespace, Map<String, String> query, OutputStream out)
        throws IOException, InterruptedException {
      boolean initial = "true".equals(query.get("sendInitialEvents"));
      lock.lock();
      try {
        if (initial && !streamedLists) {
          send(
              out,
              422,
              status(
                  422,
                  "sendInitialEvents is forbidden for watch unless the WatchList feature gate is"
                      + " enabled"));
          return;
        }
        long from = initial ? version : Long.parseLong(query.getOrDefault("resourceVersion", "0"));
        if (from < compacted && goneByStatus && !initial) {
          send(out, 410, status(410, "too old resource version: " + from));
          return;
        }
        watching = true;
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        stream(collection, namespace, query, initial, from, out);
        watching = false;
      } finally {
        lock.unlock();
      }
    }

    /** With the lock, which it gives away while it waits. */
    private void stream(
        String collection,
        String namespace,
        Map<String, String> query,
        boolean initial,
        long from,
        OutputStream out)
        throws IOException, InterruptedException {
      long budget = cutAfterBytes;
      long until =
          System.nanoTime()
              + TimeUnit.SECONDS.toNanos(
                  Long.parseLong(query.getOrDefault("timeoutSeconds", "60")));
      if (from < compacted && !initial) {
        event(out, "ERROR", status(410, "too old resource version: " + from), budget);
        end(out);
        return;
      }
      Set<String> shown = new HashSet<>();
      if (initial) {
        for (Map.Entry<String, ObjectNode> one : of(collection).entrySet()) {
          if (selected(one.getValue(), namespace, query)) {
            budget = event(out, "ADDED", one.getValue(), budget);
            shown.add(one.getKey());
          }
        }
        budget = event(out, "BOOKMARK", bookmark(from, true), budget);
      } else {
        for (Change change : history) {
          if (change.version <= from && change.collection.equals(collection)) {
            boolean in =
                !change.type.equals("DELETED") && selected(change.object, namespace, query);
            var _ = in ? shown.add(change.key) : shown.remove(change.key);
          }
        }
      }
      long marked = bookmarks;
      long seen = from;
      while (true) {
        for (Change change : List.copyOf(history)) {
          if (change.version > seen && !silent) {
            seen = change.version;
            if (!change.collection.equals(collection)) {
              continue;
            }
            boolean in =
                !change.type.equals("DELETED") && selected(change.object, namespace, query);
            boolean was = in ? !shown.add(change.key) : shown.remove(change.key);
            if (in || was) {
              String type = !in ? "DELETED" : was ? "MODIFIED" : "ADDED";
              budget = event(out, type, change.object, budget);
            }
          }
        }
        if (bookmarks > marked && !silent) {
          marked = bookmarks;
          budget = event(out, "BOOKMARK", bookmark(version, false), budget);
        }
        long left = until - System.nanoTime();
        if (left <= 0 && !silent) {
          end(out);
          return;
        }
        if (socket.isClosed()) {
          return;
        }
        var _ = changed.await(Math.max(left, 1_000_000), TimeUnit.NANOSECONDS);
      }
    }

    private long event(OutputStream out, String type, JsonNode object, long budget)
        throws IOException {
      ObjectNode event = JSON.createObjectNode();
      event.put("type", type);
      event.set("object", object);
      byte[] line = (JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8);
      int length = (int) Math.min(line.length, budget);
      if (length == 0) {
        reset();
        throw new IOException("cut");
      }
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(line, 0, length);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      if (length < line.length) {
        out.flush();
        reset();
        throw new IOException("cut");
      }
      return budget == Long.MAX_VALUE ? budget : budget - length;
    }

    private void end(OutputStream out) throws IOException {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void one(
        String verb,
        String collection,
        String namespace,
        String key,
        String sub,
        String body,
        OutputStream out)
        throws IOException {
      lock.lock();
      try {
        ObjectNode before = of(collection).get(key);
        if (verb.equals("create")) {
          ObjectNode object = (ObjectNode) JSON.readTree(body);
          ((ObjectNode) object.path("metadata")).put("namespace", namespace);
          String made = key(object);
          if (of(collection).containsKey(made)) {
            send(out, 409, status(409, made + " already exists"));
            return;
          }
          store(collection, made, "ADDED", object, null);
          send(out, 201, object);
        } else if (before == null) {
          send(out, 404, status(404, collection + " \"" + key + "\" not found"));
        } else if (verb.equals("get")) {
          send(out, 200, before);
        } else if (verb.equals("delete")) {
          remove(collection, key);
          send(out, 200, before);
        } else {
          change(verb, collection, key, sub, (ObjectNode) JSON.readTree(body), before, out);
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void change(
        String verb,
        String collection,
        String key,
        String sub,
        ObjectNode asked,
        ObjectNode before,
        OutputStream out)
        throws IOException {
      String expected = asked.path("metadata").path("resourceVersion").asString("");
      if (!expected.isEmpty()
          && !expected.equals(before.path("metadata").path("resourceVersion").asString())) {
        send(out, 409, status(409, "the object has been modified"));
        return;
      }
      ObjectNode after = verb.equals("patch") ? before.deepCopy() : asked;
      if (verb.equals("patch")) {
        merge(after, asked);
      }
      ObjectNode kept = sub.isEmpty() ? after : before.deepCopy();
      kept.set("status", (sub.isEmpty() ? before : after).path("status"));
      if (kept.path("status").isMissingNode()) {
        kept.remove("status");
      }
      store(collection, key, "MODIFIED", kept, before);
      send(out, 200, kept);
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
      patch
          .properties()
          .forEach(
              field -> {
                JsonNode value = field.getValue();
                JsonNode known = into.path(field.getKey());
                if (value.isNull()) {
                  into.remove(field.getKey());
                } else if (value instanceof ObjectNode inner && known instanceof ObjectNode old) {
                  merge(old, inner);
                } else if (value instanceof ObjectNode inner) {
                  merge(into.putObject(field.getKey()), inner); // without what is to be removed
                } else {
                  into.set(field.getKey(), value);
                }
              });
    }

    private static ObjectNode bookmark(long version, boolean initialEnd) {
      ObjectNode object = JSON.createObjectNode();
      ObjectNode meta = object.putObject("metadata");
      meta.put("resourceVersion", Long.toString(version));
      if (initialEnd) {
        meta.putObject("annotations").put("k8s.io/initial-events-end", "true");
      }
      return object;
    }

    private static ObjectNode status(int code, String message) {
      ObjectNode status = JSON.createObjectNode();
      status.put("kind", "Status");
      status.put("apiVersion", "v1");
      status.put("status", "Failure");
      status.put("message", message);
      status.put("code", code);
      return status;
    }

    private static void send(OutputStream out, int status, JsonNode body) throws IOException {
      byte[] bytes = JSON.writeValueAsBytes(body);
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      answer.writeBytes(
          ("HTTP/1.1 "
                  + status
                  + " Answer\r\nContent-Type: application/json\r\nContent-Length: "
                  + bytes.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      answer.writeBytes(bytes);
      out.write(answer.toByteArray());
      out.flush();
    }

    private static String line(InputStream in) throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  /** By namespace, by fields and labels that equal a value. */
  private static boolean selected(ObjectNode object, String namespace, Map<String, String> query) {
    if (!namespace.isEmpty()
        && !namespace.equals(object.path("metadata").path("namespace").asString(""))) {
      return false;
    }
    for (String pair : query.getOrDefault("fieldSelector", "").split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0
          && !object
              .at("/" + pair.substring(0, equals).replace('.', '/'))
              .asString("")
              .equals(pair.substring(equals + 1))) {
        return false;
      }
    }
    for (String pair : query.getOrDefault("labelSelector", "").split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0
          && !object
              .path("metadata")
              .path("labels")
              .path(pair.substring(0, equals))
              .asString("")
              .equals(pair.substring(equals + 1))) {
        return false;
      }
    }
    return true;
  }
}
