package dev.freeway.controlplane;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What is asked for AWS in a rehearsal: an account with a region, a VPC and a queue, and nothing
 * else. Each connection has a virtual thread.
 */
final class Stage {
  private Stage() {}

  /** Answers until the socket is closed. */
  static void serve(ServerSocket stage) {
    while (true) {
      try {
        Socket connection = stage.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException _) {
        return; // it was closed
      }
    }
  }

  private static void serve(Socket accepted) {
    try (Socket connection = accepted) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (true) {
        String head = head(in);
        if (head.isEmpty()) {
          return;
        }
        int length = head.indexOf("content-length: ");
        String body =
            length < 0
                ? ""
                : new String(
                    in.readNBytes(
                        Integer.parseInt(head.substring(length + 16, head.indexOf('\r', length)))),
                    StandardCharsets.UTF_8);
        String answer = answer(head + body);
        connection
            .getOutputStream()
            .write(
                ("HTTP/1.1 200 OK\r\nContent-Type: "
                        + (answer.startsWith("{") ? "application/json" : "text/xml")
                        + "\r\nContent-Length: "
                        + answer.length()
                        + "\r\n\r\n"
                        + answer)
                    .getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException _) {
      // the caller went
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.append((char) next);
      if (head.length() > 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.toString().toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }

  private static String answer(String asked) {
    if (asked.contains("GetCallerIdentity")) {
      return "<R><GetCallerIdentityResult><Account>123456789012</Account>"
          + "<Arn>arn:aws:iam::123456789012:user/r</Arn></GetCallerIdentityResult></R>";
    }
    if (asked.contains("DescribeRegions")) {
      return "<R><regionInfo><item><regionName>us-east-1</regionName>"
          + "<optInStatus>opt-in-not-required</optInStatus></item></regionInfo></R>";
    }
    if (asked.contains("DescribeVpcs")) {
      return "<R><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>false</isDefault></item></vpcSet></R>";
    }
    if (asked.contains("amazonsqs.listqueues")) {
      return "{\"QueueUrls\":[\"https://sqs.us-east-1.amazonaws.com/123456789012/q\"]}";
    }
    return asked.contains("x-amz-target") || asked.contains("json") || asked.startsWith("get")
        ? "{}"
        : "<R/>";
  }
}
