package dev.freeway.dataplane.admin;

import java.nio.charset.StandardCharsets;

/** An answer to a request: an HTTP status and a body. */
public final class Page {
  private final int status;
  private final String contentType;
  private final byte[] body;

  /** An answer of the given media type. */
  public Page(int status, String contentType, byte[] body) {
    this.status = status;
    this.contentType = contentType;
    this.body = body.clone();
  }

  /** One line of plain text. */
  public static Page text(int status, String line) {
    return new Page(
        status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  String contentType() {
    return contentType;
  }

  byte[] body() {
    return body.clone();
  }
}
