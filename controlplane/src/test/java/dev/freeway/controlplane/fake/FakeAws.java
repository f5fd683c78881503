package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * AWS on the loopback: all services of the catalogue behind one URL, told apart by what requests
 * are signed for. Signatures are not checked. An access key's last twelve digits are its account.
 */
public final class FakeAws implements AutoCloseable {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** What Freeway calls besides the catalogue's lists. */
  private static final List<String> OWN =
      List.of("sts", "ec2", "iam", "organizations", "resourcegroupstaggingapi");

  /** Whose the made-up items are, where an ARN says it. */
  private static final String ACCOUNT = "123456789012";

  private static final Services SERVICES = services();

  private final Estate estate = new Estate();
  private final Faults faults = new Faults();
  private final Roles roles = new Roles();
  private final PageSizes sizes = new PageSizes();
  private final Pages pages;
  private final LongSupplier nanos;
  private final Optional<SelfSigned> certificate;
  private final HttpListener listener;
  private final Map<String, Limit> limits = new ConcurrentHashMap<>();
  private final Map<String, TokenBucket> buckets = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, LongAdder> requests = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, LongAdder> perBucket = new ConcurrentHashMap<>();
  private final LongAdder total = new LongAdder();
  private final LongAdder throttled = new LongAdder();
  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final Queue<Served> log = new ConcurrentLinkedQueue<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();
  private volatile Duration latency = Duration.ZERO;
  private volatile boolean logs;
  private volatile List<String> enabled = List.of();

  /**
   * How many requests a service takes in an account and a region.
   *
   * @param rate a second
   * @param burst at once
   * @param each of every operation by itself; else of all together
   */
  public record Limit(double rate, double burst, boolean each) {
    /** Of all operations together. */
    public Limit(double rate, double burst) {
      this(rate, burst, false);
    }
  }

  /**
   * A request and what became of it.
   *
   * @param well whether it was answered, in full
   */
  public record Served(Asked asked, boolean well) {}

  private FakeAws(boolean tls, LongSupplier nanos) {
    this.nanos = nanos;
    this.pages = new Pages(sizes, Catalog.builtIn(), nanos);
    this.certificate = tls ? Optional.of(SelfSigned.create()) : Optional.empty();
    identity();
    this.listener = HttpListener.start(certificate.map(SelfSigned::server), this::answer);
  }

  /** Over plain HTTP. */
  public static FakeAws start() {
    return new FakeAws(false, System::nanoTime);
  }

  /** Over plain HTTP, with another clock for its token buckets and page tokens. */
  public static FakeAws start(LongSupplier nanos) {
    return new FakeAws(false, nanos);
  }

  /** Over TLS, with a certificate of its own. */
  public static FakeAws startWithTls() {
    return new FakeAws(true, System::nanoTime);
  }

  private static Services services() {
    TreeSet<String> modules = new TreeSet<>(OWN);
    for (ResourceType type : Catalog.builtIn().types()) {
      modules.add(type.sdk());
      type.details().stream().map(Detail::sdk).forEach(modules::add);
    }
    // rds before docdb and neptune, which answer for all three
    List<ServiceModel> models = new ArrayList<>();
    modules.forEach(module -> models.add(ServiceModel.of(module)));
    models.sort(
        (one, other) ->
            Boolean.compare(
                other.module().equals(other.signingName()),
                one.module().equals(one.signingName())));
    return new Services(models);
  }

  private void identity() {
    estate.made(
        Estate.ANY,
        "sts:GetCallerIdentity",
        Map.of(),
        asked ->
            NODES
                .objectNode()
                .put("UserId", "AIDAFAKE")
                .put("Account", asked.account())
                .put("Arn", "arn:aws:iam::" + asked.account() + ":user/audit"));
    regions("us-east-1", "eu-west-1");
  }

  /** Each list of the catalogue that is asked for itself has so many made-up items. */
  public FakeAws fill(int count) {
    for (ResourceType type : Catalog.builtIn().types()) {
      if (filled(type)) {
        String name = type.sdk() + ":" + type.operation();
        estate.clear(name).items(Estate.ANY, name, type.items().text(), made(type, count));
      }
    }
    return this;
  }

