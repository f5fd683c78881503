package dev.freeway.controlplane;

import dev.freeway.controlplane.collect.Access;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whose account: profiles, a role, an endpoint. */
final class AwsOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-p", "--profile"},
      paramLabel = "PROFILE",
      split = ",",
      description =
          "a profile of the AWS configuration, SSO and roles included; repeat it for several"
              + " accounts. Default: what the SDK's environment says")
  private List<String> profiles = new ArrayList<>();

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      defaultValue = "",
      description = "asked instead of AWS, by every service. Default: $AWS_ENDPOINT_URL")
  private String endpoint = "";

  /** One for each account. */
  List<Access> access() {
    try {
      List<Access> all = new ArrayList<>();
      for (String profile : profiles.isEmpty() ? List.of("") : profiles) {
        all.add(Access.of(profile, endpoint, System.getenv()));
      }
      return all;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
