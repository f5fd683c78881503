package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.ask.Understanding;
import java.util.Optional;

/** Understands questions in English. */
@FunctionalInterface
public interface Questions {
  /**
   * Understands a question, or does not; runs nothing.
   *
   * @param account twelve digits, of this one alone
   */
  Understanding ask(String question, Optional<String> account);
}
