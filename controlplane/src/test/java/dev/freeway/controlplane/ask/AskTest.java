package dev.freeway.controlplane.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogCheck;
import dev.freeway.controlplane.catalog.ResourceType;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AskTest {
  private static final Map<String, String> NAMES =
      Map.of(
          "prod-web-1", "ec2:key-pair",
          "payments", "iam:instance-profile",
          "payments-lambda", "iam:role",
          "admins", "iam:group");
  private static final Known KNOWN =
      new Known() {
        @Override
        public Map<String, String> accounts() {
          return Map.of("acme-staging", "444455556666");
        }

        @Override
        public Map<String, Set<String>> tags() {
          return Map.of(
              "CostCenter", Set.of("cc-1"),
              "cost-center", Set.of("cc-1"),
              "Team", Set.of("payments"),
              "Environment", Set.of("production"));
        }

        @Override
        public boolean isName(String word) {
          return word.equals("prod-web-1");
        }

        @Override
        public boolean isName(List<ResourceType> types, String word) {
          return types.stream().anyMatch(type -> type.key().equals(NAMES.get(word)));
        }

        @Override
        public boolean areRelated(ResourceType one, ResourceType other) {
          return false;
        }
      };
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Ask ASK = Ask.of(Catalog.builtIn(), KNOWN, InstantSource.system());

  private static Understanding ask(String question) {
    return ASK.ask(question, Optional.empty());
  }

  private static Understanding.Understood understood(String question) {
    return switch (ask(question)) {
      case Understanding.Understood yes -> yes;
      case Understanding.Not not -> throw new AssertionError(question + ": " + not.why());
    };
  }

  @Test
  void everyQuestionOfTheSampleIsUnderstood() {
    List<String> not = new ArrayList<>();
    for (String line : Lines.of("sample.txt")) {
      String question = line.substring(line.indexOf('\t') + 1);
      if (ask(question) instanceof Understanding.Not no) {
        not.add(question + ": " + no.why());
      }
    }
    assertThat(not).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "show me purple instances",
        "instances with a flurble",
        "how many buckets smell",
        "what is the weather",
        "hello",
        "instances that are not",
        "volumes bigger than a breadbox",
        "buckets with versioning frobnicated",
        "instances with key pair launched",
        "most common key pair",
        "queues used as dead letter queues",
        "percentage of instances that are running in eu-west-1 or stopped in us-east-1",
        "teams with more than 50 instances and volumes",
        "services with 0 instances",
        "average size of volumes of teams with more than 2 volumes",
        "most common runtime per account"
      })
  void aWordWithoutAPartInItIsAnError(String question) {
    assertThat(ask(question)).isInstanceOf(Understanding.Not.class);
  }

  @Test
  void anErrorNamesTheWordAndQuestionsThatAreNear() {
    assertThat(ask("stopped instzxces per region"))
        .isInstanceOfSatisfying(
            Understanding.Not.class,
            not -> {
              assertThat(not.why()).contains("instzxces");
              assertThat(not.nearest()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
            });
  }

  @Test
  void anAnswerFromWhatScansLeaveOutSaysSo() {
    assertThat(understood("tables with ttl enabled").sentence())
        .contains("Only freeway scan --details all asks for TimeToLive.");
    assertThat(understood("secrets with a resource policy").sentence()).contains("ResourcePolicy");
    assertThat(understood("tables without PITR").sentence()).doesNotContain("--details");
  }

  @Test
  void costsAreAskedElsewhere() {
    assertThat(ask("what did we spend last month"))
        .isInstanceOfSatisfying(
            Understanding.Not.class,
            not ->
                assertThat(not.why())
                    .contains("costs are not in the inventory")
                    .contains("freeway waste"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          instances named "x'; DROP TABLE resources; --"  | x'; DROP TABLE resources; --
          instances whose name contains O'Brien           | O'Brien
          buckets tagged CostCenter="1' OR '1'='1"        | 1' OR '1'='1
          """)
  void whatPeopleSayIsBoundAndNotSpliced(String question, String value) {
    Understanding.Understood yes = understood(question);
    assertThat(yes.sql()).doesNotContain("DROP").doesNotContain("Brien").doesNotContain("OR '1'");
    assertThat(yes.values().values()).anyMatch(each -> each.contains(value));
  }

  @Test
  void keysOfTagsStayAsTheyAre() {
    assertThat(understood("instances without a CostCenter tag").values())
        .containsValue("CostCenter");
    assertThat(understood("instances tagged with cost-center").values())
        .containsValue("cost-center");
  }

  @Test
  void aNameThatIsInTheInventoryNeedsNoWordBeforeIt() {
    assertThat(understood("show me prod-web-1").values()).containsValue("prod-web-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          untagged EC2 instances                     | EC2 instances
          instances                                  | EC2 instances
          buckets                                    | S3 buckets
          network load balancers per region          | ELB network load balancers, by region
          instances not in eu-west-1                 | are not in eu-west-1
          instances in account acme-staging          | are in account acme-staging
          VPCs without flow logs                     | have no EC2 flow logs
          instances with key pair production         | whose key name is production.
          instances using key pair blue-key          | whose key name is blue-key.
          instances whose key pair is not production | whose key name is not production.
          instances with a key pair in production    | have a key pair, that have the tag Environment
          instances using the prod-web-1 key pair    | whose key name is prod-web-1.
          instances in subnet subnet-1               | whose subnet id is subnet-1.
          functions with runtime python3.12          | whose runtime starts with python3.12.
          functions with runtime in production       | have the tag Environment = production.
          buckets with encryption aws:kms            | whose SSE algorithm is aws:kms.
          node groups of cluster blue                | whose cluster name is blue.
          instances in production VPCs               | VPCs that have the tag Environment
          users with admin access                    | of users also by that of their groups
          instances with instance profile payments   | IAM instance profiles whose name or id is "payments".
          instances with instance profile blue       | IAM instance profiles whose name or id is "blue".
          users in group admins                      | group list is admins.
          functions that run as payments-lambda      | IAM roles whose name or id is "payments-lambda".
          trails that log to bucket prod-web-1       | whose S3 bucket name is prod-web-1.
          most common key pair of instances          | Number of EC2 instances that have a key name, by key name
          deprecated AMIs                            | AMIs that are deprecated.
          most used runtime                          | have a runtime, by runtime, descending by number, the first 1.
          which runtime is used least                | by runtime, ascending by number, the first 1.
          most common instance type of stopped instances | that are stopped, by instance type
          security groups open to the world except port 443 | have something other than port 443 open to the world.
          sgs open to the world on ports other than 80 and https | something other than ports 80 or 443 open to the world.
          security groups that allow http but not https | have no EC2 security group rules that have port 443 open.
          running instances in eu-west-1 or stopped ones in us-east-1 | are either those that are running, that are in eu-west-1, or those that are stopped, that are in us-east-1.
          running or stopped instances in eu-west-1  | that are running or are stopped, that are in eu-west-1.
          name and private ip of running instances   | are running, with their name and private ip address.
          m5 instances                               | whose instance type starts with m5.
          ec2s                                       | EC2 instances.
          prod instances                             | Environment = production. ("prod" read as "production")
          instances tagged Environment=prod          | Environment = production. ("prod" read as "production")
          users per group                            | Number of IAM users, by each group list.
          which subnets are public                   | VPC subnets that are public (MapPublicIpOnLaunch).
          instances and volumes                      | EC2 instances and EC2 volumes.
          how many instances and volumes             | Number of EC2 instances and EC2 volumes, by service and type.
          instances launched between november and january 2026 | created between 2025-11-01 and 2026-01-31.
          average age of instances                   | Average age in days of EC2 instances.
          regions with more than 100 instances       | by region, where the number is more than 100.
          accounts with fewer than 100 instances     | where the number is less than 100, of those that have any.
          teams with at least 3 buckets              | have the tag Team, by tag Team, where the number is at least 3.
          top 5 teams by instances                   | by tag Team, descending by number, the first 5.
          which teams have public buckets            | have the tag Team, that are public, by tag Team.
          m5 and c5 instances                        | instance type starts with m5 or whose instance type starts with c5.
          gp2 volumes that are not gp3               | whose volume type is gp2, whose volume type is not gp3.
          buckets without versioning or encryption   | that are not versioned, that are not encrypted.
          buckets without versioning or with replication | that are not versioned or are replicated.
          users without mfa or with access keys      | that do not have MFA or are related to IAM access keys.
          instances in the staging account           | are in account staging. ("staging" read as "acme-staging")
          most common VPC of subnets                 | Number of VPC subnets that have a vpc id, by
          """)
  void theSentenceSaysWhatWasUnderstood(String question, String part) {
    assertThat(understood(question).sentence()).contains(part);
  }

  @Test
  void everyMeaningReadsWhatItsTypesHave() {
    CatalogCheck check = new CatalogCheck(ServiceModel::of);
    List<String> faults = new ArrayList<>();
    for (Meanings.Meaning meaning : ASK.meanings().all()) {
      meaning
          .byType()
          .forEach(
              (type, expression) ->
                  expression
                      .paths()
                      .forEach(
                          path ->
                              check
                                  .fault(ASK.vocabulary().type(type), path)
                                  .ifPresent(fault -> faults.add(meaning.name() + ": " + fault))));
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyListedFieldIsOneOfItsType() {
    CatalogCheck check = new CatalogCheck(ServiceModel::of);
    List<String> faults = new ArrayList<>();
    for (String line : Lines.of("fields.txt")) {
      int colon = line.indexOf(": ");
      String path = line.substring(colon + 2, line.indexOf(" = ")).replace("size ", "");
      for (String type : line.substring(0, colon).split(" ", -1)) {
        check
            .fault(ASK.vocabulary().type(type), dev.freeway.controlplane.catalog.Path.parse(path))
            .ifPresent(faults::add);
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyTypeOfTheCatalogueCanBeAskedFor() {
    List<String> not = new ArrayList<>();
    for (var type : ASK.vocabulary().types()) {
      String question = "count " + type.service() + " " + type.name();
      if (!(ask(question) instanceof Understanding.Understood)) {
        not.add(question);
      }
    }
    assertThat(not).isEmpty();
  }

  @Test
  void theNearestQuestionsAreThoseThatShareTheMostWords() {
    assertThat(Nearest.to("functions with an expired runtime of purple"))
        .hasSize(3)
        .first()
        .asString()
        .contains("runtime");
    assertThat(Nearest.to("count EC2 key pairs per accounts"))
        .startsWith("count EC2 key pairs per account");
    assertThat(Nearest.to("zzz")).isEmpty();
  }

  @Test
  void aQuestionIsUnderstoodInMilliseconds() {
    double[] times = AskTimes.of(ASK, AskTimes.sample());
    assertThat(times[times.length / 2]).as("median of %d", times.length).isLessThan(5);
  }

  @Test
  void timesAreUnderstood() {
    assertThat(Span.of("in the last 30 days", NOW).orElseThrow().from())
        .contains(NOW.minusSeconds(30 * 86_400L));
    assertThat(Span.of("since yesterday", NOW).orElseThrow().from())
        .contains(Instant.parse("2026-02-28T00:00:00Z"));
    assertThat(Span.of("in january 2026", NOW).orElseThrow().to())
        .contains(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(Span.of("more than 2 weeks ago", NOW).orElseThrow().to())
        .contains(NOW.minusSeconds(14 * 86_400L));
    assertThat(Span.of("since november", NOW).orElseThrow().from())
        .contains(Instant.parse("2025-11-01T00:00:00Z"));
    Span months = Span.of("between january and february", NOW).orElseThrow();
    assertThat(months.from()).contains(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(months.to()).contains(Instant.parse("2026-03-01T00:00:00Z"));
    Span years = Span.of("between november and january 2026", NOW).orElseThrow();
    assertThat(years.from()).contains(Instant.parse("2025-11-01T00:00:00Z"));
    assertThat(years.to()).contains(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(Span.of("purple", NOW)).isEmpty();
  }

  @Test
  void typesOfWhichAConditionSaysNothingAreNamed() {
    assertThat(understood("instances and functions with memory over 512").sentence())
        .endsWith("; without EC2 instances, of which it cannot be said.");
    assertThat(understood("volumes and snapshots that are encrypted").sentence())
        .doesNotContain("without");
  }

  @Test
  void aRefusalWithNothingNearSaysWhereQuestionsAre() {
    assertThat(ask("xyzzy plugh"))
        .isInstanceOfSatisfying(
            Understanding.Not.class,
            not -> assertThat(not.why()).contains("\"xyzzy\"; freeway examples lists"));
  }

  @Test
  void theWordUnusedAndTheNamedQueryKnowTheSameUsersOfSecurityGroups() throws Exception {
    Set<String> byWord =
        ASK.meanings().all().stream()
            .filter(meaning -> meaning.name().startsWith("unused"))
            .flatMap(meaning -> meaning.through().values().stream())
            .filter(through -> through.type().key().equals("ec2:security-group"))
            .flatMap(through -> through.others().stream())
            .map(ResourceType::key)
            .collect(Collectors.toSet());
    String sql;
    try (InputStream in =
        dev.freeway.controlplane.query.QueryRunner.class.getResourceAsStream(
            "unused-security-groups.sql")) {
      sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Set<String> byQuery = new HashSet<>();
    Matcher users =
        Pattern.compile("o\\.service = '([^']+)' AND o\\.type (?:= |IN \\()('[^)\\n]+')")
            .matcher(sql);
    while (users.find()) {
      for (String type : users.group(2).split(", ", -1)) {
        byQuery.add(users.group(1) + ":" + type.replace("'", ""));
      }
    }
    assertThat(byQuery).hasSize(16).isEqualTo(byWord);
  }
}
