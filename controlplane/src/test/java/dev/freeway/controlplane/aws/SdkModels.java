package dev.freeway.controlplane.aws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder;
import software.amazon.awssdk.core.protocol.MarshallLocation;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.JsonValueTrait;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.LocationTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.traits.PayloadTrait;
import software.amazon.awssdk.core.traits.RequiredTrait;
import software.amazon.awssdk.core.traits.TimestampFormatTrait;
import software.amazon.awssdk.core.traits.XmlAttributeTrait;
import software.amazon.awssdk.endpoints.Endpoint;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.protocols.core.OperationInfo;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.utils.builder.Buildable;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * Reads what the SDK's client of a service knows of its operations, by reflection: it takes the
 * service's module on the class path, which the product does without.
 */
final class SdkModels {
  private static final String SERVICES = "software.amazon.awssdk.services";

  private final String module;
  private final String directory;
  private final Class<?> client;
  private final Map<String, Shape> shapes = new TreeMap<>();
  private final Deque<Class<?>> open = new ArrayDeque<>();

  private SdkModels(String module, String directory, Class<?> client) {
    this.module = module;
    this.directory = directory;
    this.client = client;
  }

  /**
   * The model of one service.
   *
   * @param module the SDK's artifact, such as {@code ec2}
   * @param jar where it is
   * @param wanted which operations are taken, by name
   */
  static ServiceModel read(String module, Path jar, Predicate<String> wanted) {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Path services = zip.getPath(SERVICES.replace('.', '/'));
      List<Path> clients;
      try (Stream<Path> all = Files.walk(services, 2)) {
        clients =
            all.filter(file -> file.getFileName() != null)
                .filter(
                    file ->
                        file.getFileName().toString().matches("Default[A-Za-z0-9]+Client\\.class"))
                .filter(file -> !file.getFileName().toString().contains("Async"))
                .toList();
      }
      Path file = clients.getFirst();
      String directory = Objects.requireNonNull(file.getParent()).getFileName().toString();
      String name = file.getFileName().toString().replace("Default", "").replace(".class", "");
      Class<?> client = Class.forName(SERVICES + "." + directory + "." + name);
      List<String> operations;
      try (Stream<Path> all =
          Files.list(Objects.requireNonNull(file.getParent()).resolve("transform"))) {
        operations =
            all.map(path -> path.getFileName().toString())
                .filter(path -> path.endsWith("RequestMarshaller.class"))
                .map(path -> path.replace("RequestMarshaller.class", ""))
                .filter(wanted)
                .sorted()
                .toList();
      }
      return new SdkModels(module, directory, client).model(operations);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(module, e);
    }
  }

  private ServiceModel model(List<String> operations) throws ReflectiveOperationException {
    try (Capture http = new Capture()) {
      AutoCloseable caller = (AutoCloseable) build(http);
      Object factory = value(caller, "protocolFactory");
      Map<String, Operation> known = new TreeMap<>();
      String apiVersion = "";
      Map<String, String> endpoints = endpoints();
      String usual = endpoints.getOrDefault(Region.US_EAST_1.id(), "").replaceAll("[/ ].*", "");
      for (String name : operations) {
        Class<?> request = model(name + "Request");
        Optional<Method> call =
            Arrays.stream(client.getMethods())
                .filter(method -> method.getParameterCount() == 1)
                .filter(method -> method.getParameterTypes()[0] == request)
                .filter(method -> SdkPojo.class.isAssignableFrom(method.getReturnType()))
                .findFirst();
        if (call.isEmpty()) {
          continue; // a stream of events
        }
        Class<?> marshaller =
            Class.forName(SERVICES + "." + directory + ".transform." + name + "RequestMarshaller");
        Field binding = marshaller.getDeclaredField("SDK_OPERATION_BINDING");
        binding.setAccessible(true);
        OperationInfo info = (OperationInfo) binding.get(null);
        if (info.hasStreamingInput() || info.hasEventStreamingInput()) {
          continue;
        }
        apiVersion = info.apiVersion() == null ? apiVersion : info.apiVersion();
        Class<?> answer = call.get().getReturnType();
        known.put(
            name,
            new Operation(
                name,
                info.operationIdentifier() == null ? "" : info.operationIdentifier(),
                info.httpMethod().name(),
                withPathMembers(info.requestUri(), shape(request)),
                info.hasPayloadMembers(),
                info.hasExplicitPayloadMember(),
                info.hasImplicitPayloadMembers(),
                prefix(hostOf(caller, call.get(), request, http), usual),
                shape(request),
                shape(answer)));
      }
      while (!open.isEmpty()) {
        Class<?> next = open.pop();
        if (!shapes.containsKey(next.getSimpleName())) {
          shapes.put(next.getSimpleName(), describe(next));
        }
      }
      ServiceModel.Protocol protocol = protocol(factory);
      return new ServiceModel(
          module,
          protocol,
          protocol.isJson() ? contentType(factory) : "",
          protocol.isJson() && (boolean) value(factory, "hasAwsQueryCompatible"),
          apiVersion,
          (String) client.getField("SERVICE_METADATA_ID").get(null),
          (String) client.getField("SERVICE_NAME").get(null),
          summary(endpoints),
          known,
          shapes);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** S3's buckets, which the SDK's rules put into the host or the path. */
  private static String withPathMembers(String uri, Shape input) {
    String path = uri;
    for (Member member : input.members()) {
      if (member.location() == Member.Location.PATH
          && !uri.contains("{" + member.locationName() + "}")) {
        path = "/{" + member.locationName() + "}" + (path.equals("/") ? "" : path);
      }
    }
    return path;
  }

  private Object build(SdkHttpClient http) throws ReflectiveOperationException {
    Object builder = client.getMethod("builder").invoke(null);
    ((AwsClientBuilder<?, ?>) builder)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("akid", "skid")));
    ((SdkSyncClientBuilder<?, ?>) builder).httpClient(http);
    return ((SdkBuilder<?, ?>) builder).build();
  }

  private Class<?> model(String name) throws ClassNotFoundException {
    return Class.forName(SERVICES + "." + directory + ".model." + name);
  }

  private static ServiceModel.Protocol protocol(Object factory)
      throws ReflectiveOperationException {
    return switch (factory.getClass().getSimpleName()) {
      case "AwsQueryProtocolFactory" -> ServiceModel.Protocol.QUERY;
      case "AwsEc2ProtocolFactory" -> ServiceModel.Protocol.EC2;
      case "AwsXmlProtocolFactory", "AwsS3ProtocolFactory" -> ServiceModel.Protocol.REST_XML;
      case "AwsJsonProtocolFactory", "AwsCborProtocolFactory" ->
          switch (metadata(factory).protocol()) {
            case AWS_JSON -> ServiceModel.Protocol.JSON;
            case REST_JSON -> ServiceModel.Protocol.REST_JSON;
            case SMITHY_RPC_V2_CBOR -> ServiceModel.Protocol.CBOR;
          };
      case "SmithyRpcV2CborProtocolFactory" -> ServiceModel.Protocol.CBOR;
      case String other -> throw new IllegalStateException(other);
    };
  }

  private static software.amazon.awssdk.protocols.json.AwsJsonProtocolMetadata metadata(
      Object factory) throws ReflectiveOperationException {
    return (software.amazon.awssdk.protocols.json.AwsJsonProtocolMetadata)
        value(factory, "protocolMetadata");
  }

  private static String contentType(Object factory) throws ReflectiveOperationException {
    String version = metadata(factory).protocolVersion();
    return version == null ? "" : version;
  }

  private static Object value(Object object, String field) throws ReflectiveOperationException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field candidate : type.getDeclaredFields()) {
        if (candidate.getName().equals(field)) {
          candidate.setAccessible(true);
          return candidate.get(object);
        }
      }
    }
    throw new NoSuchFieldException(object.getClass() + "." + field);
  }

  private static SdkPojo builder(Class<?> type) throws ReflectiveOperationException {
    Method builder = type.getMethod("builder");
    builder.setAccessible(true);
    return (SdkPojo) builder.invoke(null);
  }

  private Shape shape(Class<?> type) throws ReflectiveOperationException {
    Shape known = shapes.get(type.getSimpleName());
    if (known == null) {
      known = describe(type);
      shapes.put(known.name(), known);
    }
    return known;
  }

  private Shape describe(Class<?> type) throws ReflectiveOperationException {
    List<Member> members = new ArrayList<>();
    for (SdkField<?> field : builder(type).sdkFields()) {
      members.add(member(field));
    }
    return new Shape(type.getSimpleName(), members);
  }

  private Member member(SdkField<?> field) {
    String format = "";
    String memberLocation = "";
    String keyLocation = "";
    boolean flattened = false;
    Member of = null;
    String structure = "";
    MarshallingType<?> type = field.marshallingType();
    Member.Kind kind = kind(type);
    TimestampFormatTrait stamp = field.getTrait(TimestampFormatTrait.class);
    if (stamp != null) {
      format = stamp.format().name();
    }
    switch (kind) {
      case LIST -> {
        ListTrait list = field.getTrait(ListTrait.class);
        of = member(list.memberFieldInfo());
        flattened = list.isFlattened();
        memberLocation = list.memberLocationName() == null ? "" : list.memberLocationName();
      }
      case MAP -> {
        MapTrait map = field.getTrait(MapTrait.class);
        of = member(map.valueFieldInfo());
        flattened = map.isFlattened();
        keyLocation = map.keyLocationName() == null ? "" : map.keyLocationName();
        memberLocation = map.valueLocationName() == null ? "" : map.valueLocationName();
      }
      case SDK_POJO -> {
        SdkPojo pojo = field.constructor().get();
        Class<?> built = ((Buildable) pojo).build().getClass();
        structure = built.getSimpleName();
        open.push(built);
      }
      default -> {}
    }
    LocationTrait location = field.getTrait(LocationTrait.class);
    return new Member(
        field.memberName() == null ? "" : field.memberName(),
        kind,
        location(field.location()),
        location == null ? "" : field.locationName(),
        location == null || field.unmarshallLocationName() == null
            ? ""
            : field.unmarshallLocationName(),
        memberLocation,
        keyLocation,
        flattened,
        format,
        field.containsTrait(RequiredTrait.class),
        field.containsTrait(PayloadTrait.class),
        field.containsTrait(JsonValueTrait.class),
        field.containsTrait(XmlAttributeTrait.class),
        structure,
        Optional.ofNullable(of));
  }

  private static Member.Kind kind(MarshallingType<?> type) {
    return Arrays.stream(Member.Kind.values())
        .filter(kind -> kind.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private static Member.Location location(@Nullable MarshallLocation location) {
    return Arrays.stream(Member.Location.values())
        .filter(candidate -> candidate.location().equals(location))
        .findFirst()
        .orElse(Member.Location.PAYLOAD);
  }

  /** What the SDK puts before the host for an operation; found by calling it with made-up input. */
  private static String hostOf(Object caller, Method call, Class<?> request, Capture http)
      throws ReflectiveOperationException {
    SdkPojo input = builder(request);
    for (SdkField<?> field : input.sdkFields()) {
      boolean needed =
          field.containsTrait(RequiredTrait.class)
              || field.location() == MarshallLocation.PATH
              || field.location() == MarshallLocation.GREEDY_PATH;
      if (needed && field.marshallingType().equals(MarshallingType.STRING)) {
        field.set(input, "000000000000");
      }
    }
    http.seen = null;
    try {
      call.setAccessible(true);
      call.invoke(caller, ((Buildable) input).build());
    } catch (InvocationTargetException _) {
      // as it must: nobody answered
    }
    SdkHttpRequest seen = http.seen;
    return seen == null ? "?" : seen.host();
  }

  /** What of the host is the operation's own; the rest is the service's. */
  private static String prefix(String host, String usual) {
    if (usual.isEmpty() || !host.endsWith(usual)) {
      return "";
    }
    return host.substring(0, host.length() - usual.length()).replace("000000000000", "{AccountId}");
  }

  /** Where the service is in each region of the SDK's metadata, and how it signs there. */
  private Map<String, String> endpoints() {
    Map<String, String> endpoints = new TreeMap<>();
    try {
      Class<?> provider = null;
      Class<?> parameters = null;
      for (String name : names(client)) {
        try {
          provider =
              Class.forName(SERVICES + "." + directory + ".endpoints." + name + "EndpointProvider");
          parameters =
              Class.forName(SERVICES + "." + directory + ".endpoints." + name + "EndpointParams");
        } catch (ClassNotFoundException _) {
          // another name
        }
      }
      if (provider == null || parameters == null) {
        return endpoints;
      }
      Object resolver = provider.getMethod("defaultProvider").invoke(null);
      for (Region region : Region.regions()) {
        if (region.isGlobalRegion()) {
          continue;
        }
        try {
          Object builder = parameters.getMethod("builder").invoke(null);
          Method set = builder.getClass().getMethod("region", Region.class);
          set.setAccessible(true);
          set.invoke(builder, region);
          Object built = ((Buildable) builder).build();
          Method resolve = provider.getMethod("resolveEndpoint", parameters);
          resolve.setAccessible(true);
          Endpoint endpoint =
              (Endpoint) ((CompletableFuture<?>) resolve.invoke(resolver, built)).get();
          URI url = endpoint.url();
          String signing = "";
          var schemes =
              endpoint.attribute(
                  software.amazon.awssdk.awscore.endpoints.AwsEndpointAttribute.AUTH_SCHEMES);
          if (schemes != null) {
            for (var scheme : schemes) {
              if (scheme
                  instanceof
                  software.amazon.awssdk.awscore.endpoints.authscheme.SigV4AuthScheme v4) {
                signing =
                    (v4.signingName() == null ? "" : v4.signingName())
                        + "/"
                        + (v4.signingRegion() == null ? "" : v4.signingRegion());
                break;
              }
            }
          }
          endpoints.put(
              region.id(),
              url.getHost()
                  + (url.getPath() == null ? "" : url.getPath())
                  + (signing.isEmpty() ? "" : " " + signing));
        } catch (Exception e) {
          endpoints.put(region.id(), "");
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(module, e);
    }
    return endpoints;
  }

  /**
   * The same, with what most regions have in common said once: {@code *} for all, a partition's id
   * for its regions, a region's for itself.
   */
  static Map<String, String> summary(Map<String, String> endpoints) {
    Map<String, List<String>> partitions = new TreeMap<>();
    Map<String, String> templates = new TreeMap<>();
    endpoints.forEach(
        (id, host) -> {
          PartitionMetadata partition = PartitionMetadata.of(Region.of(id));
          partitions.computeIfAbsent(partition.id(), _ -> new ArrayList<>()).add(id);
          templates.put(
              id, host.replace(id, "{region}").replace(partition.dnsSuffix(), "{dnsSuffix}"));
        });
    Map<String, String> summary = new TreeMap<>();
    String all = usual(templates.values());
    summary.put("*", all);
    partitions.forEach(
        (partition, regions) -> {
          String most = usual(regions.stream().map(templates::get).toList());
          if (!most.equals(all)) {
            summary.put(partition, most);
          }
          for (String region : regions) {
            String own = templates.getOrDefault(region, "");
            if (!own.equals(most)) {
              summary.put(region, own);
            }
          }
        });
    return summary;
  }

  private static String usual(Collection<String> values) {
    return values.stream()
        .collect(Collectors.groupingBy(value -> value, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("");
  }

  private static Collection<String> names(Class<?> client) {
    return List.of(client.getSimpleName().replace("Client", ""));
  }

  private static final class Capture implements SdkHttpClient {
    private @Nullable SdkHttpRequest seen;

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      seen = request.httpRequest();
      throw new IllegalStateException("captured");
    }

    @Override
    public void close() {}
  }
}
