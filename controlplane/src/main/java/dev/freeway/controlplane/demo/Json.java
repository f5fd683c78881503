package dev.freeway.controlplane.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Documents in the making: maps and lists that can be changed. */
final class Json {
  private Json() {}

  /** An object of names and values in turn; an empty {@link Optional} leaves its name out. */
  static Map<String, Object> o(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = (String) namesAndValues[i];
      switch (namesAndValues[i + 1]) {
        case Optional<?> optional -> {
          if (optional.isPresent()) {
            object.put(name, optional.get());
          }
        }
        case Object value -> object.put(name, value);
      }
    }
    return object;
  }

  static List<Object> a(Object... elements) {
    return new ArrayList<>(Arrays.asList(elements));
  }

  /** A value that is only there when something holds. */
  static Optional<Object> when(boolean there, Object value) {
    return there ? Optional.of(value) : Optional.empty();
  }

  /** One more element of the list at a name, unless it is there. */
  static void append(Map<String, Object> object, String name, Object element) {
    List<Object> list = new ArrayList<>();
    if (object.get(name) instanceof List<?> before) {
      list.addAll(before);
    }
    if (!list.contains(element)) {
      list.add(element);
    }
    object.put(name, list);
  }

  /** Keys and values as ELB's attributes: {@code [{Key, Value}]}. */
  static List<Object> attributes(String... keysAndValues) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      list.add(o("Key", keysAndValues[i], "Value", keysAndValues[i + 1]));
    }
    return list;
  }

  /** What is at a name of an object that was made here. */
  static String text(Map<String, Object> object, String name) {
    return String.valueOf(object.get(name));
  }
}
