package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Asked;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What is asked beyond the lists, and what becomes of it. */
class DetailsTest {
  private static final CatalogService BALANCERS =
      Rehearsal.service(
          "elbv2",
          "elasticloadbalancingv2",
          """
          load-balancer:
            list: DescribeLoadBalancers
            items: LoadBalancers[]
            id: LoadBalancerName
            arn: LoadBalancerArn
            tags: {call: DescribeTags, with: {ResourceArns: ["{LoadBalancerArn}"]}, batch: 20,
                   take: "TagDescriptions[]", match: ResourceArn, bulk: true}
          """);
  private static final String TAGS = "elasticloadbalancingv2:DescribeTags";
  private static final String BULK = "resourcegroupstaggingapi:GetResources";

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  @BeforeEach
  void remember() {
    rehearsal.aws().remember();
  }

  private static String arn(int i) {
    return "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/lb%02d/1"
        .formatted(i);
  }

  /** Load balancers, and what DescribeTags says of each: in another order than it was asked. */
  private void balancers(int count, Set<Integer> tagged) {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "elasticloadbalancingv2:DescribeLoadBalancers",
            "LoadBalancers[]",
            IntStream.range(0, count)
                .mapToObj(
                    i ->
                        Rehearsal.json(
                            "{'LoadBalancerArn':'%s','LoadBalancerName':'lb%02d','Type':'application'}"
                                .formatted(arn(i), i)))
                .toList())
        .made(
            Estate.ANY,
            TAGS,
            Map.of(),
            asked -> {
              ArrayNode descriptions = JsonNodeFactory.instance.arrayNode();
              List<String> arns =
                  asked.input().path("ResourceArns").valueStream().map(JsonNode::asString).toList();
              for (String one : arns.reversed()) {
                int number = Integer.parseInt(one.replaceFirst(".*/lb(\\d+)/1", "$1"));
                ObjectNode description = descriptions.addObject().put("ResourceArn", one);
                ArrayNode tags = description.putArray("Tags");
                if (tagged.contains(number)) {
                  tags.addObject().put("Key", "owner").put("Value", "team" + number);
                }
              }
              ObjectNode answer = JsonNodeFactory.instance.objectNode();
              answer.set("TagDescriptions", descriptions);
              return answer;
            });
  }

  private void bulk(int... tagged) {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            BULK,
            "ResourceTagMappingList[]",
            IntStream.of(tagged)
                .mapToObj(
                    i ->
                        Rehearsal.json(
                            "{'ResourceARN':'%s','Tags':[{'Key':'owner','Value':'bulk%d'}]}"
                                .formatted(arn(i), i)))
                .toList());
  }

  private static String owner(Recorder seen, String id) {
    return seen.resource(id).tags().getOrDefault("owner", "");
  }

  @Test
  void tagsThatTheTaggingApiKnowsAreAskedOnce() throws InterruptedException {
    balancers(30, Set.of());
    bulk(3, 7);
    Recorder seen = rehearsal.scan(BALANCERS);
    assertThat(owner(seen, "lb03")).isEqualTo("bulk3");
    assertThat(owner(seen, "lb04")).isEmpty();
    assertThat(rehearsal.aws().requests(BULK)).isEqualTo(1);
    assertThat(rehearsal.aws().requests(TAGS)).isZero();
  }

  @Test
  void aScanOfFewServicesAsksTheTaggingApiForThoseAlone() throws InterruptedException {
    balancers(2, Set.of());
    bulk(1);
    rehearsal.scan(BALANCERS);
    assertThat(rehearsal.aws().asked(BULK))
        .singleElement()
        .satisfies(
            asked ->
                assertThat(asked.input().path("ResourceTypeFilters").toString())
                    .isEqualTo("[\"elasticloadbalancing\"]"));
  }

  @Test
  void aScanOfManyServicesAsksTheTaggingApiForAll() throws InterruptedException {
    balancers(2, Set.of());
    bulk(1);
    List<CatalogService> many = new ArrayList<>(List.of(BALANCERS));
    for (int i = 0; i < 20; i++) {
      many.add(new CatalogService("empty" + i, "Other", List.of(), List.of()));
    }
    Recorder seen = rehearsal.scan(many.toArray(CatalogService[]::new));
    assertThat(owner(seen, "lb01")).isEqualTo("bulk1");
    assertThat(rehearsal.aws().asked(BULK))
        .singleElement()
        .satisfies(asked -> assertThat(asked.input().has("ResourceTypeFilters")).isFalse());
  }

  @ParameterizedTest
  @CsvSource({
    "arn:aws:ec2:eu-west-1:1:instance/i-1, ec2:instance/",
    "arn:aws:sqs:eu-west-1:1:jobs, sqs:",
    "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/one, logs:log-group:",
    "arn:aws:wafv2:eu-west-1:1:regional/webacl/one/2, wafv2:regional/webacl/",
    "arn:aws:wafv2:us-east-1:1:global/ipset/one/2, wafv2:global/ipset/",
    "no ARN, no ARN",
  })
  void aKindIsWhatArnsSayBeforeTheNames(String arn, String kind) {
    assertThat(BulkTags.kind(arn)).isEqualTo(kind);
  }

  @Test
  void ofAKindThatTheTaggingApiDoesNotShowAFewAreAsked() throws InterruptedException {
    balancers(30, Set.of());
    Recorder seen = rehearsal.scan(BALANCERS);
    assertThat(seen.resources()).hasSize(30).allMatch(one -> one.tags().isEmpty());
    List<Asked> asked = rehearsal.aws().asked(TAGS);
    assertThat(asked).hasSize(1); // as many as one call takes
    assertThat(asked.getFirst().input().path("ResourceArns")).hasSize(20);
  }

  /** Of lists for each parent, whose items come in any order. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFewAreFromAllOverAndTheSameWhicheverCameFirst(boolean turned)
      throws InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(
          Rehearsal.json("{'TopicArn':'arn:aws:sns:eu-west-1:123456789012:t%02d'}".formatted(i)));
    }
    rehearsal
        .aws()
        .estate()
        .items(Rehearsal.REGION, "sns:ListTopics", "Topics[]", turned ? all.reversed() : all)
        .made(
            Estate.ANY,
            "sns:ListTagsForResource",
            Map.of(),
            asked ->
                Rehearsal.json(
                    asked.text("ResourceArn").endsWith("t14") // in the middle, and of 30 alone
                        ? "{'Tags':[{'Key':'owner','Value':'ann'}]}"
                        : "{'Tags':[]}"));
    Recorder seen = rehearsal.scan(Rehearsal.TOPICS);
    assertThat(
            rehearsal.aws().asked("sns:ListTagsForResource").stream()
                .limit(5)
                .map(asked -> asked.text("ResourceArn").replaceFirst(".*:", "")))
        .containsExactlyInAnyOrder("t00", "t07", "t14", "t21", "t29");
    assertThat(rehearsal.aws().requests("sns:ListTagsForResource")).isEqualTo(30);
    assertThat(owner(seen, "t14")).isEqualTo("ann");
  }

  @Test
  void whereTheFewAreRefusedNothingIsSaidAboutTheOthers() throws InterruptedException {
    balancers(30, Set.of());
    rehearsal.aws().faults().add(TAGS, new Trigger.Always(), new Fault.Denied());
    Recorder seen = rehearsal.scan(BALANCERS);
    assertThat(rehearsal.aws().requests(TAGS)).isEqualTo(1);
    assertThat(seen.resources())
        .hasSize(30)
        .allMatch(
            one -> seen.document(one.id()).path("FreewayNotSeen").toString().contains("Tags"));
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
  }

  @Test
  void ofAKindThatItDoesNotKnowAllAreAskedOnceOneIsTagged() throws InterruptedException {
    balancers(48, Set.of(2, 40));
    Recorder seen = rehearsal.scan(BALANCERS);
    assertThat(owner(seen, "lb02")).isEqualTo("team2");
    assertThat(owner(seen, "lb40")).isEqualTo("team40");
    assertThat(
            rehearsal.aws().asked(TAGS).stream()
                .map(asked -> asked.input().path("ResourceArns").size())
                .sorted())
        .containsExactly(8, 20, 20);
  }

  @Test
  void whereTheTaggingApiIsRefusedAllAreAsked() throws InterruptedException {
    balancers(45, Set.of(0, 19, 20, 44));
    rehearsal.aws().faults().add(BULK, new Trigger.Always(), new Fault.Denied());
    Recorder seen = rehearsal.scan(BALANCERS);
    assertThat(rehearsal.aws().requests(TAGS)).isEqualTo(3);
    for (int i : new int[] {0, 19, 20, 44}) {
      assertThat(owner(seen, "lb%02d".formatted(i))).isEqualTo("team" + i);
    }
    assertThat(owner(seen, "lb01")).isEmpty();
    assertThat(seen.entry("GetResources").outcome()).isEqualTo(Outcome.DENIED);
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(seen.whole()).hasSize(1);
  }

  @Test
  void aTagFilterTakesWhatHasAValueOfEachKeyAndRetiresNothing() throws InterruptedException {
    balancers(10, Set.of());
    bulk(1, 2, 3);
    Recorder seen =
        rehearsal.scan(
            Rehearsal.request(
                List.of(BALANCERS),
                Map.of("owner", Set.of("bulk1", "bulk3", "nobody")),
                true,
                Rehearsal.REGION),
            new Recorder());
    assertThat(seen.ids("load-balancer")).containsExactly("lb01", "lb03");
    assertThat(seen.whole()).hasSize(1);
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
  }

  @Test
  void whatAwsMadeItselfIsLeftOutOnRequest() throws InterruptedException {
    CatalogService vpcs =
        Rehearsal.service(
            "vpc",
            "ec2",
            "vpc: {list: DescribeVpcs, items: 'Vpcs[]', id: VpcId, default: IsDefault, tags: Tags}");
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "ec2:DescribeVpcs",
            "Vpcs[]",
            List.of(
                Rehearsal.json("{'VpcId':'vpc-1','IsDefault':true}"),
                Rehearsal.json(
                    "{'VpcId':'vpc-2','IsDefault':false,'Tags':[{'Key':'Name','Value':'mine'}]}")));
    Recorder all = rehearsal.scan(vpcs);
    assertThat(all.resource("vpc-1").isDefault()).isTrue();
    assertThat(all.resource("vpc-2").isDefault()).isFalse();
    assertThat(all.resource("vpc-2").name()).isEqualTo("mine");
    assertThat(all.whole()).hasSize(1);
    Recorder own =
        rehearsal.scan(
            Rehearsal.request(List.of(vpcs), Map.of(), false, Rehearsal.REGION), new Recorder());
    assertThat(own.ids("vpc")).containsExactly("vpc-2");
    assertThat(own.whole()).hasSize(1); // it is not asked again; a store retires nothing by it
  }

  @Test
  void aBatchHoldsWhatSharesTheRestOfTheInput() throws InterruptedException {
    CatalogService containers =
        Rehearsal.service(
            "ecs",
            "ecs",
            """
            cluster: {list: ListClusters, items: "clusterArns[]", as: clusterArn, id: clusterArn}
            service:
              for: [cluster]
              list: ListServices
              with: {cluster: "{parent.clusterArn}"}
              items: serviceArns[]
              as: serviceArn
              id: serviceArn
              details:
                - {call: DescribeServices, with: {cluster: "{parent.clusterArn}", services: ["{serviceArn}"]},
                   batch: 10, take: "services[]", match: serviceArn}
            """);
    Estate estate = rehearsal.aws().estate();
    estate.items(
        Rehearsal.REGION,
        "ecs:ListClusters",
        "clusterArns[]",
        List.of(StringNode.valueOf("c1"), StringNode.valueOf("c2")));
    Map.of("c1", 12, "c2", 3)
        .forEach(
            (cluster, count) ->
                estate.items(
                    Estate.ANY,
                    Rehearsal.REGION,
                    "ecs:ListServices",
                    Map.of("cluster", cluster),
                    "serviceArns[]",
                    IntStream.range(0, count)
                        .mapToObj(i -> StringNode.valueOf(cluster + "-s" + i))
                        .toList()));
    estate.made(
        Rehearsal.REGION,
        "ecs:DescribeServices",
        Map.of(),
        asked -> {
          ObjectNode answer = JsonNodeFactory.instance.objectNode();
          ArrayNode services = answer.putArray("services");
          asked
              .input()
              .path("services")
              .forEach(
                  arn ->
                      services
                          .addObject()
                          .put("serviceArn", arn.asString())
                          .put("clusterArn", asked.text("cluster"))
                          .put("desiredCount", 2));
          return answer;
        });
    Recorder seen = rehearsal.scan(containers);
    assertThat(seen.ids("service")).hasSize(15);
    assertThat(seen.resources())
        .filteredOn(one -> one.scope().type().equals("service"))
        .allSatisfy(
            one -> {
              assertThat(seen.document(one.id()).path("clusterArn").asString())
                  .isEqualTo(one.id().substring(0, 2))
                  .isEqualTo(one.parent());
              assertThat(seen.document(one.id()).path("desiredCount").asInt()).isEqualTo(2);
            });
    assertThat(
            rehearsal.aws().asked("ecs:DescribeServices").stream()
                .map(asked -> asked.text("cluster") + asked.input().path("services").size())
                .sorted())
        .containsExactly("c110", "c12", "c23");
  }

  @Test
  void aListIsAskedWithEachOfItsValues() throws InterruptedException {
    CatalogService scaling =
        Rehearsal.service(
            "application-autoscaling",
            "applicationautoscaling",
            """
            target:
              list: DescribeScalableTargets
              with: {MaxResults: 50}
              each: {ServiceNamespace: [ecs, lambda, rds]}
              items: ScalableTargets[]
              id: "{ServiceNamespace}/{ResourceId}"
            """);
    for (String namespace : List.of("ecs", "rds")) {
      rehearsal
          .aws()
          .estate()
          .items(
              Estate.ANY,
              Rehearsal.REGION,
              "applicationautoscaling:DescribeScalableTargets",
              Map.of("ServiceNamespace", namespace),
              "ScalableTargets[]",
              List.of(Rehearsal.json("{'ServiceNamespace':'" + namespace + "','ResourceId':'r'}")));
    }
    Recorder seen = rehearsal.scan(scaling);
    assertThat(seen.ids("target")).containsExactly("ecs/r", "rds/r");
    assertThat(seen.entry("DescribeScalableTargets").calls()).isEqualTo(3);
    assertThat(seen.whole()).hasSize(1);
    rehearsal
        .aws()
        .faults()
        .add("applicationautoscaling:.*", Trigger.Nth.of(2), new Fault.Denied());
    Recorder partly = rehearsal.scan(scaling);
    assertThat(partly.whole()).isEmpty();
    assertThat(partly.ledger()).hasSize(2);
  }

  @Test
  void theFirstTemplateOfWhichEveryPlaceHasAValueIsTaken() throws InterruptedException {
    CatalogService volumes =
        Rehearsal.service(
            "ec2",
            "ec2",
            """
            volume:
              list: DescribeVolumes
              items: Volumes[]
              id: "{OutpostArn|last /}/{VolumeId} else {SnapshotId}/{VolumeId} else {VolumeId}"
              arn: arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}
            """);
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "ec2:DescribeVolumes",
            "Volumes[]",
            List.of(
                Rehearsal.json(
                    "{'VolumeId':'v1','SnapshotId':'s','OutpostArn':'arn:aws:outposts:::outpost/op-1'}"),
                Rehearsal.json("{'VolumeId':'v2','SnapshotId':'s'}"),
                Rehearsal.json("{'VolumeId':'v3'}")));
    Recorder seen = rehearsal.scan(volumes);
    assertThat(seen.ids("volume")).containsExactly("op-1/v1", "s/v2", "v3");
    assertThat(seen.resource("v3").arn()).isEqualTo("arn:aws:ec2:eu-west-1:123456789012:volume/v3");
  }

  @Test
  void whatTextSaysIsStored() throws InterruptedException {
    CatalogService roles =
        Rehearsal.service(
            "iam",
            "iam",
            """
            role:
              list: GetAccountAuthorizationDetails
              items: RoleDetailList[]
              id: RoleName
              decode: [AssumeRolePolicyDocument, Path]
            """);
    String plain = "{'Statement':[{'Principal':{'AWS':'arn:aws:iam::999999999999:root'}}]}";
    rehearsal
        .aws()
        .estate()
        .items(
            "us-east-1",
            "iam:GetAccountAuthorizationDetails",
            "RoleDetailList[]",
            List.of(
                role("r1", plain),
                role("r2", "%7B%22Statement%22%3A%5B%7B%22Action%22%3A%22a%2Bb%22%7D%5D%7D"),
                role("r3", "{no JSON")));
    Recorder seen =
        rehearsal.scan(
            Rehearsal.request(List.of(roles), Map.of(), true, "us-east-1"), new Recorder());
    String path = "AssumeRolePolicyDocument";
    assertThat(seen.document("r1").path(path).path("Statement")).hasSize(1);
    assertThat(seen.document("r2").path(path).path("Statement").path(0).path("Action").asString())
        .isEqualTo("a+b");
    assertThat(seen.document("r3").path(path).asString()).isEqualTo("{no JSON");
    assertThat(seen.relations())
        .extracting(Relation::target)
        .contains("arn:aws:iam::999999999999:root");
  }

  private static ObjectNode role(String name, String document) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("RoleName", name)
        .put("AssumeRolePolicyDocument", document.replace('\'', '"'));
  }

  @Test
  void detailsThatAreRefusedLeaveTheResourceAndItsScope() throws InterruptedException {
    CatalogService queues = Rehearsal.service("sqs");
    rehearsal
        .queues("a", "b")
        .answer(
            Rehearsal.REGION,
            "sqs:GetQueueAttributes",
            Map.of("QueueUrl", "https://sqs/1/b"),
            Rehearsal.json("{'Attributes':{'CreatedTimestamp':'1700000000'}}"));
    rehearsal
        .aws()
        .faults()
        .add("sqs:GetQueueAttributes", new Trigger.First(1), new Fault.Denied());
    Recorder seen = rehearsal.scan(queues);
    assertThat(seen.ids("queue")).containsExactly("a", "b");
    assertThat(seen.whole())
        .containsExactly(new Scope(Rehearsal.ACCOUNT, "sqs", Rehearsal.REGION, "queue"));
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(
            seen.ledger().stream()
                .filter(entry -> entry.operation().equals("GetQueueAttributes"))
                .map(entry -> entry.outcome())
                .sorted())
        .containsExactly(Outcome.OK, Outcome.DENIED);
  }

  @Test
  void secretsDoNotReachTheStore() throws InterruptedException {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "lambda:ListFunctions",
            "Functions[]",
            List.of(
                Rehearsal.json(
                    "{'FunctionName':'f','FunctionArn':'arn:aws:lambda:eu-west-1:1:function:f',"
                        + "'Environment':{'Variables':{'DB':'hunter2','A':'hunter2'}}}")));
    Recorder seen = rehearsal.scan(Rehearsal.service("lambda"));
    List<String> documents = new ArrayList<>();
    for (Resource one : seen.resources()) {
      documents.add(one.document());
    }
    assertThat(documents).isNotEmpty().noneMatch(text -> text.contains("hunter2"));
    assertThat(seen.document("f").path("Environment").path("Variables").path("DB").asString())
        .isEqualTo(Secrets.REDACTED);
  }

  @Test
  void whatHasNoIdIsSaidAndLeavesTheScopeOpen() throws InterruptedException {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "ec2:DescribeVolumes",
            "Volumes[]",
            List.of(Rehearsal.json("{'VolumeId':'v1'}"), Rehearsal.json("{'State':'in-use'}")));
    Recorder seen =
        rehearsal.scan(
            Rehearsal.service(
                "ec2", "ec2", "volume: {list: DescribeVolumes, items: 'Volumes[]', id: VolumeId}"));
    assertThat(seen.ids("volume")).containsExactly("v1");
    assertThat(seen.whole()).isEmpty();
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(seen.ledger())
        .filteredOn(entry -> entry.outcome() == Outcome.FAILED)
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.message())
                  .isEqualTo("a volume came without what makes its id: VolumeId");
              assertThat(entry.calls()).isZero();
            });
  }
}
