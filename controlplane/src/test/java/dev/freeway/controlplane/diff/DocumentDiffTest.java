package dev.freeway.controlplane.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DocumentDiffTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1} | {\"a\":1} | ''",
        "{\"a\":1} | {\"a\":2} | a: 1 > 2",
        "{\"a\":{\"b\":1}} | {\"a\":{\"b\":1,\"c\":null}} | a.c:  > null",
        "{\"a\":1} | {} | a: 1 > ",
        "{\"a\":1} | {\"a\":{\"b\":1}} | a: 1 > {\"b\":1}",
        "{\"Tags\":[1],\"a\":{\"Tags\":1}} | {\"Tags\":[2],\"a\":{\"Tags\":2}} | a.Tags: 1 > 2",
        "{\"a\":[1,2]} | {\"a\":[2,1]} | ''",
        "{\"a\":[1,1]} | {\"a\":[1]} | a: [1,1] > [1]",
        "{\"a\":[{\"GroupId\":\"x\",\"v\":1},{\"GroupId\":\"y\"}]} | {\"a\":[{\"GroupId\":\"y\"},{\"GroupId\":\"x\",\"v\":2}]} | a[GroupId=x].v: 1 > 2",
        "{\"a\":[{\"GroupId\":\"x\"}]} | {\"a\":[{\"GroupId\":\"z\"}]} | a[GroupId=x]: {\"GroupId\":\"x\"} > ; a[GroupId=z]:  > {\"GroupId\":\"z\"}",
        "{\"a\":[{\"v\":1},{\"v\":2}]} | {\"a\":[{\"v\":1},{\"v\":3}]} | a[1].v: 2 > 3",
        "{\"a\":[]} | {\"a\":[{\"Id\":\"x\"}]} | a[Id=x]:  > {\"Id\":\"x\"}",
        "{\"a\":[{\"Id\":{\"n\":1}}]} | {\"a\":[{\"Id\":{\"n\":2}}]} | a[0].Id.n: 1 > 2",
        "{\"a\":[]} | {\"a\":[{\"v\":3}]} | a: [] > [{\"v\":3}]",
        "{\"a\":[{\"Id\":\"x\",\"v\":1},{\"Id\":\"y\",\"v\":2}]} | {\"a\":[{\"Id\":\"x\",\"v\":1},{\"Id\":\"x\",\"v\":3}]} | a[1].Id: \"y\" > \"x\"; a[1].v: 2 > 3",
      })
  void findsWhatIsAnother(String before, String after, String expected) {
    List<FieldChange> changes = DocumentDiff.of(JSON.readTree(before), JSON.readTree(after));
    assertThat(
            String.join(
                    "; ",
                    changes.stream()
                        .map(
                            change ->
                                change.path()
                                    + ": "
                                    + change.before().map(JsonNode::toString).orElse("")
                                    + " > "
                                    + change.after().map(JsonNode::toString).orElse(""))
                        .toList())
                .strip())
        .isEqualTo(expected.strip());
  }
}
