package dev.freeway.controlplane.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that go into requests and policies are checked before. */
class NamesTest {
  private static final String SERIAL = "arn:aws:iam::111111111111:mfa/ann";

  private static void refuses(ThrowingCallable made, String expected) {
    assertThatThrownBy(made)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12345", "1234567", "12345a", "١٢٣٤٥٦"})
  void aTokenIsSixDigits(String token) {
    refuses(() -> new Mfa(SERIAL, token), "expected the six digits that the device shows");
    assertThat(new Mfa(SERIAL, "123456").token()).isEqualTo("123456");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "arn:aws:iam::1:mfa/a b", "GAHT12345678\n"})
  void aDeviceHasAnArnOrANumber(String serial) {
    refuses(() -> new Mfa(serial, "123456"), "expected a device such as");
    assertThat(new Mfa("GAHT12345678", "123456").serial()).isEqualTo("GAHT12345678");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Reader",
        "arn:aws:iam::12345678901:role/Reader",
        "arn:aws:iam::123456789012:user/Reader",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/a b",
        "arn:aws:iam::123456789012:role/a\"b",
        "arn:aws:iam::123456789012:role//Reader",
        "arn:aws:iam::123456789012:role/Reader/"
      })
  void aRoleHasAnArn(String arn) {
    refuses(() -> RoleArn.parse(arn), "expected one such as ");
  }

  @Test
  void aRolesArnIsReadAndWritten() {
    String arn = "arn:aws-us-gov:iam::123456789012:role/audit/Reader";
    RoleArn role = RoleArn.parse(arn);
    assertThat(role).isEqualTo(new RoleArn("aws-us-gov", "123456789012", "audit/Reader"));
    assertThat(role).hasToString(arn);
    refuses(() -> new RoleArn("aws", "123456789012", "a/../*"), "no name of a role");
  }

  @Test
  void sessionsAndExternalIdsAreChecked() {
    refuses(() -> new RoleRequest("a", ""), "--role-session-name a: expected 2 to 64");
    refuses(() -> new RoleRequest("a b", ""), "--role-session-name a b: expected");
    refuses(() -> new RoleRequest("freeway", "x"), "--external-id x: expected 2 to 1224");
    refuses(() -> new RoleRequest("freeway", "a b"), "--external-id a b: expected");
    assertThat(new RoleRequest("freeway", "a:/b").externalId()).isEqualTo("a:/b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "root", "ou-ab12", "o-abcdefghij", "ou-ab12-cd34ef56; "})
  void aUnitHasAnId(String unit) {
    refuses(() -> Organization.checked(unit), "expected one such as ou-ab12-cd34ef56");
    assertThat(Organization.checked("r-ab12")).isEqualTo("r-ab12");
  }

  @Test
  void anAccountIsAskedOnlyWhileItIsActive() {
    assertThat(new Member("1", "", "ACTIVE").isActive()).isTrue();
    for (String other : new String[] {"SUSPENDED", "PENDING_CLOSURE", "", "active"}) {
      assertThat(new Member("1", "", other).isActive()).isFalse();
    }
  }
}