  /**
   * As {@link #fill}, and each item has a tag that the tagging API of its region names, as AWS's
   * does whatever the type.
   */
  public FakeAws fillTagged(int count) {
    fill(count);
    Map<String, Set<String>> tagged = new TreeMap<>();
    for (ResourceType type : Catalog.builtIn().types()) {
      if (filled(type) && type.details().stream().anyMatch(Detail::bulk)) {
        List<JsonNode> items = made(type, count);
        boolean global = type.scope().kind() == ListScope.Kind.GLOBAL;
        for (String region : global ? List.of("us-east-1") : enabled) {
          tagged.computeIfAbsent(region, _ -> new TreeSet<>()).addAll(arns(type, items, region));
        }
      }
    }
    String name = "resourcegroupstaggingapi:GetResources";
    estate.clear(name);
    tagged.forEach(
        (region, arns) ->
            estate.items(
                region,
                name,
                "ResourceTagMappingList[]",
                arns.stream().map(FakeAws::tagged).toList()));
    return this;
  }

  private static boolean filled(ResourceType type) {
    String path = type.items().text();
    return path.contains("[]") && !path.contains("*") && type.parents().isEmpty();
  }

  private static List<JsonNode> made(ResourceType type, int count) {
    ServiceModel model = ServiceModel.of(type.sdk());
    Member item = type.items().in(model, model.operation(type.operation()).output());
    return Samples.items(model, item, count);
  }

  private static Set<String> arns(ResourceType type, List<JsonNode> items, String region) {
    Map<String, String> variables =
        Map.of("partition", "aws", "region", region, "account", ACCOUNT);
    return items.stream()
        .flatMap(
            item ->
                type.arn().fill(Template.of(item, MissingNode.getInstance(), variables)).stream())
        .collect(Collectors.toSet());
  }

  private static JsonNode tagged(String arn) {
    ObjectNode mapping = NODES.objectNode().put("ResourceARN", arn);
    mapping.withArray("Tags").addObject().put("Key", "Owner").put("Value", "fake");
    return mapping;
  }

  /** Which regions the accounts have enabled. */
  public FakeAws regions(String... names) {
    enabled = List.of(names);
    ArrayNode regions = NODES.arrayNode();
    for (String name : names) {
      regions
          .addObject()
          .put("RegionName", name)
          .put("Endpoint", "ec2." + name + ".amazonaws.com")
          .put("OptInStatus", "opt-in-not-required");
    }
    ObjectNode answer = NODES.objectNode();
    answer.set("Regions", regions);
    estate.answer(Estate.ANY, "ec2:DescribeRegions", Map.of(), answer);
    return this;
  }

  /** What {@code AWS_ENDPOINT_URL} is to be. */
  public URI url() {
    return URI.create(
        (certificate.isPresent() ? "https://localhost:" : "http://127.0.0.1:") + listener.port());
  }

  /** What the accounts hold. */
  public Estate estate() {
    return estate;
  }

  /** Whose roles may be assumed, and by what sessions they were. */
  public Roles roles() {
    return roles;
  }

  /** What goes wrong. */
  public Faults faults() {
    return faults;
  }

  /** Each answer takes so long. */
  public FakeAws latency(Duration latency) {
    this.latency = latency;
    return this;
  }

  /** An operation's answers have so many items at most. */
  public FakeAws pageSize(String name, int size) {
    sizes.set(name, size);
    return this;
  }

  /** Page tokens hold so long. */
  public FakeAws tokenLife(Duration life) {
    pages.life(life);
    return this;
  }

  /**
   * A service takes so many requests from an account in a region, each its own.
   *
   * @param module the SDK's, or {@link Estate#ANY} for those that are not named; or {@code
   *     module:Operation} for one that has a bucket of its own
   */
  public FakeAws limit(String module, Limit limit) {
    limits.put(module, limit);
    return this;
  }

  /** Keeps what it is asked, for {@link #asked} and {@link #served}. */
  public FakeAws remember() {
    logs = true;
    return this;
  }

  /** What was asked of an operation, in order of arrival. */
  public List<Asked> asked(String name) {
    return log.stream().map(Served::asked).filter(one -> one.name().equals(name)).toList();
  }

  /** Everything that was asked since it was told to remember, in order of its answers. */
  public List<Served> served() {
    return List.copyOf(log);
  }

  /** Forgets what it was asked. */
  public void forget() {
    log.clear();
    requests.clear();
    total.reset();
  }

  /** Requests so far. */
  public long requests() {
    return total.sum();
  }

  /** Requests of an operation so far. */
  public long requests(String name) {
    LongAdder counted = requests.get(name);
    return counted == null ? 0 : counted.sum();
  }

  /** Requests so far by operation. */
  public SortedMap<String, Long> byOperation() {
    SortedMap<String, Long> sums = new TreeMap<>();
    requests.forEach((name, sum) -> sums.put(name, sum.sum()));
    return sums;
  }

  /** Requests that its token buckets did not let through. */
  public long throttled() {
    return throttled.sum();
  }

