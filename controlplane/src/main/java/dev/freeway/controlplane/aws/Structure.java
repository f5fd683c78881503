package dev.freeway.controlplane.aws;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.utils.builder.Buildable;

/** The values of a {@link Shape}, which the SDK fills and reads as one of its own. */
final class Structure implements SdkPojo, Buildable, Structured {
  private final Shape shape;
  private final Function<String, Shape> shapes;
  private final @Nullable Object[] values;

  Structure(Shape shape, Function<String, Shape> shapes) {
    this.shape = shape;
    this.shapes = shapes;
    this.values = new Object[shape.members().size()];
  }

  @Override
  public Structure structure() {
    return this;
  }

  Shape shape() {
    return shape;
  }

  @Nullable Object get(int index) {
    return values[index];
  }

  void set(int index, @Nullable Object value) {
    values[index] = value;
  }

  @Override
  public List<SdkField<?>> sdkFields() {
    return shape.fields(shapes);
  }

  @Override
  public Object build() {
    return this;
  }
}
