package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resource as the catalogue has it read out of its document.
 *
 * @param relations what the document names
 * @param lasting what of its document counts as a change
 */
public record Found(Resource resource, List<Relation> relations, Lasting lasting) {
  private static final String PARTITION = "aws";
  private static final JsonMapper JSON = new JsonMapper();

  /** Copies the relations. */
  public Found {
    relations = List.copyOf(relations);
  }

  /**
   * A document with its details, made up as AWS would answer, as a scan takes it in.
   *
   * @param account twelve digits
   * @param region where the list was asked
   * @param parents types and documents of what it belongs to, the nearest first
   * @throws IllegalArgumentException when it has no id
   */
  public static Found of(
      ResourceType type, JsonNode document, String account, String region, List<Parent> parents) {
    Item belongsTo = null;
    for (Parent parent : parents.reversed()) {
      belongsTo = item(parent.type(), parent.document(), belongsTo, account, region);
    }
    Item item = item(type, document, belongsTo, account, region);
    SortedMap<String, String> tags =
        type.tags().steps().isEmpty()
            ? new TreeMap<>()
            : type.tags().first(item.document()).map(Documents::tags).orElseGet(TreeMap::new);
    return of(
        item,
        account,
        item.column(type.scope().kind() == ListScope.Kind.GLOBAL),
        tags,
        type.isDefault().map(rule -> rule.holds(item.document())).orElse(false));
  }

  /** What a resource's document names. */
  public static List<Relation> relations(Resource resource) {
    return Documents.relations(
        resource.scope(),
        resource.id(),
        resource.arn(),
        JSON.readTree(resource.document()).asObject());
  }

  /** What a made-up resource belongs to. */
  public record Parent(ResourceType type, JsonNode document) {}

  private static Item item(
      ResourceType type, JsonNode document, @Nullable Item parent, String account, String region) {
    return new Item(type, document, parent, account, PARTITION, region);
  }

  /** Takes the secrets out of the item's document, too. */
  static Found of(
      Item item, String account, String region, SortedMap<String, String> tags, boolean isDefault) {
    ResourceType type = item.type();
    ObjectNode document = item.document();
    String id = item.id();
    String arn = item.arn();
    String name =
        type.displayName()
            .fill(item)
            .or(() -> Optional.ofNullable(tags.get("Name")))
            .filter(text -> !text.isEmpty())
            .orElse(id);
    Documents.decode(document, type.decode());
    Secrets.redact(document, type.redact());
    Scope scope = new Scope(account, type.service(), region, type.name());
    return new Found(
        new Resource(
            scope,
            id,
            arn,
            name,
            isDefault,
            type.created().flatMap(path -> path.first(document)).flatMap(Documents::time),
            item.belongsTo().map(Item::id).orElse(""),
            tags,
            document.toString()),
        Documents.relations(scope, id, arn, document),
        type.lasting());
  }
}
