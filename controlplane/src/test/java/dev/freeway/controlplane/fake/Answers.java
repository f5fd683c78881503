package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel.Protocol;
import dev.freeway.controlplane.aws.Shape;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers as bytes of their service's protocol. */
final class Answers {
  private static final String XML = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

  private Answers() {}

  /**
   * An answer.
   *
   * @param document by the model's names
   * @param unknown whether it has members that no model knows
   * @throws IllegalArgumentException when the document does not fit the operation's shapes
   */
  static Reply of(Asked asked, ObjectNode document, boolean unknown) {
    Shape shape = asked.operation().output();
    Documents.check(asked.model(), shape, document);
    Reply reply = body(asked, shape, document, unknown).with("x-amzn-RequestId", "fake");
    int status = 200;
    for (Member member : shape.members()) {
      JsonNode value = document.path(member.name());
      if (value.isMissingNode()) {
        continue;
      }
      if (member.location() == Member.Location.HEADER) {
        reply =
            reply.with(
                XmlDocuments.tag(member),
                member.kind() == Member.Kind.INSTANT
                    ? Times.text(member, "RFC_822", Instant.parse(value.asString()))
                    : value.asString());
      } else if (member.location() == Member.Location.STATUS_CODE) {
        status = value.asInt();
      }
    }
    return new Reply(status, reply.headers(), reply.body(), reply.manner());
  }

  private static Reply body(Asked asked, Shape shape, ObjectNode document, boolean unknown) {
    Protocol protocol = asked.model().protocol();
    String name = asked.operation().name();
    Member payload = shape.members().stream().filter(Member::payload).findFirst().orElse(null);
    StringBuilder xml = new StringBuilder(XML);
    XmlDocuments documents = new XmlDocuments(asked.model(), unknown);
    switch (protocol) {
      case JSON, CBOR, REST_JSON -> {
        String type =
            protocol == Protocol.REST_JSON
                ? "application/json"
                : "application/x-amz-json-" + asked.model().jsonVersion();
        JsonDocuments json = new JsonDocuments(asked.model(), unknown);
        if (payload == null) {
          return Reply.of(200, type, json.members(shape, document).toString());
        }
        JsonNode held = document.path(payload.name());
        return payload.kind() == Member.Kind.SDK_POJO
            ? Reply.of(200, type, json.value(payload, held).toString())
            : Reply.of(200, "application/octet-stream", held.asString(""));
      }
      case QUERY -> {
        xml.append('<').append(name).append("Response><").append(name).append("Result>");
        documents.members(xml, shape, document);
        xml.append("</").append(name).append("Result><ResponseMetadata>");
        XmlDocuments.text(xml, "RequestId", "fake");
        xml.append("</ResponseMetadata></").append(name).append("Response>");
      }
      case EC2 -> {
        xml.append('<').append(name).append("Response>");
        XmlDocuments.text(xml, "requestId", "fake");
        documents.members(xml, shape, document);
        xml.append("</").append(name).append("Response>");
      }
      case REST_XML -> {
        if (payload == null) {
          xml.append('<').append(name).append("Result>");
          documents.members(xml, shape, document);
          xml.append("</").append(name).append("Result>");
        } else if (payload.kind() == Member.Kind.SDK_POJO) {
          documents.value(xml, payload, XmlDocuments.tag(payload), document.path(payload.name()));
        } else if (asked.name().equals("s3:GetBucketLocation")) {
          xml.append("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
          XmlDocuments.escape(xml, document.path(payload.name()).asString(""));
          xml.append("</LocationConstraint>");
        } else {
          return Reply.of(
              200, "application/octet-stream", document.path(payload.name()).asString(""));
        }
      }
    }
    return Reply.of(200, "text/xml", xml.toString());
  }
}
