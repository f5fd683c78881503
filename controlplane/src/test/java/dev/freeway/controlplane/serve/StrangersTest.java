package dev.freeway.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What another site may lead a browser to ask: the page itself and nothing that answers. */
@Timeout(60)
class StrangersTest {
  private final Served served;

  StrangersTest(@TempDir Path directory) throws IOException {
    served = new Served(directory);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private String said(String request) throws IOException {
    URI url = URI.create(served.url());
    String[] parts = request.split("\n", 2);
    String head = "Host: localhost:" + url.getPort() + "\r\nConnection: close\r\n";
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(
              (parts[0] + " HTTP/1.1\r\n" + head + parts[1].replace("\n", "\r\n"))
                  .getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aLinkLeadsToThePageAndToNoPartOfIt() throws IOException {
    String link =
        "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n\n";
    assertThat(said("GET /\n" + link)).startsWith("HTTP/1.1 200");
    assertThat(said("GET /part?name=data\n" + link)).startsWith("HTTP/1.1 403");
    assertThat(said("GET /nothing\n" + link)).startsWith("HTTP/1.1 403");
  }

  @Test
  void aBodyThatDoesNotSayWhatItIsIsNotRead() throws IOException {
    String body = "Content-Length: 2\n\n{}";
    assertThat(said("POST /api/queries\n" + body)).startsWith("HTTP/1.1 415");
    assertThat(said("POST /api/queries\nContent-Type: application/jsonp\n" + body))
        .startsWith("HTTP/1.1 415");
    assertThat(said("POST /api/queries\nContent-Type: application/json; charset=utf-8\n" + body))
        .startsWith("HTTP/1.1 200");
  }
}
