package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.RowsWriter;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import dev.freeway.controlplane.tagging.Offender;
import dev.freeway.controlplane.tagging.Share;
import dev.freeway.controlplane.tagging.TagAudit;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
@Command(
    name = "tags",
    description =
        "Tells how well resources are tagged, and which are not. What cannot have tags does not"
            + " count; a blank value counts as missing.",
    mixinStandardHelpOptions = true)
final class TagsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private AccountOptions accounts = new AccountOptions();

  @Option(
      names = {"-R", "--required"},
      paramLabel = "KEY",
      split = ",",
      description =
          "tags that every resource has to have. Default: required_tags of freeway config; without,"
              + " any tag")
  private List<String> required = new ArrayList<>();

  @Option(
      names = {"-s", "--service", "--services"},
      paramLabel = "SERVICE",
      split = ",",
      description = "of these services. Default: all")
  private List<String> services = new ArrayList<>();

  @Option(names = "--untagged-only", description = "list what has no tag at all, and no totals")
  private boolean untaggedOnly;

  @Option(
      names = "--noncompliant-only",
      description = "list what lacks a required tag, and no totals")
  private boolean noncompliantOnly;

  @Option(names = "--include-defaults", description = "what AWS made itself, too")
  private boolean defaults;

  @Option(names = "--summary", description = "the totals alone")
  private boolean summary;

  @Override
  public Integer call() {
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
      output.rows(TOTALS, totals(audit));
    } else if (output.machine() || untaggedOnly || noncompliantOnly) {
      output.rows(OFFENDERS, rows(offenders));
    } else {
      output.write(
          out -> {
            RowsWriter.write(TOTALS, totals(audit), format, Console.width(), out);
            if (!offenders.isEmpty()) {
              out.println();
              RowsWriter.write(OFFENDERS, rows(offenders), format, Console.width(), out);
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

  private static final List<String> TOTALS = List.of("of", "name", "good", "all", "percent");
  private static final List<String> OFFENDERS =
      List.of("account", "region", "service", "type", "id", "name", "missing", "tags");

  private TagAudit audit(List<String> keys) {
    Set<String> taggable =
        Catalog.builtIn().types().stream()
            .filter(type -> !type.tags().text().isEmpty())
            .map(ResourceType::key)
            .collect(Collectors.toSet());
    Store store = stores.existing();
    List<Scan> scans = store.scans();
    ResourceFilter filter =
        accounts.narrow(ResourceFilter.CURRENT, scans).ofServices(services.toArray(String[]::new));
    try (Stream<StoredResource> resources = store.resources(filter)) {
      return TagAudit.of(
          resources
              .map(StoredResource::resource)
              .filter(resource -> defaults || !resource.isDefault())
              .filter(
                  resource ->
                      !resource.tags().isEmpty()
                          || taggable.contains(
                              resource.scope().service() + ":" + resource.scope().type()))
              .map(TagsCommand::bare),
          keys);
    }
  }

  /** Its document is of no use here and may be large. */
  private static Resource bare(Resource resource) {
    return new Resource(
        resource.scope(),
        resource.id(),
        resource.arn(),
        resource.name(),
        resource.isDefault(),
        resource.created(),
        resource.parent(),
        resource.tags(),
        "{}");
  }

  private static List<List<? extends @Nullable Object>> totals(TagAudit audit) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    rows.add(total("all", "", audit.overall()));
    audit.byTag().forEach((key, share) -> rows.add(total("tag", key, share)));
    audit.byService().forEach((service, share) -> rows.add(total("service", service, share)));
    return rows;
  }

  private static List<Object> total(String of, String name, Share share) {
    return List.of(of, name, share.good(), share.all(), share.percent());
  }

  private static List<List<? extends @Nullable Object>> rows(List<Offender> offenders) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    for (Offender offender : offenders) {
      Resource resource = offender.resource();
      rows.add(
          List.of(
              resource.scope().account(),
              resource.scope().region(),
              resource.scope().service(),
              resource.scope().type(),
              resource.id(),
              resource.name(),
              resource.tags().isEmpty() ? "all" : String.join(", ", offender.missing()),
              resource.tags().size()));
    }
    return rows;
  }

  private ObjectNode document(List<String> keys, TagAudit audit, List<Offender> offenders) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    ArrayNode asked = document.putArray("required");
    keys.forEach(asked::add);
    share(document.putObject("overall"), audit.overall());
    shares(document.putObject("tags"), audit.byTag());
    shares(document.putObject("services"), audit.byService());
    if (summary) {
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
