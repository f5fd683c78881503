package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The options' names and defaults are an interface; the README has the table of them. */
class SettingTest {
  @Test
  void theReadmeHasEveryOptionItsCommandsAndItsDefault() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("option", "default", "commands", ""));
    for (Setting setting : Setting.values()) {
      String option =
          (setting == Setting.OUTPUT ? "-o, " : "")
              + setting.option()
              + (setting.isFlag() ? "" : " " + setting.takes());
      boolean none = setting.isFlag() || setting.fallback().isEmpty();
      rows.add(
          List.of(
              "`" + option + "`",
              none ? "" : "`" + setting.fallback() + "`",
              Arrays.stream(Verb.values())
                  .filter(verb -> verb.settings().contains(setting))
                  .map(Verb::command)
                  .collect(Collectors.joining(", ")),
              setting.help()));
    }
    Readme.holds("options", Readme.table(rows));
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void everyDefaultIsAValueThatIsTaken(Verb verb) {
    RouterConfig byDefault = RouterConfig.from(_ -> List.of());
    RouterConfig written =
        RouterConfig.from(
            setting ->
                verb.settings().contains(setting) && !setting.fallback().isEmpty()
                    ? List.of(setting.fallback())
                    : List.of());
    assertThat(written).isEqualTo(byDefault);
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void everyOptionBelongsToACommandAndHasALineOfHelp(Setting setting) {
    assertThat(Verb.values()).anyMatch(verb -> verb.settings().contains(setting));
    assertThat(setting.help()).isNotBlank().doesNotContain("\n").doesNotContain("|");
  }
}
