package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;

/**
 * A resource as it is to be written.
 *
 * @param tags as JSON
 * @param lasting what of a document's text counts as a change
 * @param digest of everything that is stored of it: equal digests, nothing to write
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
record Sight(
    Resource resource,
    List<Relation> relations,
    String tags,
    UnaryOperator<String> lasting,
    byte[] digest) {
  private static final int DIGEST_BYTES = 16;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Sight of(Resource resource, List<Relation> relations, UnaryOperator<String> lasting) {
    String tags = JSON.writeValueAsString(resource.tags());
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String part :
          List.of(
              resource.arn(),
              resource.name(),
              resource.parent(),
              resource.isDefault() + " " + resource.created(),
              tags,
              resource.document())) {
        add(sha, part);
      }
      for (Relation relation : relations) {
        add(sha, relation.path());
        add(sha, relation.target());
      }
      return new Sight(
          resource,
          List.copyOf(relations),
          tags,
          lasting,
          Arrays.copyOf(sha.digest(), DIGEST_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest sha, String part) {
    sha.update(part.getBytes(StandardCharsets.UTF_8));
    sha.update((byte) 0);
  }
}
