package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.RowsWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import dev.freeway.controlplane.tagging.Offender;
import dev.freeway.controlplane.tagging.Share;
import dev.freeway.controlplane.tagging.TagAudit;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code freeway tags}. */
@Command(name = "tags", description = TagsCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class TagsCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Tells how well resources are tagged, and which are not. What cannot have tags does not"
          + " count; a blank value counts as missing.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private NarrowOptions narrow = new NarrowOptions();
  @Mixin private DefaultsOption defaults = new DefaultsOption();

  @Option(
      names = {"-R", "--required"},
      paramLabel = "KEY",
      split = ",",
      description =
          "tags that every resource has to have. Default: required_tags of freeway config; without,"
              + " any tag")
  private List<String> required = new ArrayList<>();

  @Option(names = "--untagged-only", description = "list what has no tag at all, and no totals")
  private boolean untaggedOnly;

  @Option(
      names = "--noncompliant-only",
      description = "list what lacks a required tag, and no totals")
  private boolean noncompliantOnly;

  @Override
  public Integer call() {
    boolean summary = narrow.summary();
    if ((untaggedOnly ? 1 : 0) + (noncompliantOnly ? 1 : 0) + (summary ? 1 : 0) > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "expected at most one of --untagged-only, --noncompliant-only and --summary");
    }
    List<String> keys =
        required.stream().map(String::strip).filter(key -> !key.isEmpty()).distinct().toList();
    TagAudit audit = audit(keys);
    List<Offender> offenders =
        audit.offenders().stream()
            .filter(offender -> !untaggedOnly || offender.resource().tags().isEmpty())
            .toList();
    Format format = output.format();
    if (format == Format.JSON || format == Format.YAML) {
      output.document(document(keys, audit, offenders));
    } else if (summary) {
      output.rows(Table.ofShares(audit));
    } else if (output.machine() || untaggedOnly || noncompliantOnly) {
      output.rows(Table.ofOffenders(offenders));
    } else {
      output.write(
          out -> {
            write(Table.ofShares(audit), format, out);
            if (!offenders.isEmpty()) {
              out.println();
              write(Table.ofOffenders(offenders), format, out);
            }
          });
    }
    if (!output.machine()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          "%,d of %,d resources %s: %s %%%n",
          audit.overall().good(),
          audit.overall().all(),
          keys.isEmpty() ? "have a tag" : "have " + String.join(", ", keys),
          audit.overall().percent());
      err.flush();
    }
    return ExitCode.DONE;
  }

  private static void write(Table table, Format format, PrintWriter out) {
    RowsWriter.write(table.columns(), table.rows(), format, Console.width(), out);
  }

  private TagAudit audit(List<String> keys) {
    Store store = stores.existing();
    return TagAudit.of(
        store, narrow.filter(store.scans()), Catalog.builtIn(), keys, defaults.included());
  }

  private ObjectNode document(List<String> keys, TagAudit audit, List<Offender> offenders) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    ArrayNode asked = document.putArray("required");
    keys.forEach(asked::add);
    share(document.putObject("overall"), audit.overall());
    shares(document.putObject("tags"), audit.byTag());
    shares(document.putObject("services"), audit.byService());
    if (narrow.summary()) {
      return document;
    }
    ArrayNode all = document.putArray("offenders");
    for (Offender offender : offenders) {
      Resource resource = offender.resource();
      ObjectNode one = all.addObject();
      one.put("account", resource.scope().account());
      one.put("region", resource.scope().region());
      one.put("service", resource.scope().service());
      one.put("type", resource.scope().type());
      one.put("id", resource.id());
      one.put("arn", resource.arn());
      one.put("name", resource.name());
      ArrayNode missing = one.putArray("missing");
      offender.missing().forEach(missing::add);
      ObjectNode tags = one.putObject("tags");
      resource.tags().forEach(tags::put);
    }
    return document;
  }

  private static void shares(ObjectNode node, Map<String, Share> shares) {
    shares.forEach((name, share) -> share(node.putObject(name), share));
  }

  private static void share(ObjectNode node, Share share) {
    node.put("compliant", share.good());
    node.put("resources", share.all());
    node.put("percent", share.percent());
  }
}
