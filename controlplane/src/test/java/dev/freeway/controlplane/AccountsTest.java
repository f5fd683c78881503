package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.FakeAws;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code freeway scan} of roles and organisations, on the fake AWS. */
@Timeout(180)
class AccountsTest {
  private static final String OWN = "111111111111";
  private static final String SHOP = "222222222222";
  private static final String BANK = "333333333333";
  private static final String OLD = "444444444444";
  private static final String ROLE = "arn:aws:iam::" + SHOP + ":role/Reader";
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "aws.accessKeyId",
          "AKIA" + OWN,
          "aws.secretAccessKey",
          "secret",
          "aws.region",
          "us-east-1");

  @TempDir private Path directory;
  private final FakeAws aws = FakeAws.start();

  @BeforeEach
  void start() {
    PROPERTIES.forEach(System::setProperty);
    System.setProperty("aws.configFile", directory.resolve("config").toString());
    System.setProperty("aws.sharedCredentialsFile", directory.resolve("credentials").toString());
    Estate estate = aws.estate();
    accounts("organizations:ListAccounts", Map.of(), OWN, SHOP, BANK, OLD);
    accounts("organizations:ListAccountsForParent", Map.of("ParentId", "ou-root-outerouter"), SHOP);
    accounts("organizations:ListAccountsForParent", Map.of("ParentId", "ou-root-innerinner"), BANK);
    ObjectNode inner = JsonNodeFactory.instance.objectNode();
    inner
        .putArray("OrganizationalUnits")
        .addObject()
        .put("Id", "ou-root-innerinner")
        .put("Name", "inner");
    estate.answer(
        Estate.ANY,
        "organizations:ListOrganizationalUnitsForParent",
        Map.of("ParentId", "ou-root-outerouter"),
        inner);
    for (String account : List.of(OWN, SHOP, BANK)) {
      estate.items(
          account,
          "us-east-1",
          "sns:ListTopics",
          Map.of(),
          "Topics[]",
          List.of(
              JsonNodeFactory.instance
                  .objectNode()
                  .put("TopicArn", "arn:aws:sns:us-east-1:" + account + ":orders")));
    }
  }

  @AfterEach
  void stop() {
    PROPERTIES.keySet().forEach(System::clearProperty);
    System.clearProperty("aws.configFile");
    System.clearProperty("aws.sharedCredentialsFile");
    assertThat(aws.broken()).isEmpty();
    aws.close();
  }

  private void accounts(String operation, Map<String, String> when, String... ids) {
    aws.estate()
        .items(
            Estate.ANY,
            Estate.ANY,
            operation,
            when,
            "Accounts[]",
            Arrays.stream(ids)
                .map(
                    id ->
                        JsonNodeFactory.instance
                            .objectNode()
                            .put("Id", id)
                            .put("Name", "name-" + id)
                            .put("Status", id.equals(OLD) ? "SUSPENDED" : "ACTIVE"))
                .toList());
  }

  private Ran scan(String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "scan",
                "--endpoint-url",
                aws.url().toString(),
                "--db",
                directory.resolve("inventory.db").toString()));
    arguments.addAll(List.of(options));
    return Ran.of(arguments.toArray(String[]::new));
  }

  private Store store() {
    return Store.existing(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
  }

  private List<String> topics() {
    try (Stream<StoredResource> resources = store().resources(ResourceFilter.CURRENT)) {
      return new TreeSet<>(
              resources
                  .filter(one -> one.resource().scope().type().equals("topic"))
                  .map(one -> one.resource().scope().account())
                  .toList())
          .stream().toList();
    }
  }

  @Test
  void timingsSayHowManyConnectionsWereNew() {
    Ran ran = scan("-s", "sns", "-r", "us-east-1", "--timings");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("seconds in calls, by service", "new TLS connections: 0");
  }

  @Test
  void aRoleThatIsGivenTwiceIsOneAccount() {
    Ran ran = scan("--role-arn", ROLE + "," + ROLE, "-s", "sns", "-r", "us-east-1");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(store().scans()).hasSize(1);
  }

  @Test
  void withoutCredentialsItSaysShortlyWhereItLooked() {
    System.clearProperty("aws.accessKeyId");
    System.setProperty("aws.disableEc2Metadata", "true");
    try {
      Ran ran = scan("-s", "sns");
      assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
      assertThat(ran.err())
          .contains("credentials: none found", "AWS_ACCESS_KEY_ID", "or -p PROFILE")
          .hasSizeLessThan(400);
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  @Test
  void whoMayNotListRegionsGivesThem() {
    aws.faults().add("ec2:DescribeRegions", new Trigger.Always(), new Fault.Denied());
    Ran none = scan("-s", "sns");
    assertThat(none.code()).isEqualTo(ExitCode.FAILED);
    assertThat(none.err()).contains("ec2:DescribeRegions is denied", "expected -r REGION");
    Ran ran = scan("-s", "sns,iam", "-r", "us-east-1");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(topics()).containsExactly(OWN);
    assertThat(aws.requests("iam:GetAccountAuthorizationDetails")).isPositive(); // us-east-1's
  }

  @Test
  void whatStillRunsIsNotResumed() {
    assertThat(scan("-s", "sns", "-r", "us-east-1").code()).isZero();
    try (ScanWriter running =
        store().begin(OWN, "", Instant.now(), List.of("us-east-1"), List.of("sns"), List.of())) {
      Ran ran = scan("--resume");
      assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
      assertThat(ran.err()).contains("scan " + running.id() + " still runs");
      assertThat(scans()).contains("running").doesNotContain("unfinished");
    }
    assertThat(scans()).contains("unfinished").doesNotContain("running");
    assertThat(scan("--resume").code()).isZero();
    assertThat(scans()).doesNotContain("unfinished");
  }

  private String scans() {
    return Ran.of("scans", "--db", directory.resolve("inventory.db").toString()).out();
  }

  @Test
  void aRoleSeesTheWholeCatalogueAndNothingBeyondItsPolicy() {
    aws.fill(1);
    Ran ran = scan("--role-arn", ROLE, "-w", "16");
    assertThat(aws.roles().refused()).isZero();
    assertThat(aws.roles().sessions()).isBetween(5, 20);
    List<LedgerEntry> ledger = store().ledger(1);
    assertThat(ledger)
        .hasSizeGreaterThan(500)
        .noneMatch(entry -> entry.outcome() == LedgerEntry.Outcome.DENIED)
        .allMatch(entry -> entry.account().equals(SHOP));
    assertThat(ran.out()).startsWith("scan 1 of account " + SHOP);
  }

  @Test
  void anOrganisationIsScannedWithoutItsSuspendedAccounts() {
    Ran ran = scan("--organization", "-s", "sns");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("left out: " + OLD + " (name-" + OLD + "): SUSPENDED")
        .contains("3 accounts: 3 whole, 0 in part, 0 not reached");
    assertThat(topics()).containsExactly(OWN, SHOP, BANK);
    assertThat(store().scans())
        .allMatch(scan -> scan.status() == Scan.Status.COMPLETE)
        .extracting(Scan::alias)
        .contains("name-" + SHOP);
    assertThat(aws.requests("sts:AssumeRole")).isEqualTo(2); // its own account needs none
  }

  @Test
  void oneAccountThatFailsDoesNotStopTheRest() {
    aws.roles().close(SHOP);
    Ran ran = scan("--organization", "-s", "sns");
    assertThat(ran.code()).isEqualTo(ExitCode.PARTIAL);
    assertThat(ran.err())
        .contains("not scanned: " + SHOP)
        .contains("sts:AssumeRole: AccessDenied: AssumeRole of arn:aws:iam::" + SHOP + ":role/");
    assertThat(ran.out()).contains("3 accounts: 2 whole, 0 in part, 1 not reached");
    assertThat(topics()).containsExactly(OWN, BANK);
    Scan failed =
        store().scans().stream()
            .filter(one -> one.account().equals(SHOP))
            .findFirst()
            .orElseThrow();
    assertThat(failed.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(store().ledger(failed.id()))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.operation()).isEqualTo("AssumeRole");
              assertThat(entry.outcome()).isEqualTo(LedgerEntry.Outcome.DENIED);
            });

    aws.roles().open(SHOP);
    long asked = aws.requests("sns:ListTopics");
    Ran resumed = scan("--organization", "--resume");
    assertThat(resumed.code()).isZero();
    assertThat(resumed.out()).contains("1 whole, 0 in part, 0 not reached, 2 whole before");
    assertThat(topics()).containsExactly(OWN, SHOP, BANK);
    assertThat(aws.requests("sns:ListTopics")).isEqualTo(asked + 2); // in two regions
    assertThat(store().ledger(failed.id())).noneMatch(entry -> entry.outcome().hides());
    assertThat(store().scans()).hasSize(3);
  }

  @Test
  void aRunThatIsEndedIsResumedToWhatOneWholeRunGives() throws Exception {
    String[] what = {"--organization", "-s", "sns,sqs,iam,kms", "--at-once", "1"};
    CountDownLatch reached = new CountDownLatch(1);
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    none.putArray("QueueUrls");
    aws.estate()
        .made(
            Estate.ANY,
            "sqs:ListQueues",
            Map.of(),
            asked -> {
              if (asked.account().equals(SHOP)) {
                reached.countDown();
              }
              return none;
            });
    aws.latency(Duration.ofMillis(20));
    List<String> run = new ArrayList<>(List.of("scan", "--endpoint-url", aws.url().toString()));
    run.addAll(List.of("--db", directory.resolve("inventory.db").toString()));
    run.addAll(List.of(what));
    ProcessBuilder java =
        new ProcessBuilder(OtherJvm.command(Main.class, run.toArray(String[]::new)));
    java.environment().put("AWS_ACCESS_KEY_ID", "AKIA" + OWN);
    java.environment().put("AWS_SECRET_ACCESS_KEY", "secret");
    java.environment().put("AWS_REGION", "us-east-1");
    Process process =
        java.redirectErrorStream(true).redirectOutput(directory.resolve("said").toFile()).start();
    try {
      reached.await();
      process.destroy(); // as Ctrl-C
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(directory.resolve("said"));
    assertThat(store().scans()).as(said).hasSize(3);
    assertThat(store().scans())
        .extracting(scan -> scan.account() + " " + scan.status())
        .contains(OWN + " COMPLETE", BANK + " PARTIAL");
    assertThat(store().ledger(3))
        .extracting(LedgerEntry::outcome)
        .containsExactly(LedgerEntry.Outcome.STOPPED);

    aws.latency(Duration.ZERO);
    assertThat(scan("--organization", "--resume").code()).isZero();
    List<String> resumed = held();
    assertThat(store().scans()).hasSize(3).allMatch(scan -> scan.status() == Scan.Status.COMPLETE);
    assertThat(scan(what).code()).isZero();
    assertThat(held()).isEqualTo(resumed).isNotEmpty();
  }

  private List<String> held() {
    try (Stream<StoredResource> all = store().resources(ResourceFilter.CURRENT)) {
      return all.map(one -> one.resource().toString()).toList();
    }
  }

  @Test
  void allThatFailIsExitCode1() {
    aws.roles().close(SHOP).close(BANK);
    Ran ran = scan("--role-arn", ROLE, "--role-arn", ROLE.replace(SHOP, BANK), "-s", "sns");
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    assertThat(scan("--role-arn", ROLE, "-s", "sns").err())
        .contains("freeway scan: " + SHOP + ": sts:AssumeRole: AccessDenied");
  }

  @Test
  void aDryRunAssumesNothing() {
    Ran ran = scan("--organization", "--dry-run", "--role-name", "audit/Reader");
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains(OWN + " (name-" + OWN + ")  by its own credentials")
        .contains("by arn:aws:iam::" + BANK + ":role/audit/Reader")
        .contains("3 accounts. A role is assumed by up to")
        .contains("Nothing was assumed.");
    assertThat(aws.byOperation().keySet())
        .containsExactlyInAnyOrder("organizations:ListAccounts", "sts:GetCallerIdentity");
    assertThat(directory.resolve("inventory.db")).doesNotExist();
  }

  @Test
  void whatIsBelowAUnitAtAnyDepth() {
    assertThat(scan("--organization", "--ou", "ou-root-outerouter", "--dry-run").out())
        .contains(SHOP)
        .contains(BANK)
        .contains("2 accounts.");
    assertThat(
            scan("--organization", "--exclude", BANK, "--accounts", SHOP + "," + BANK, "--dry-run")
                .out())
        .contains(SHOP)
        .doesNotContain(BANK);
  }

  @Test
  void accountsOfAFileAreScannedByTheirIndex() throws IOException {
    Path file = directory.resolve("accounts.txt");
    Files.writeString(file, "# ours\n" + OWN + "\n" + SHOP + " # shop\n\n" + BANK + "\n");
    Ran ran = scan("--accounts-file", file.toString(), "--index", "2", "-s", "sns");
    assertThat(ran.code()).isZero();
    assertThat(topics()).containsExactly(BANK);
    assertThat(aws.requests("organizations:ListAccounts")).isZero();
    assertThat(scan("--accounts-file", file.toString(), "--index", "3").err())
        .contains("--index 3: 3 accounts are listed; expected 0 to 2");
    Files.writeString(file, OWN + "\nshop\n");
    assertThat(scan("--accounts-file", file.toString()).err())
        .contains("accounts.txt, line 2: shop: expected an account's twelve digits");
  }

  @Test
  void severalProfilesAreSeveralAccounts() throws IOException {
    Files.writeString(
        directory.resolve("credentials"),
        """
        [one]
        aws_access_key_id = AKIA%s
        aws_secret_access_key = s
        [two]
        aws_access_key_id = AKIA%s
        aws_secret_access_key = s
        """
            .formatted(SHOP, BANK));
    Ran ran = scan("-p", "one", "-p", "two", "-s", "sns");
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("2 accounts: 2 whole");
    assertThat(topics()).containsExactly(SHOP, BANK);
    assertThat(scan("-p", "three").err()).contains("profile three: not in the AWS configuration");
  }

  @Test
  void anEndedSsoSessionSaysHowToLogIn() throws IOException {
    Files.writeString(
        directory.resolve("config"),
        """
        [profile work]
        sso_session = company
        sso_account_id = 222222222222
        sso_role_name = Reader
        [profile via]
        source_profile = work
        role_arn = arn:aws:iam::222222222222:role/Other
        region = us-east-1
        [sso-session company]
        sso_region = us-east-1
        sso_start_url = https://nowhere.invalid/start
        """);
    Ran ran = scan("-p", "work", "-s", "sns");
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    assertThat(ran.err())
        .contains("profile work: credentials")
        .contains("aws sso login --profile work");
    assertThat(scan("-p", "via", "-s", "sns").err()).contains("aws sso login --profile work");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --role-arn arn:aws:iam::1:role/X | --role-arn arn:aws:iam::1:role/X: no ARN of a role; expected one such as arn:aws:iam::123456789012:role/Reader
          --role-arn arn:aws:iam::123456789012:user/X | no ARN of a role
          --organization --role-name a//b | no name of a role
          --organization --ou shops | --ou shops: no id of an organizational unit; expected one such as ou-ab12-cd34ef56
          --ou ou-root-outerouter | --ou: expected --organization with it
          --organization --accounts 12 | --accounts 12: expected an account's twelve digits
          --organization --exclude x | --exclude x: expected an account's twelve digits
          --organization --role-arn arn:aws:iam::123456789012:role/X | --role-arn: expected without --organization
          --role-arn arn:aws:iam::123456789012:role/X --mfa-serial arn:aws:iam::123456789012:mfa/ann | there is no terminal to ask for its digits; expected --mfa-token
          --mfa-serial 1234 --mfa-token 123456 | --mfa-serial 1234: expected a device such as arn:
          --mfa-token 123456 | --mfa-token: expected --mfa-serial with it
          --mfa-serial arn:aws:iam::123456789012:mfa/ann --mfa-token 12345 | --mfa-token 12345: expected the six digits
          --external-id abc | --external-id: expected a role with it
          --organization --external-id <x> | --external-id <x>: expected 2 to 1224
          --organization --role-session-name x | --role-session-name x: expected 2 to 64
          --index 1 | --index 1: expected --accounts-file or --accounts with it
          --accounts-file /nowhere/at/all | --accounts-file /nowhere/at/all: cannot be read: NoSuchFileException
          --organization --at-once 0 | --at-once 0: expected 1 to 64
          --resume -s sns | -s: expected without --resume
          --role-arn arn:aws:iam::123456789012:role/X,arn:aws:iam::123456789012:role/Y | --role-arn arn:aws:iam::123456789012:role/Y: a second role of account 123456789012; expected one for each account
          -p nobody | profile nobody: not in the AWS configuration; there is none: expected ~/.aws/config, or AWS_CONFIG_FILE, with it
          """)
  void aWrongCommandLineSaysWhatWouldBeRight(String options, String said) {
    Ran ran = scan(options.split(" ", -1));
    assertThat(ran.err()).contains(said);
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(aws.requests()).isZero();
  }

  @Test
  void whatTheOrganisationDoesNotHaveIsSaid() {
    Ran ran = scan("--organization", "--accounts", "999999999999");
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    assertThat(ran.err()).contains("--accounts 999999999999: not among the 4 accounts");
    assertThat(scan("--organization", "--accounts", OLD).err())
        .contains("no account to scan: of 4 accounts 1 are suspended");
  }
}
