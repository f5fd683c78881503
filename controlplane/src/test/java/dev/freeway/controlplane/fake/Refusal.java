package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.ServiceModel.Protocol;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A refusal in AWS's words.
 *
 * @param code empty where a service says none
 */
record Refusal(int status, String code, String message) {

  /** One request too many, as each service says it. */
  static Refusal throttled(ServiceModel model) {
    return switch (model.protocol()) {
      case EC2 -> new Refusal(503, "RequestLimitExceeded", "Request limit exceeded.");
      case QUERY -> new Refusal(400, "Throttling", "Rate exceeded");
      case JSON, CBOR -> new Refusal(400, "ThrottlingException", "Rate exceeded");
      case REST_JSON -> new Refusal(429, "TooManyRequestsException", "Rate exceeded");
      case REST_XML ->
          model.module().startsWith("s3")
              ? new Refusal(503, "SlowDown", "Please reduce your request rate.")
              : new Refusal(400, "Throttling", "Rate exceeded");
    };
  }

  /** Not allowed, as each service says it. */
  static Refusal denied(Asked asked) {
    String message =
        "User: arn:aws:iam::%s:user/audit is not authorized to perform: %s"
            .formatted(asked.account(), asked.name());
    return switch (asked.model().protocol()) {
      case EC2 -> new Refusal(403, "UnauthorizedOperation", message);
      case QUERY, REST_XML -> new Refusal(403, "AccessDenied", message);
      case JSON, CBOR -> new Refusal(400, "AccessDeniedException", message);
      case REST_JSON -> new Refusal(403, "AccessDeniedException", message);
    };
  }

  /** The credentials are no longer valid, as each service says it. */
  static Refusal expired(ServiceModel model) {
    String message = "The security token included in the request is expired";
    return switch (model.protocol()) {
      case EC2 -> new Refusal(400, "RequestExpired", message);
      case QUERY, REST_XML ->
          new Refusal(model.module().equals("s3") ? 400 : 403, "ExpiredToken", message);
      case JSON, CBOR -> new Refusal(400, "ExpiredTokenException", message);
      case REST_JSON -> new Refusal(403, "ExpiredTokenException", message);
    };
  }

  /** The account has not asked for the service. */
  static Refusal optIn(ServiceModel model) {
    String message = "The AWS Access Key Id needs a subscription for the service";
    return switch (model.protocol()) {
      case JSON, CBOR, REST_JSON -> new Refusal(400, "SubscriptionRequiredException", message);
      case EC2, QUERY, REST_XML -> new Refusal(403, "OptInRequired", message);
    };
  }

  /** A page token that is of another query, or too old. */
  static Refusal token(ServiceModel model, String why) {
    return switch (model.protocol()) {
      case EC2 -> new Refusal(400, "InvalidNextToken.Malformed", why);
      case QUERY -> new Refusal(400, "ValidationError", why);
      case REST_XML -> new Refusal(400, "InvalidArgument", why);
      case JSON, CBOR, REST_JSON -> new Refusal(400, "InvalidNextTokenException", why);
    };
  }

  /** As bytes of the service's protocol. */
  Reply in(ServiceModel model) {
    if (code.isEmpty()) {
      return Reply.of(status, "application/octet-stream", "");
    }
    Protocol protocol = model.protocol();
    if (protocol == Protocol.JSON || protocol == Protocol.CBOR || protocol == Protocol.REST_JSON) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      if (protocol == Protocol.REST_JSON) {
        body.put("message", message);
        return Reply.of(status, "application/json", body.toString())
            .with("x-amzn-ErrorType", code + ":http://internal.amazon.com/coral/");
      }
      body.put("__type", model.jsonVersion().equals("1.0") ? "com.amazonaws.fake#" + code : code);
      body.put(model.jsonVersion().equals("1.0") ? "message" : "Message", message);
      Reply reply =
          Reply.of(status, "application/x-amz-json-" + model.jsonVersion(), body.toString());
      return model.queryCompatible() ? reply.with("x-amzn-query-error", code + ";Sender") : reply;
    }
    StringBuilder error = new StringBuilder("<Error>");
    XmlDocuments.text(error, "Code", code);
    XmlDocuments.text(error, "Message", message);
    error.append("</Error>");
    String body =
        switch (protocol) {
          case EC2 ->
              "<Response><Errors>" + error + "</Errors><RequestID>fake</RequestID></Response>";
          case REST_XML -> model.module().equals("s3") ? error.toString() : wrapped(error);
          default -> wrapped(error);
        };
    return Reply.of(status, "text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + body);
  }

  private static String wrapped(CharSequence error) {
    return "<ErrorResponse>" + error + "<RequestId>fake</RequestId></ErrorResponse>";
  }
}
