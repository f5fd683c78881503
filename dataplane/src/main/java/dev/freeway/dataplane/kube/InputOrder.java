package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import java.util.Comparator;

/** The order in which errors are told: by file, document number, field. */
final class InputOrder {
  static final Comparator<InputError> ERRORS =
      Comparator.comparing(InputError::file)
          .thenComparingInt(error -> number(error.document()))
          .thenComparing(InputError::document)
          .thenComparing(InputError::field)
          .thenComparing(InputError::value)
          .thenComparing(InputError::expected);

  private InputOrder() {}

  private static int number(String document) {
    int number = 0;
    for (int i = 0; i < Math.min(9, document.length()); i++) {
      char c = document.charAt(i);
      if (c < '0' || c > '9') {
        break;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
