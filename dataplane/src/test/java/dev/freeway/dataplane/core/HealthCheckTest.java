package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HealthCheckTest {
  private static final String RATES = ",interval=1s,timeout=1s,rise=2,fall=3";

  /** What is read, and how it is written again. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "tcp                                  ; tcp",
        "  tcp , port = 81                    ; tcp,port=81",
        "http                                 ; http",
        "http,path=/                          ; http",
        "http,path=/x                         ; http,path=/x",
        "http,status=200                      ; http,status=200",
        "http,status=200-399                  ; http",
        "http,status=404|200-299|300-399      ; http,status=200-399|404",
        "http,status=200|201|203-204|202      ; http,status=200-204",
        "http,host=a.example:8080             ; http,host=a.example:8080",
        "http,header=Content-Type: json       ; http,header=content-type:json",
        "http,header=x:a:b                    ; http,header=x:a:b",
        "http,body=all well                   ; http,body=all well",
        "http,body=a\\x2cb                    ; http,body=a\\x2cb",
        "http,body=a\\x61\\\\=                ; http,body=aa\\\\=",
        "http,body=\\x20x\\x20y\\x20          ; http,body=\\x20x y\\x20",
        "http,body=grün                       ; http,body=gr\\xc3\\xbcn",
        "http2,path=/a?b=c                    ; http2,path=/a?b=c",
        "https2,tls-verify=true,expiry=336h   ; https2,tls-verify=true",
        "https,tls-verify=false,expiry=36h    ; https,expiry=36h",
        "tls,host=a.example,tls-sni=false     ; tls,host=a.example,tls-sni=false",
        "tls,host=a.example,tls-sni=true      ; tls,host=a.example",
        "tls,host=a.example,expiry=0s         ; tls,host=a.example,expiry=0s",
        "grpc                                 ; grpc",
        "grpc,service=shop.Cart               ; grpc,service=shop.Cart",
        "grpcs,service=,expiry=30d            ; grpcs,expiry=30d",
        "udp,send=ping                        ; udp,send=ping",
        "udp,expect=pong,send=\\x00\\xFFping  ; udp,send=\\x00\\xffping,expect=pong",
        "dns,name=Example.com.                ; dns,name=Example.com",
        "dns,type=AAAA,name=_a.b              ; dns,name=_a.b,type=AAAA",
        "dns,type=A,name=localhost            ; dns,name=localhost",
      })
  void readsAndWrites(String text, String written) {
    HealthCheck check = right(text);
    assertThat(check.text()).isEqualTo(written + RATES);
    assertThat(right(check.text())).isEqualTo(check).hasToString(check.text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tcp,interval=500ms;                     interval=500ms,timeout=500ms,rise=2,fall=3",
        "tcp,interval=1500ms,timeout=10ms;       interval=1500ms,timeout=10ms,rise=2,fall=3",
        "tcp,interval=60s;                       interval=1m,timeout=1s,rise=2,fall=3",
        "tcp,interval=60m,timeout=60s;           interval=1h,timeout=1m,rise=2,fall=3",
        "tcp,fall=1,rise=100,timeout=1000ms;     interval=1s,timeout=1s,rise=100,fall=1",
      })
  void hasRates(String text, String written) {
    assertThat(right(text).text()).isEqualTo("tcp," + written);
  }

  /** What is wrong, and the beginning of what would be right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``;                               ``;                tcp, tls, http",
        "htp;                              htp;               did you mean http?",
        "HTTP;                             HTTP;              did you mean http?",
        "pigeon;                           pigeon;            tcp, tls, http",
        "path=/x;                          path=/x;           tcp, tls, http",
        "tcp,;                             ``;                port, interval",
        "tcp,path=/x;                      path;              port, interval",
        "tcp,intervall=1s;                 intervall;         did you mean interval?",
        "http,timeout;                     timeout;           timeout=1s",
        "http,send=x;                      send;              port, path",
        "http,tls-verify=true;             tls-verify;        port, path",
        "grpc,expiry=1d;                   expiry;            port, host",
        "udp,path=/;                       path;              port, send, expect",
        "udp;                              udp;               send=, the datagram",
        "udp,expect=x;                     udp;               send=, the datagram",
        "http,path=x;                      path=x;            a path of printable",
        "http,path=/a b;                   path=/a b;         a path of printable",
        "http,path=;                       path=;             a path of printable",
        "http,host=a b;                    host=a b;          a name or an IPv4",
        "http,host=;                       host=;             a name or an IPv4",
        "http,status=99;                   status=99;         codes from 100",
        "http,status=600;                  status=600;        codes from 100",
        "http,status=300-200;              status=300-200;    codes from 100",
        "http,status=200|;                 status=200|;       codes from 100",
        "http,header=x;                    header=x;          a header's name",
        "http,header=x y:z;                header=x y:z;      a header's name",
        "http,header=x:;                   header=x:;         a header's name",
        "http,body=;                       body=;             text of 1 to 1024 bytes",
        "http,body=\\y;                    body=\\y;          text of 1 to 1024 bytes",
        "http,body=\\x2;                   body=\\x2;         text of 1 to 1024 bytes",
        "http,port=0;                      port=0;            a whole number from 1 to 65535",
        "http,port=65536;                  port=65536;        a whole number from 1 to 65535",
        "http,port=080;                    port=080;          a whole number from 1 to 65535",
        "http,port=1,port=1;               port=1;            port once",
        "dns;                              dns;               name=, the name to ask for",
        "dns,name=a..b;                    name=a..b;         a name such as",
        "dns,name=-a;                      name=-a;           a name such as",
        "dns,name=a,type=MX;               type=MX;           A or AAAA",
        "tls,tls-verify=yes;               tls-verify=yes;    true or false",
        "tls,expiry=1y;                    expiry=1y;         a duration from 0s to 3650d",
        "tcp,interval=99ms;                interval=99ms;     a duration from 100ms to 1h",
        "tcp,interval=61m;                 interval=61m;      a duration from 100ms to 1h",
        "tcp,interval=1;                   interval=1;        a duration from 100ms to 1h",
        "tcp,interval=1s,timeout=1001ms;   timeout=1001ms;    `a duration from 10ms to 1s, the int`",
        "tcp,timeout=9ms;                  timeout=9ms;       a duration from 10ms to 1s",
        "tcp,rise=0;                       rise=0;            a whole number from 1 to 100",
        "tcp,fall=101;                     fall=101;          a whole number from 1 to 100",
        "tcp,fall=-1;                      fall=-1;           a whole number from 1 to 100",
      })
  void namesWhatIsWrongAndWhatWouldBeRight(String text, String word, String expected) {
    assertThat(HealthCheck.parse(text))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong -> {
              assertThat(wrong.word()).isEqualTo(word);
              assertThat(wrong.expected()).startsWith(expected);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {4097, 100_000})
  void aTextThatIsTooLongIsNotRepeated(int length) {
    assertThat(HealthCheck.parse("x".repeat(length)))
        .isEqualTo(new Reading.Wrong("x".repeat(32) + "...", "at most 4096 characters"));
  }

  @Test
  void aBodyOfMoreThanAKibibyteIsRefused() {
    assertThat(right("http,body=" + "x".repeat(1024))).isNotNull();
    assertThat(HealthCheck.parse("http,body=" + "x".repeat(1025)))
        .isInstanceOf(Reading.Wrong.class);
  }

  @Test
  void bytesAreWhatTheTextSays() {
    assertThat(right("udp,send=\\x00ü\\\\").question())
        .isInstanceOfSatisfying(
            Question.Datagram.class,
            datagram ->
                assertThat(datagram.send().bytes())
                    .isEqualTo("\0ü\\".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRecordIsAsBoundedAsItsText() {
    Duration second = Duration.ofSeconds(1);
    Question tcp = new Question.Connect();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HealthCheck(tcp, 0, second, second.plusMillis(1), 2, 3))
        .withMessageContaining("timeout");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HealthCheck(tcp, 0, Duration.ofMillis(99), second, 2, 3))
        .withMessageContaining("interval");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HealthCheck(tcp, 65536, second, second, 2, 3))
        .withMessageContaining("port");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HealthCheck(tcp, 0, second, second, 0, 3))
        .withMessageContaining("rise");
  }

  private static HealthCheck right(String text) {
    Reading reading = HealthCheck.parse(text);
    assertThat(reading).as(text).isInstanceOf(Reading.Right.class);
    return ((Reading.Right) reading).check();
  }
}
