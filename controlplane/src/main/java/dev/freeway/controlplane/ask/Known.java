package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What words of an inventory itself a question may use: accounts, tags, names. */
interface Known {
  /** One of which nothing is known. */
  Known NOTHING =
      new Known() {
        @Override
        public Map<String, String> accounts() {
          return Map.of();
        }

        @Override
        public Map<String, Set<String>> tags() {
          return Map.of();
        }

        @Override
        public boolean isName(String word) {
          return false;
        }

        @Override
        public boolean isName(List<ResourceType> types, String word) {
          return false;
        }

        @Override
        public boolean areRelated(ResourceType one, ResourceType other) {
          return false;
        }
      };

  /** Aliases in lower case, with the twelve digits. */
  Map<String, String> accounts();

  /** Tags' keys as they are, each with its values in lower case where they are few. */
  Map<String, Set<String>> tags();

  /** Whether a resource has this name or id. */
  boolean isName(String word);

  /** Whether a resource of one of the types has this name or id. */
  boolean isName(List<ResourceType> types, String word);

  /** Whether any resource of one type names one of another. */
  boolean areRelated(ResourceType one, ResourceType other);

  /**
   * How many of the calls that list types were refused or failed, and have not been made good for.
   *
   * @param types none for all calls
   * @param account that alone is asked, when there is one
   */
  default long unseen(Collection<ResourceType> types, Optional<String> account) {
    return 0;
  }
}
