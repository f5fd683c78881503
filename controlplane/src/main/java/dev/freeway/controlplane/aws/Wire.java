package dev.freeway.controlplane.aws;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ClientEndpointProvider;
import software.amazon.awssdk.core.client.config.SdkClientConfiguration;
import software.amazon.awssdk.core.client.config.SdkClientOption;
import software.amazon.awssdk.core.http.HttpResponseHandler;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.protocols.core.OperationInfo;
import software.amazon.awssdk.protocols.core.ProtocolMarshaller;
import software.amazon.awssdk.protocols.json.AwsJsonProtocol;
import software.amazon.awssdk.protocols.json.AwsJsonProtocolFactory;
import software.amazon.awssdk.protocols.json.JsonOperationMetadata;
import software.amazon.awssdk.protocols.query.AwsEc2ProtocolFactory;
import software.amazon.awssdk.protocols.query.AwsQueryProtocolFactory;
import software.amazon.awssdk.protocols.query.unmarshall.XmlDomParser;
import software.amazon.awssdk.protocols.xml.AwsS3ProtocolFactory;
import software.amazon.awssdk.protocols.xml.AwsXmlProtocolFactory;
import software.amazon.awssdk.protocols.xml.XmlOperationMetadata;
import tools.jackson.databind.node.ObjectNode;

/**
 * A service's requests and answers as bytes, by the SDK's marshallers for its protocol. CBOR is
 * spoken by no service that does not take JSON as well.
 */
final class Wire {
  /** A place that stands for the endpoint until the region is known. */
  private static final URI NOWHERE = URI.create("https://nowhere.invalid");

  /** Of S3's GetBucketLocation. */
  private static final String LOCATION = "LocationConstraint";

  private static final ExecutionAttributes NONE = new ExecutionAttributes();

  /** What differs from protocol to protocol. */
  private interface Codec {
    ProtocolMarshaller<SdkHttpFullRequest> marshaller(OperationInfo operation);

    HttpResponseHandler<Answer> answers(Supplier<Answer.Filling> filling);

    HttpResponseHandler<AwsServiceException> errors();
  }

  private final ServiceModel model;
  private final Codec codec;
  private final Map<String, OperationInfo> operations = new ConcurrentHashMap<>();
  private final Map<String, Shape> said = new ConcurrentHashMap<>();

  @SuppressWarnings({"unchecked", "rawtypes"}) // the SDK's own builders are raw
  Wire(ServiceModel model) {
    this.model = model;
    SdkClientConfiguration configuration =
        SdkClientConfiguration.builder()
            .option(
                SdkClientOption.CLIENT_ENDPOINT_PROVIDER,
                ClientEndpointProvider.create(NOWHERE, false))
            .build();
    this.codec =
        switch (model.protocol()) {
          case QUERY ->
              query(
                  AwsQueryProtocolFactory.builder()
                      .clientConfiguration(configuration)
                      .defaultServiceExceptionSupplier(AwsServiceException::builder)
                      .build());
          case EC2 ->
              query(
                  AwsEc2ProtocolFactory.builder()
                      .clientConfiguration(configuration)
                      .defaultServiceExceptionSupplier(AwsServiceException::builder)
                      .build());
          case REST_XML ->
              xml(
                  (model.module().equals("s3")
                          ? AwsS3ProtocolFactory.builder()
                          : AwsXmlProtocolFactory.builder())
                      .clientConfiguration(configuration)
                      .defaultServiceExceptionSupplier(AwsServiceException::builder)
                      .build());
          case JSON, REST_JSON, CBOR ->
              json(
                  AwsJsonProtocolFactory.builder()
                      .clientConfiguration(configuration)
                      .defaultServiceExceptionSupplier(AwsServiceException::builder)
                      .protocol(
                          model.protocol() == ServiceModel.Protocol.REST_JSON
                              ? AwsJsonProtocol.REST_JSON
                              : AwsJsonProtocol.AWS_JSON)
                      .protocolVersion(model.jsonVersion())
                      .hasAwsQueryCompatible(model.queryCompatible())
                      .build());
        };
  }

  private Codec query(AwsQueryProtocolFactory factory) {
    return new Codec() {
      @Override
      public ProtocolMarshaller<SdkHttpFullRequest> marshaller(OperationInfo operation) {
        return factory.createProtocolMarshaller(operation);
      }

      @Override
      public HttpResponseHandler<Answer> answers(Supplier<Answer.Filling> filling) {
        return factory.createResponseHandler(filling::get);
      }

      @Override
      public HttpResponseHandler<AwsServiceException> errors() {
        return factory.createErrorResponseHandler();
      }
    };
  }

  private Codec xml(AwsXmlProtocolFactory factory) {
    return new Codec() {
      @Override
      public ProtocolMarshaller<SdkHttpFullRequest> marshaller(OperationInfo operation) {
        return factory.createProtocolMarshaller(operation);
      }

      @Override
      public HttpResponseHandler<Answer> answers(Supplier<Answer.Filling> filling) {
        return factory.createResponseHandler(filling::get, new XmlOperationMetadata());
      }

      @Override
      public HttpResponseHandler<AwsServiceException> errors() {
        return factory.createErrorResponseHandler();
      }
    };
  }

