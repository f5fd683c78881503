package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What is asked at the same time, what in turn, and what only once. */
class SideBySideTest {
  private static final String DESCRIBE = "organizations:DescribePolicy";
  private static final String TARGETS = "organizations:ListTargetsForPolicy";
  private static final String POLICIES =
      """
      policy:
        list: ListPolicies
        with: {Filter: TAG_POLICY}
        items: Policies[]
        id: Id
        arn: Arn
        name: Name
        details:
          - {call: DescribePolicy, with: {PolicyId: "{Id}"}, take: Policy.Content, into: Content}
          - {call: ListTargetsForPolicy, with: {PolicyId: "{Id}"}, take: Targets, into: Targets}
      """;
  private static final CatalogService ORGANIZATION =
      Rehearsal.service(
          "organizations",
          "organizations",
          POLICIES
              + """
              root: {list: ListRoots, items: "Roots[]", id: Id, arn: Arn, name: Name}
              organizational-unit:
                for: [root]
                list: ListOrganizationalUnitsForParent
                with: {ParentId: "{parent.Id}"}
                items: OrganizationalUnits[]
                id: Id
                arn: Arn
                name: Name
              """);

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();
  private final CountDownLatch asked = new CountDownLatch(1);

  private void answer(String name, String text) {
    rehearsal.aws().estate().answer(Estate.ANY, name, Map.of(), Rehearsal.json(text));
  }

