package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * Documents as XML, named as a service's answers are.
 *
 * @param unknown whether each structure has a member that no model knows
 */
record XmlDocuments(ServiceModel model, boolean unknown) {

  /** What is within a structure's element. */
  void members(StringBuilder out, Shape shape, JsonNode document) {
    for (Member member : shape.members()) {
      JsonNode value = document.path(member.name());
      if (!value.isMissingNode()
          && member.location() == Member.Location.PAYLOAD
          && !member.xmlAttribute()) {
        value(out, member, tag(member), value);
      }
    }
    if (unknown) {
      out.append("<memberOfTomorrow><depth>1</depth><depth>2</depth></memberOfTomorrow>");
    }
  }

  /** An element. */
  void value(StringBuilder out, Member member, String tag, JsonNode value) {
    switch (member.kind()) {
      case LIST -> {
        Member of = member.of().orElseThrow();
        String held = member.memberLocation().isEmpty() ? tag(of) : member.memberLocation();
        if (member.flattened()) {
          value.forEach(element -> value(out, of, tag, element));
        } else {
          out.append('<').append(tag).append('>');
          value.forEach(element -> value(out, of, held, element));
          close(out, tag);
        }
      }
      case MAP -> {
        Member of = member.of().orElseThrow();
        String entry = member.flattened() ? tag : "entry";
        if (!member.flattened()) {
          out.append('<').append(tag).append('>');
        }
        value.forEachEntry(
            (key, element) -> {
              out.append('<').append(entry).append('>');
              text(out, member.keyLocation(), key);
              value(out, of, member.memberLocation(), element);
              close(out, entry);
            });
        if (!member.flattened()) {
          close(out, tag);
        }
      }
      case SDK_POJO -> {
        Shape shape = model.shape(member.structure());
        out.append('<').append(tag);
        for (Member attribute : shape.members()) {
          if (attribute.xmlAttribute() && value.has(attribute.name())) {
            String name = attribute.locationName();
            if (name.startsWith("xsi:")) {
              out.append(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
            }
            out.append(' ').append(name).append("=\"");
            escape(out, value.path(attribute.name()).asString());
            out.append('"');
          }
        }
        out.append('>');
        members(out, shape, value);
        close(out, tag);
      }
      case INSTANT ->
          text(out, tag, Times.text(member, "ISO_8601", Instant.parse(value.asString())));
      default -> text(out, tag, value.asString());
    }
  }

  static String tag(Member member) {
    return member.unmarshallName().isEmpty() ? member.locationName() : member.unmarshallName();
  }

  static void text(StringBuilder out, String tag, String text) {
    out.append('<').append(tag).append('>');
    escape(out, text);
    close(out, tag);
  }

  private static void close(StringBuilder out, String tag) {
    out.append("</").append(tag).append('>');
  }

  static void escape(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      switch (next) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\n' -> out.append("&#10;");
        case '\r' -> out.append("&#13;");
        case '\t' -> out.append("&#9;");
        default -> out.append(next);
      }
    }
  }
}
