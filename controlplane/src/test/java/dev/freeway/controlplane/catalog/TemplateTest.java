package dev.freeway.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TemplateTest {
  private static final JsonNode ITEM =
      JsonMapper.shared()
          .readTree(
              """
              {"Arn": "arn:aws:x:r:1:kind/a/b", "Name": "one.two.three", "Empty": "", "None": null,
               "Number": 7, "List": [{"Id": "first"}, {"Id": "second"}], "Deep": {"Id": "d"}}""");
  private static final JsonNode PARENT = JsonMapper.shared().readTree("{\"Name\": \"above\"}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '\t',
      quoteCharacter = '`',
      textBlock =
          """
          Name                              ; one.two.three
          Number                            ; 7
          Deep.Id                           ; d
          List[].Id                         ; first
          {Arn|last /}                      ; b
          {Arn|after /}                     ; a/b
          {Arn|after kind/}                 ; a/b
          {Arn|last none}                   ; arn:aws:x:r:1:kind/a/b
          {Name|before .}                   ; one
          {Name|last .}                     ; three
          {Name|after .}                    ; two.three
          {Name|before none}                ; one.two.three
          {parent.Name}/{Name}              ; above/one.two.three
          {region}:{account}-x              ; eu-west-1:1-x
          {Empty} else {Number}             ; 7
          {Name}-{None} else Deep.Id        ; d
          {Empty} else {None} else {Name}   ; one.two.three
          {id}                              ; NOTHING
          {Empty}                           ; NOTHING
          {Name}/{Missing}                  ; NOTHING
          Deep                              ; NOTHING
          {Empty} else {Missing}            ; NOTHING
          """)
  void isFilled(String line) {
    String[] sides = line.split(";", -1);
    assertThat(
            Template.parse(sides[0].strip())
                .fill(Template.of(ITEM, PARENT, Map.of("region", "eu-west-1", "account", "1")))
                .orElse("NOTHING"))
        .isEqualTo(sides[1].strip());
  }

  @Test
  void aLiteralIsItself() {
    Template.Values none = Template.of(ITEM, PARENT, Map.of());
    assertThat(Template.literal("Name").fill(none)).contains("Name");
    assertThat(Template.literal("{Name}").fill(none)).contains("one.two.three");
  }

  @Test
  void aTakeThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Template.parse("{Arn|first /}"))
        .hasMessageContaining("expected last, after or before");
    assertThatThrownBy(() -> Template.parse("{Arn|last}")).hasMessageContaining("expected a mark");
  }
}
