package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.ServiceModel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * Tags of everything in a region, asked once of the tagging API; in a scan of a few services, of
 * what is theirs alone: a large account has hundreds of pages. The API knows resources that have
 * tags or had them; so a resource that is missing has none, as long as the API knows its kind at
 * all.
 */
final class BulkTags {
  /** What stands before the type in ARNs of WAF. */
  private static final List<String> SCOPES = List.of("regional/", "global/");

  private static final String MODULE = "resourcegroupstaggingapi";

  /**
   * A region's tags.
   *
   * @param kinds of ARNs that are known: up to the resource's own name
   */
  record Known(Map<String, SortedMap<String, String>> byArn, Set<String> kinds) {
    /** Whether the API knows resources like this one. */
    boolean knows(String arn) {
      return kinds.contains(kind(arn));
    }
  }

  /** Scans of more services ask for everything. */
  private static final int FEW = 20;

  /**
   * What is asked for at once.
   *
   * @param service as ARNs name it; empty for all of them
   */
  private record Question(String region, String service) {}

  private final Caller caller;
  private final boolean few;
  private final Map<Question, Optional<Known>> answers = new ConcurrentHashMap<>();

  /**
   * Tags for a scan.
   *
   * @param services how many it is of
   */
  BulkTags(Caller caller, int services) {
    this.caller = caller;
    this.few = services <= FEW;
  }

  /**
   * The tags of a region's resources, at least of those whose service an ARN names; empty when the
   * API did not answer in full. Asked by the first who needs it.
   */
  Optional<Known> of(String region, String arn) {
    return answers.computeIfAbsent(new Question(region, few ? service(arn) : ""), this::ask);
  }

  private Optional<Known> ask(Question question) {
    Map<String, Object> input = new HashMap<>(Map.of("ResourcesPerPage", 100));
    if (!question.service.isEmpty()) {
      input.put("ResourceTypeFilters", List.of(question.service));
    }
    ServiceModel model = ServiceModel.of(MODULE);
    Map<String, SortedMap<String, String>> byArn = new HashMap<>();
    Set<String> kinds = new HashSet<>();
    Caller.Ended ended =
        caller.call(
            new Caller.Call(
                "tag",
                model,
                model.operation("GetResources"),
                question.region,
                input,
                Optional.empty(),
                List.of()),
            page -> {
              for (JsonNode resource : page.path("ResourceTagMappingList")) {
                String arn = resource.path("ResourceARN").asString("");
                byArn.put(arn, Documents.tags(resource.path("Tags")));
                kinds.add(kind(arn));
              }
              return page.path("ResourceTagMappingList").size();
            });
    return ended instanceof Caller.Ended.Whole
        ? Optional.of(new Known(byArn, kinds))
        : Optional.empty();
  }

  private static String service(String arn) {
    String[] parts = arn.split(":", 6);
    return parts.length < 6 ? "" : parts[2];
  }

  /**
   * The service and, where the ARN says it, the type: {@code ec2:instance/}, {@code sqs:}, {@code
   * wafv2:regional/webacl/}.
   */
  static String kind(String arn) {
    String[] parts = arn.split(":", 6);
    if (parts.length < 6) {
      return arn;
    }
    String rest = parts[5];
    for (String scope : SCOPES) {
      if (rest.startsWith(scope)) {
        return parts[2] + ":" + rest.substring(0, rest.indexOf('/', scope.length()) + 1);
      }
    }
    int end = rest.indexOf('/');
    int colon = rest.indexOf(':');
    if (end < 0 || (colon >= 0 && colon < end)) {
      end = colon;
    }
    return parts[2] + ":" + (end < 0 ? "" : rest.substring(0, end + 1));
  }
}
