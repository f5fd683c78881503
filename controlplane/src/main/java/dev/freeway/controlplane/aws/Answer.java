package dev.freeway.controlplane.aws;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsResponse;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.utils.builder.Buildable;

/** A whole answer: its {@link Structure} in the clothes that the SDK's response handlers expect. */
final class Answer extends AwsResponse {
  private final Structure structure;

  private Answer(Filling filling) {
    super(filling);
    this.structure = filling.structure;
  }

  Structure structure() {
    return structure;
  }

  @Override
  public Filling toBuilder() {
    return new Filling(structure, this);
  }

  @Override
  public List<SdkField<?>> sdkFields() {
    return structure.sdkFields();
  }

  @Override
  public <T> Optional<T> getValueForField(String fieldName, Class<T> type) {
    return Optional.empty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  /** What a response handler fills. */
  static final class Filling extends AwsResponse.BuilderImpl
      implements SdkPojo, Buildable, Structured {
    private final Structure structure;

    Filling(Structure structure) {
      this.structure = structure;
    }

    private Filling(Structure structure, Answer answer) {
      super(answer);
      this.structure = structure;
    }

    @Override
    public Structure structure() {
      return structure;
    }

    @Override
    public List<SdkField<?>> sdkFields() {
      return structure.sdkFields();
    }

    @Override
    public Answer build() {
      return new Answer(this);
    }
  }
}