  /**
   * Requests so far by account, region and module, whether their bucket let them through or not.
   */
  public SortedMap<String, Long> byBucket() {
    SortedMap<String, Long> sums = new TreeMap<>();
    perBucket.forEach((name, sum) -> sums.put(name, sum.sum()));
    return sums;
  }

  /**
   * As long as a scanner needs at least for what it asked: by the fullest bucket, and by the
   * latency of all its requests over as many as it had under way at once.
   */
  public Duration least() {
    double longest = requests() * (latency.toNanos() / 1e9) / Math.max(1, mostAtOnce());
    for (Map.Entry<String, Long> one : byBucket().entrySet()) {
      String name = one.getKey().substring(one.getKey().lastIndexOf('/') + 1);
      String module = name.split(":", 2)[0];
      Limit any = limits.getOrDefault(module, limits.get(Estate.ANY));
      Limit limit = limits.getOrDefault(name, any);
      if (limit != null) {
        longest = Math.max(longest, (one.getValue() - limit.burst()) / limit.rate());
      }
    }
    return latency.plusNanos((long) (longest * 1e9));
  }

  /** The most requests that waited for an answer at the same time. */
  public int mostAtOnce() {
    return most.get();
  }

  /** Connections so far. */
  public long connections() {
    return listener.connections();
  }

  /** TLS handshakes so far. */
  public long handshakes() {
    return listener.handshakes();
  }

  /** What the fake itself could not do: an estate that does not fit the models. */
  public List<String> broken() {
    return List.copyOf(broken);
  }

  /** What a client of this JVM trusts it with. */
  public @Nullable TrustManager[] trust() {
    return certificate.map(SelfSigned::trust).orElseGet(() -> new TrustManager[0]);
  }

  /** Where {@code trust.p12} and {@code trust.pem} are, for other processes; empty without TLS. */
  public Optional<java.nio.file.Path> trustDirectory() {
    return certificate.map(SelfSigned::write);
  }

  private Reply answer(HttpRequest request) throws InterruptedException {
    most.accumulateAndGet(now.incrementAndGet(), Math::max);
    try {
      total.increment();
      if (latency.isPositive()) {
        Thread.sleep(latency);
      }
      return understood(request);
    } catch (RuntimeException e) {
      broken.add(request.method() + " " + request.target() + " " + request.text() + ": " + e);
      return Reply.of(501, "text/plain", "the fake broke: " + e);
    } finally {
      now.decrementAndGet();
    }
  }

  private Reply understood(HttpRequest request) throws InterruptedException {
    Optional<Services.Signed> signed = Services.signed(request);
    if (signed.isEmpty()) {
      return Reply.of(
          403,
          "text/xml",
          "<ErrorResponse><Error><Code>MissingAuthenticationToken</Code>"
              + "<Message>not signed</Message></Error></ErrorResponse>");
    }
    List<Asked> candidates = SERVICES.asked(request, signed.get());
    if (candidates.isEmpty()) {
      return unknown(request, signed.get());
    }
    Optional<Reply> header = header(request, candidates.getFirst().model());
    if (header.isPresent()) {
      return header.get();
    }
    Asked asked =
        candidates.stream()
            .filter(one -> estate.of(one).isPresent())
            .findFirst()
            .orElse(candidates.getFirst());
    requests.computeIfAbsent(asked.name(), _ -> new LongAdder()).increment();
    Reply reply;
    if (roles.refuses(asked, signed.get().key())) {
      reply = Refusal.denied(asked).in(asked.model());
    } else if (lets(asked)) {
      reply = answer(asked, signed.get().key());
    } else {
      throttled.increment();
      reply = Refusal.throttled(asked.model()).in(asked.model());
    }
    if (logs) {
      boolean html = reply.headers().getOrDefault("Content-Type", "").startsWith("text/html");
      log.add(
          new Served(asked, reply.status() < 400 && reply.manner() == Reply.Manner.WHOLE && !html));
    }
    return reply;
  }

