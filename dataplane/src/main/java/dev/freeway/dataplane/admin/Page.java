package dev.freeway.dataplane.admin;

import java.nio.charset.StandardCharsets;

/** An answer to a request: an HTTP status and a body. */
public final class Page {
  /** A browser that is led to an answer makes nothing of it but text. */
  static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

  private final int status;
  private final String contentType;
  private final byte[] body;
  private final String policy;

  /** An answer of the given media type. */
  public Page(int status, String contentType, byte[] body) {
    this(status, contentType, body, NOTHING);
  }

  private Page(int status, String contentType, byte[] body, String policy) {
    this.status = status;
    this.contentType = contentType;
    this.body = body.clone();
    this.policy = policy;
  }

  /** A page for people, and what a browser may do with it (Content-Security-Policy). */
  static Page html(byte[] body, String policy) {
    return new Page(200, "text/html; charset=utf-8", body, policy);
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

  String policy() {
    return policy;
  }

  byte[] body() {
    return body.clone();
  }
}