  private Codec json(AwsJsonProtocolFactory factory) {
    JsonOperationMetadata plain =
        JsonOperationMetadata.builder()
            .hasStreamingSuccessResponse(false)
            .isPayloadJson(true)
            .build();
    return new Codec() {
      @Override
      public ProtocolMarshaller<SdkHttpFullRequest> marshaller(OperationInfo operation) {
        return factory.createProtocolMarshaller(operation);
      }

      @Override
      public HttpResponseHandler<Answer> answers(Supplier<Answer.Filling> filling) {
        return factory.createResponseHandler(plain, filling::get);
      }

      @Override
      public HttpResponseHandler<AwsServiceException> errors() {
        return factory.createErrorResponseHandler(plain, _ -> Optional.empty());
      }
    };
  }

  /** A structure of the model, with times as text. */
  private Shape said(String name) {
    return said.computeIfAbsent(name, _ -> model.shape(name).timesAsText());
  }

  private Answer.Filling filling(Shape shape) {
    return new Answer.Filling(new Structure(shape, model::shape));
  }

  /**
   * A request, not yet for any endpoint.
   *
   * @throws IllegalArgumentException when a value does not fit its member
   */
  SdkHttpFullRequest request(Operation operation, Map<String, ?> values) {
    Structure input = Documents.structure(operation.input(), model::shape, values);
    SdkHttpFullRequest request =
        codec
            .marshaller(operations.computeIfAbsent(operation.name(), _ -> info(operation)))
            .marshall(input);
    return switch (model.protocol()) {
      case QUERY, EC2 -> asForm(request);
      case JSON, REST_JSON, REST_XML, CBOR -> withHeaders(request);
    };
  }

  /**
   * With its parameters in the body, as the SDK's clients send them: as a query they may be longer
   * than a URL can be.
   */
  private static SdkHttpFullRequest asForm(SdkHttpFullRequest request) {
    byte[] form =
        request.encodedQueryParametersAsFormData().orElse("").getBytes(StandardCharsets.UTF_8);
    return request.toBuilder()
        .clearQueryParameters()
        .contentStreamProvider(() -> new ByteArrayInputStream(form))
        .putHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        .putHeader("Content-Length", Integer.toString(form.length))
        .build();
  }

  /** What interceptors of the SDK's clients add, without which two services answer otherwise. */
  private SdkHttpFullRequest withHeaders(SdkHttpFullRequest request) {
    return switch (model.module()) {
      case "apigateway" -> // HAL otherwise
          request.toBuilder().putHeader("Accept", "application/json").build();
      case "glacier" ->
          request.toBuilder()
              .putHeader("Accept", "application/json")
              .putHeader("x-amz-glacier-version", "2012-06-01")
              .build();
      default -> request;
    };
  }

  private OperationInfo info(Operation operation) {
    OperationInfo.Builder info =
        OperationInfo.builder()
            .requestUri(operation.uri())
            .httpMethod(SdkHttpMethod.fromValue(operation.method()))
            .hasPayloadMembers(operation.payloadMembers())
            .hasExplicitPayloadMember(operation.explicitPayload())
            .hasImplicitPayloadMembers(operation.implicitPayload());
    if (!operation.identifier().isEmpty()) {
      info.operationIdentifier(operation.identifier());
    }
    if (!model.apiVersion().isEmpty()) {
      info.apiVersion(model.apiVersion());
    }
    return info.build();
  }

  /** What an answer says, as JSON. */
  ObjectNode answer(Operation operation, SdkHttpFullResponse response) throws Exception {
    ObjectNode answer;
    try {
      answer =
          Documents.json(
              codec.answers(() -> filling(operation.output())).handle(response, NONE).structure());
    } catch (RuntimeException e) {
      if (response.content().isEmpty() || !response.content().get().markSupported()) {
        throw e;
      }
      // Emulators write times in ways of their own, and the SDK then reads nothing of an answer.
      response.content().get().reset();
      Structure structure = new Structure(operation.output().timesAsText(), this::said);
      answer =
          Documents.json(
              codec
                  .answers(() -> new Answer.Filling(structure))
                  .handle(response, NONE)
                  .structure());
    }
    String location = answer.path(LOCATION).asString("");
    if (location.startsWith("<")) { // the SDK takes the whole body for the text
      byte[] body = location.getBytes(StandardCharsets.UTF_8);
      String said = XmlDomParser.parse(new ByteArrayInputStream(body)).textContent();
      answer.put(LOCATION, said == null ? "" : said);
    }
    return answer;
  }

  /** What a refusal says. */
  AwsServiceException error(SdkHttpFullResponse response) throws Exception {
    return codec.errors().handle(response, new ExecutionAttributes());
  }
}