  /** What some services answer without a header of their own. */
  private static Optional<Reply> header(HttpRequest request, ServiceModel model) {
    return switch (model.module()) {
      case "apigateway" ->
          request.header("accept").equals("application/json")
              ? Optional.empty()
              : Optional.of(Reply.of(200, "application/hal+json", "{\"_embedded\":{}}"));
      case "glacier" ->
          request.header("x-amz-glacier-version").equals("2012-06-01")
              ? Optional.empty()
              : Optional.of(
                  new Refusal(
                          400,
                          "MissingParameterValueException",
                          "Required parameter missing: API version")
                      .in(model));
      case "s3", "s3control" ->
          request.header("x-amz-content-sha256").isEmpty()
              ? Optional.of(
                  new Refusal(
                          400,
                          "InvalidRequest",
                          "Missing required header for this request: x-amz-content-sha256")
                      .in(model))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private boolean lets(Asked asked) {
    String module = asked.model().module();
    String operation = module + ":" + asked.operation().name();
    Limit own = limits.get(operation);
    Limit limit = own != null ? own : limits.getOrDefault(module, limits.get(Estate.ANY));
    boolean each = own != null || (limit != null && limit.each());
    String bucket = asked.account() + "/" + asked.region() + "/" + (each ? operation : module);
    perBucket.computeIfAbsent(bucket, _ -> new LongAdder()).increment();
    return limit == null
        || buckets
            .computeIfAbsent(bucket, _ -> new TokenBucket(limit.rate(), limit.burst(), nanos))
            .take();
  }

  private Reply answer(Asked asked, String accessKey) throws InterruptedException {
    ServiceModel model = asked.model();
    boolean same = false;
    boolean unknown = false;
    Reply.Manner manner = Reply.Manner.WHOLE;
    for (Fault fault : faults.of(asked)) {
      switch (fault) {
        case Fault.Throttled one -> {
          Reply reply = Refusal.throttled(model).in(model);
          return one.retryAfter()
              .map(wait -> reply.with("Retry-After", Long.toString(wait.toSeconds())))
              .orElse(reply);
        }
        case Fault.Denied _ -> {
          return Refusal.denied(asked).in(model);
        }
        case Fault.OptInRequired _ -> {
          return Refusal.optIn(model).in(model);
        }
        case Fault.Expired _ -> {
          return Refusal.expired(model).in(model);
        }
        case Fault.Refused one -> {
          return new Refusal(one.status(), one.code(), one.message()).in(model);
        }
        case Fault.Html html -> {
          return Reply.of(
              html.status(),
              html.type(),
              "<!doctype html><html lang=en><title>" + html.status() + "</title></html>");
        }
        case Fault.Reset _ -> manner = Reply.Manner.RESET;
        case Fault.Cut _ -> manner = Reply.Manner.CUT;
        case Fault.Silent _ -> manner = Reply.Manner.SILENT;
        case Fault.SameToken _ -> same = true;
        case Fault.Unknown _ -> unknown = true;
        case Fault.Slow slow -> Thread.sleep(slow.by());
      }
    }
    try {
      return Answers.of(asked, document(asked, accessKey, same), unknown).in(manner);
    } catch (RefusedException e) {
      return e.refusal().in(model);
    }
  }

  private ObjectNode document(Asked asked, String accessKey, boolean same) {
    if (asked.name().equals("sts:AssumeRole")) {
      return roles.assume(asked, accessKey);
    }
    if (asked.name().equals("sts:GetSessionToken")) {
      return roles.withMfa(asked);
    }
    return switch (estate.of(asked).orElse(null)) {
      case null -> Documents.empty(asked.model(), asked.operation());
      case Estate.Content.Items items -> pages.page(asked, items, same);
      case Estate.Content.Made made -> made.answer().apply(asked);
    };
  }

  /** What no model of ours has is answered as by a service that has nothing. */
  private Reply unknown(HttpRequest request, Services.Signed signed) {
    String target = request.header("x-amz-target");
    if (!target.isEmpty()) {
      requests.computeIfAbsent("?" + target, _ -> new LongAdder()).increment();
      return Reply.of(200, "application/x-amz-json-1.1", "{}");
    }
    String action = HttpRequest.form(request.text()).getOrDefault("Action", "");
    if (!action.isEmpty()) {
      requests
          .computeIfAbsent("?" + signed.service() + ":" + action, _ -> new LongAdder())
          .increment();
      return Reply.of(
          200,
          "text/xml",
          "<%1$sResponse><%1$sResult></%1$sResult></%1$sResponse>".formatted(action));
    }
    requests
        .computeIfAbsent(
            "?" + signed.service() + ":" + request.method() + " " + request.path(),
            _ -> new LongAdder())
        .increment();
    if (signed.service().equals("account")) { // AWSMap asks it for regions
      ObjectNode answer = NODES.objectNode();
      enabled.forEach(
          name ->
              answer
                  .withArray("Regions")
                  .addObject()
                  .put("RegionName", name)
                  .put("RegionOptStatus", "ENABLED_BY_DEFAULT"));
      return Reply.of(200, "application/json", answer.toString());
    }
    return List.of("s3", "route53", "cloudfront").contains(signed.service())
        ? Reply.of(200, "text/xml", "<Result></Result>")
        : Reply.of(200, "application/json", "{}");
  }

  @Override
  public void close() {
    listener.close();
  }
}