  /** Answers when something else was asked too; else it says that it was not. */
  private void answerAfter(String name, String text, String otherwise) {
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            name,
            Map.of(),
            _ -> {
              try {
                return Rehearsal.json(asked.await(20, TimeUnit.SECONDS) ? text : otherwise);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  /** Answers, and lets what waits for it go on. */
  private void answerAndSay(String name, String text) {
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            name,
            Map.of(),
            _ -> {
              asked.countDown();
              return Rehearsal.json(text);
            });
  }

  private static ObjectNode document(Recorder recorder, String type) {
    return recorder.resources().stream()
        .filter(resource -> resource.scope().type().equals(type))
        .map(Resource::document)
        .map(Rehearsal::json)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDetailDoesNotWaitForAnother() throws InterruptedException {
    answer("organizations:ListPolicies", "{'Policies':[{'Id':'p-1','Name':'one'}]}");
    answerAfter(DESCRIBE, "{'Policy':{'Content':'{}'}}", "{'Policy':{'Content':'alone'}}");
    answerAndSay(TARGETS, "{'Targets':[{'TargetId':'r-1'}]}");
    ObjectNode policy = document(rehearsal.scan(ORGANIZATION), "policy");
    assertThat(policy.path("Content").asString()).isEqualTo("{}");
    // In the catalogue's order, whichever came first: else the same estate would seem to change.
    assertThat(policy.propertyNames()).containsExactly("Id", "Name", "Content", "Targets");
  }

  @Test
  void aListWaitsOnlyForWhatItIsMadeOf() throws InterruptedException {
    answer("organizations:ListPolicies", "{'Policies':[{'Id':'p-1','Name':'one'}]}");
    answer("organizations:ListRoots", "{'Roots':[{'Id':'r-1','Name':'root'}]}");
    answer(TARGETS, "{'Targets':[]}");
    answerAfter(DESCRIBE, "{'Policy':{'Content':'{}'}}", "{'Policy':{'Content':'alone'}}");
    answerAndSay(
        "organizations:ListOrganizationalUnitsForParent",
        "{'OrganizationalUnits':[{'Id':'ou-1','Name':'unit'}]}");
    Recorder recorder = rehearsal.scan(ORGANIZATION);
    assertThat(document(recorder, "policy").path("Content").asString()).isEqualTo("{}");
    assertThat(document(recorder, "organizational-unit").path("Id").asString()).isEqualTo("ou-1");
  }

  @Test
  void whatIsListedTwiceIsAskedFurtherOnce() throws InterruptedException {
    rehearsal.aws().remember();
    answer(
        "organizations:ListPolicies",
        "{'Policies':[{'Id':'p-1','Name':'one'},{'Id':'p-2','Name':'two'},{'Id':'p-1','Name':'one'}]}");
    answer(DESCRIBE, "{'Policy':{'Content':'{}'}}");
    answer(TARGETS, "{'Targets':[]}");
    Recorder recorder = rehearsal.scan(ORGANIZATION);
    assertThat(recorder.resources())
        .extracting(Resource::id)
        .containsExactlyInAnyOrder("p-1", "p-2");
    assertThat(rehearsal.aws().requests(DESCRIBE)).isEqualTo(2);
  }

  @Test
  void whatTwoServicesShowIsAskedOnceAndEachHasItsOwn() throws InterruptedException {
    CatalogService other = Rehearsal.service("other", "organizations", POLICIES);
    answer("organizations:ListPolicies", "{'Policies':[{'Id':'p-1','Name':'one'}]}");
    answer(DESCRIBE, "{'Policy':{'Content':'{}'}}");
    answer(TARGETS, "{'Targets':[{'TargetId':'r-1'}]}");
    Recorder recorder = rehearsal.scan(ORGANIZATION, other);
    assertThat(recorder.resources())
        .filteredOn(resource -> resource.scope().type().equals("policy"))
        .extracting(resource -> resource.scope().service())
        .containsExactlyInAnyOrder("organizations", "other");
    assertThat(recorder.resources())
        .filteredOn(resource -> resource.scope().type().equals("policy"))
        .extracting(Resource::document)
        .containsOnly(
            "{\"Id\":\"p-1\",\"Name\":\"one\",\"Content\":\"{}\",\"Targets\":[{\"TargetId\":\"r-1\"}]}");
    for (String name : List.of("organizations:ListPolicies", DESCRIBE, TARGETS)) {
      assertThat(rehearsal.aws().requests(name)).as(name).isEqualTo(1);
    }
  }

  @Test
  void aRefusalIsSaidForEachOfThem() throws InterruptedException {
    CatalogService other = Rehearsal.service("other", "organizations", POLICIES);
    rehearsal
        .aws()
        .faults()
        .add("organizations:ListPolicies", new Trigger.Always(), new Fault.Denied());
    Recorder recorder = rehearsal.scan(ORGANIZATION, other);
    assertThat(recorder.ledger())
        .filteredOn(entry -> entry.outcome() == Outcome.DENIED)
        .extracting(LedgerEntry::service)
        .containsExactlyInAnyOrder("organizations", "other");
    assertThat(recorder.whole()).noneMatch(scope -> scope.type().equals("policy"));
    assertThat(rehearsal.aws().requests("organizations:ListPolicies")).isEqualTo(1);
  }

  @Test
  void whatIsNothingForOneTypeMayBeARefusalForAnother() throws InterruptedException {
    String list = "list: ListPolicies";
    CatalogService mild =
        Rehearsal.service(
            "mild",
            "organizations",
            POLICIES.replace(list, list + "\n  absent: [AWSOrganizationsNotInUseException]"));
    rehearsal
        .aws()
        .faults()
        .add(
            "organizations:ListPolicies",
            new Trigger.Always(),
            new Fault.Refused(400, "AWSOrganizationsNotInUseException", "no"));
    Recorder recorder =
        rehearsal.scan(mild, Rehearsal.service("strict", "organizations", POLICIES));
    assertThat(recorder.whole()).extracting(Scope::service).containsExactly("mild");
    assertThat(recorder.ledger())
        .filteredOn(entry -> entry.outcome().hides())
        .extracting(LedgerEntry::service)
        .containsExactly("strict");
  }

  @Test
  void answersAreKeptOnlyOfWhatMayBeAskedTwice() {
    CatalogService other =
        Rehearsal.service("other", "organizations", POLICIES.replace("TAG_", "BACKUP_"));
    assertThat(Answers.repeated(List.of(ORGANIZATION))).isEmpty();
    assertThat(Answers.repeated(List.of(ORGANIZATION, other))).isEmpty();
    assertThat(Answers.repeated(List.of(other, other)))
        .extracting(OperationKey::operation)
        .containsExactlyInAnyOrder("ListPolicies", "DescribePolicy", "ListTargetsForPolicy");
  }

  @Test
  void nothingOfTheCatalogueIsLeftOut() {
    for (ResourceType type : Catalog.builtIn().types()) {
      assertThat(DetailOrder.rounds(type, type.details()).stream().flatMap(List::stream))
          .as(type.key())
          .containsExactlyInAnyOrderElementsOf(type.details());
    }
  }

  /** Two policies a second: a whole scan waits for them when they are asked last. */
  @Test
  void whatMayBeAskedSeldomIsAskedFirst() {
    List<CatalogService> services =
        Catalog.builtIn().services().stream().sorted(Scanner.ORDER).toList();
    List<String> labels = services.stream().map(CatalogService::label).toList();
    assertThat(labels).startsWith("organizations");
    assertThat(labels.indexOf("apigateway")).isLessThan(labels.indexOf("lambda"));
    assertThat(labels.indexOf("lambda")).isLessThan(labels.indexOf("acm"));
    assertThat(labels.indexOf("acm")).isLessThan(labels.indexOf("xray")); // as they were
  }

  private static int rounds(String word, String other) {
    assertThat(POLICIES).contains(word);
    ResourceType type =
        Rehearsal.service("organizations", "organizations", POLICIES.replace(word, other))
            .types()
            .getFirst();
    return DetailOrder.rounds(type, type.details()).size();
  }

  @Test
  void whatReadsWhatAnotherGivesComesAfterIt() {
    String targets = "call: ListTargetsForPolicy, with: {PolicyId: \"{Id}\"}";
    assertThat(rounds(targets, targets)).isEqualTo(1);
    assertThat(rounds(targets, targets.replace("{Id}", "{Content.Id}"))).isEqualTo(2);
    assertThat(rounds(targets, targets.replace("{Id}", "{arn}"))).isEqualTo(1);
    assertThat(rounds(targets, targets + ", when: \"Content = x\"")).isEqualTo(2);
    assertThat(rounds(targets, targets + ", region: \"{Content.Region}\"")).isEqualTo(2);
    assertThat(rounds("into: Targets", "into: Content")).isEqualTo(2); // the second adds to it
    assertThat(rounds("take: Policy.Content, into: Content", "take: Policy.PolicySummary"))
        .isEqualTo(2); // Id is of its members, and is read
    String arn = "arn: \"arn:{Content.x}\"";
    assertThat(rounds("arn: Arn", arn)).isEqualTo(1);
  }
}
