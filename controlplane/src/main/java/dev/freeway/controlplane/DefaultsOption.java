package dev.freeway.controlplane;

import picocli.CommandLine.Option;

/** Whether what AWS made itself, such as default VPCs, counts: {@code --include-defaults}. */
final class DefaultsOption {
  @Option(names = "--include-defaults", description = "what AWS made itself, too")
  private boolean included;

  boolean included() {
    return included;
  }
}
