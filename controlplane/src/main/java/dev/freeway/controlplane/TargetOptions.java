package dev.freeway.controlplane;

import dev.freeway.controlplane.accounts.Mfa;
import dev.freeway.controlplane.accounts.Organization;
import dev.freeway.controlplane.accounts.RoleArn;
import dev.freeway.controlplane.accounts.RoleRequest;
import dev.freeway.controlplane.output.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which accounts besides a profile's own: roles, an organisation, a list. */
final class TargetOptions {
  private static final String DIGITS = "\\d{12}";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--role-arn",
      paramLabel = "ARN",
      split = ",",
      description = "assume this role and scan its account; repeat it for several")
  private List<String> roleArns = new ArrayList<>();

  @Option(
      names = "--external-id",
      paramLabel = "ID",
      defaultValue = "",
      description = "what the roles' trust policies ask for")
  private String externalId = "";

  @Option(
      names = "--mfa-serial",
      paramLabel = "SERIAL",
      defaultValue = "",
      description = "the caller's MFA device: its ARN, or the number on it")
  private String mfaSerial = "";

  @Option(
      names = "--mfa-token",
      paramLabel = "DIGITS",
      defaultValue = "",
      description = "what the device shows; without, it is asked for on the terminal")
  private String mfaToken = "";

  @Option(
      names = "--role-session-name",
      paramLabel = "NAME",
      defaultValue = "freeway",
      description = "what the accounts' CloudTrail says who it was. Default: freeway")
  private String sessionName = "";

  @Option(
      names = {"--organization", "--organisation"},
      description =
          "scan every account of the organisation: the caller's own by its credentials, the others"
              + " by a role")
  private boolean organization;

  @Option(
      names = "--ou",
      paramLabel = "OU",
      split = ",",
      description = "with --organization: what is below this unit, at any depth; repeat it")
  private List<String> units = new ArrayList<>();

  @Option(
      names = "--accounts",
      paramLabel = "ID",
      split = ",",
      description = "these accounts; without --organization the organisation is not asked")
  private List<String> accounts = new ArrayList<>();

  @Option(
      names = "--accounts-file",
      paramLabel = "FILE",
      description = "the same from a file: an account's id on each line, # begins a comment")
  private @Nullable Path accountsFile;

  @Option(
      names = "--index",
      paramLabel = "N",
      description = "only one of the accounts that are listed, by its place from 0")
  private @Nullable Integer index;

  @Option(names = "--exclude", paramLabel = "ID", split = ",", description = "not these accounts")
  private List<String> excluded = new ArrayList<>();

  @Option(
      names = "--role-name",
      paramLabel = "NAME",
      defaultValue = "OrganizationAccountAccessRole",
      description =
          "the role that is assumed in other accounts. Default: OrganizationAccountAccessRole")
  private String roleName = "";

  @Option(
      names = "--dry-run",
      description = "print the accounts and what would be assumed, and scan nothing")
  private boolean dryRun;

  @Option(
      names = "--at-once",
      paramLabel = "N",
      defaultValue = "4",
      description = "how many accounts are scanned at the same time. Default: 4")
  private int atOnce;

  boolean dryRun() {
    return dryRun;
  }

  int atOnce() {
    return atOnce;
  }

  boolean organization() {
    return organization;
  }

  List<String> units() {
    return units;
  }

  List<String> excluded() {
    return excluded;
  }

  /** Whether accounts are named by their ids, or by their organisation. */
  boolean byId() {
    return organization || !accounts.isEmpty() || accountsFile != null;
  }

  /** Whether a role may be assumed. */
  boolean assumes() {
    return byId() || !roleArns.isEmpty();
  }

  /**
   * Says what does not go together, or is not as it has to be.
   *
   * @param profiles how many there are
   */
  void check(int profiles) {
    require(!assumes() || profiles <= 1, "-p", "expected one profile, by which roles are assumed");
    require(
        roleArns.isEmpty() || !byId(),
        "--role-arn",
        "expected without --organization, --accounts and --accounts-file: there --role-name says"
            + " which role");
    require(units.isEmpty() || organization, "--ou", "expected --organization with it");
    require(excluded.isEmpty() || byId(), "--exclude", "expected --organization with it");
    require(
        index == null || !listed().isEmpty(),
        "--index",
        "expected --accounts-file or --accounts with it");
    require(atOnce >= 1 && atOnce <= 64, "--at-once " + atOnce, "expected 1 to 64");
    require(
        mfaToken.isEmpty() || !mfaSerial.isEmpty(),
        "--mfa-token",
        "expected --mfa-serial with it, the device that shows it");
    require(
        externalId.isEmpty() || assumes(),
        "--external-id",
        "expected a role with it: --role-arn, or --organization");
    checked(
        () -> {
          roles();
          units.forEach(Organization::checked);
          if (!mfaSerial.isEmpty()) {
            Mfa.checked(mfaSerial);
          }
          new RoleArn("aws", "000000000000", roleName);
          return request();
        });
    Set<String> known = new HashSet<>();
    for (RoleArn role : roles()) {
      require(
          known.add(role.account()),
          "--role-arn " + role,
          "a second role of account " + role.account() + "; expected one for each account");
    }
    digits("--accounts", accounts);
    digits("--exclude", excluded);
  }

  private void require(boolean right, String option, String expected) {
    if (!right) {
      throw wrong(option + ": " + expected);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), Printable.of(message));
  }

  private interface Checked<T> {
    T of();
  }

  private <T> T checked(Checked<T> value) {
    try {
      return value.of();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private void digits(String option, List<String> ids) {
    for (String id : ids) {
      require(id.matches(DIGITS), option + " " + id, "expected an account's twelve digits");
    }
  }

  /** The roles of {@code --role-arn}. */
  List<RoleArn> roles() {
    return roleArns.stream()
        .map(
            arn -> {
              try {
                return RoleArn.parse(arn);
              } catch (IllegalArgumentException e) {
                throw wrong("--role-arn " + e.getMessage());
              }
            })
        .distinct()
        .toList();
  }

  /** The role of {@code --role-name} in an account. */
  RoleArn role(String partition, String account) {
    return new RoleArn(partition, account, roleName);
  }

  RoleRequest request() {
    return new RoleRequest(sessionName, externalId);
  }

  /** The accounts that are named, or the one of them with the index; empty when none are. */
  List<String> listed() {
    List<String> all = new ArrayList<>(accounts);
    if (accountsFile != null) {
      all.addAll(read(accountsFile));
    }
    if (index == null) {
      return all.stream().distinct().toList();
    }
    require(
        index >= 0 && index < all.size(),
        "--index " + index,
        all.isEmpty()
            ? "expected --accounts-file or --accounts with it"
            : all.size() + " accounts are listed; expected 0 to " + (all.size() - 1));
    return List.of(all.get(index));
  }

  private List<String> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw wrong(
          "--accounts-file "
              + file
              + ": cannot be read: "
              + e.getClass().getSimpleName()
              + "; expected a file with an account's id on each line");
    }
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String id = lines.get(i).replaceFirst("#.*", "").strip();
      if (!id.isEmpty()) {
        require(
            id.matches(DIGITS),
            file + ", line " + (i + 1) + ": " + id,
            "expected an account's twelve digits");
        ids.add(id);
      }
    }
    require(
        !ids.isEmpty(), "--accounts-file " + file, "no account in it; expected one on each line");
    return ids;
  }

  /** The second factor; asked for on the terminal where there is one. */
  Optional<Mfa> mfa() {
    if (mfaSerial.isEmpty()) {
      return Optional.empty();
    }
    String token = mfaToken;
    if (token.isEmpty()) {
      require(
          Console.isTerminal(),
          "--mfa-serial " + mfaSerial,
          "there is no terminal to ask for its digits; expected --mfa-token");
      token = Console.ask("The six digits of " + Printable.of(mfaSerial) + ": ");
    }
    String digits = token.strip();
    return Optional.of(checked(() -> new Mfa(mfaSerial, digits)));
  }
}
