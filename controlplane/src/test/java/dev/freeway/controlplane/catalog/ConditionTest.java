package dev.freeway.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConditionTest {
  private static final JsonNode ITEM =
      JsonMapper.shared()
          .readTree(
              """
              {"Name": "default-vpc", "Zero": 0, "One": 1, "Yes": true, "No": false, "Empty": "",
               "None": null, "List": [], "Map": {}, "Tags": [{"Key": "a", "Value": "1"},
               {"Key": "b"}], "ByName": {"x": {"On": true}}}""");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Name                            | true
          !Name                           | false
          Missing                         | false
          !Missing                        | true
          Zero                            | false
          One                             | true
          Yes                             | true
          No                              | false
          !No                             | true
          Empty                           | false
          None                            | false
          List                            | false
          Map                             | false
          Tags                            | true
          Name = default-vpc              | true
          Name = default                  | false
          Name != default                 | true
          Missing != x                    | true
          Missing = x                     | false
          Name ~ ^default                 | true
          Name ~ vpc                      | true
          Name ~ ^vpc                     | false
          One = 1                         | true
          No = false                      | true
          Tags[].Key = b                  | true
          Tags[].Key != b                 | false
          Tags[].Value = 2                | false
          ByName.*.On                     | true
          Name = x or One                 | true
          Name = x or Zero                | false
          Name = default-vpc and One = 1  | true
          Name = default-vpc and Zero     | false
          !Zero and !No                   | true
          """)
  void holds(String condition, boolean holds) {
    assertThat(Condition.parse(condition).holds(ITEM)).isEqualTo(holds);
  }

  @Test
  void whatIsNoneIsRefused() {
    assertThatThrownBy(() -> Condition.parse("Name > 1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Name > 1: expected a path, an operator and a value");
  }
}
