package dev.freeway.dataplane.lab;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the {@link Segment}: one for the whole run, as emulated kernels take seconds for it.
 */
final class SharedSegment implements ParameterResolver {
  private record Closing(Segment segment) implements AutoCloseable {
    @Override
    public void close() {
      try {
        segment.close();
      } catch (Exception e) {
        throw new IllegalStateException("take the segment down", e);
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Segment.class;
  }

  @Override
  public Segment resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(Segment.class))
        .computeIfAbsent(Segment.class, _ -> open(), Closing.class)
        .segment();
  }

  private static Closing open() {
    try {
      return new Closing(Segment.open());
    } catch (Exception e) {
      throw new ParameterResolutionException("set the segment up: " + e.getMessage(), e);
    }
  }
}
