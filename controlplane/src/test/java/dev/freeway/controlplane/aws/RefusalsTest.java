package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.AwsException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | ThrottlingException        | ''                                     | THROTTLED
          400 | Throttling                 | Rate exceeded                          | THROTTLED
          429 | ''                         | ''                                     | THROTTLED
          503 | RequestLimitExceeded       | ''                                     | THROTTLED
          503 | SlowDown                   | ''                                     | THROTTLED
          400 | LimitExceededException     | Rate exceeded                          | THROTTLED
          429 | LimitExceededException     | Too many                               | THROTTLED
          400 | LimitExceededException     | You have too many tables               | REFUSED
          403 | RequestTimeTooSkewed       | ''                                     | SKEWED
          403 | InvalidSignatureException  | Signature not yet current              | SKEWED
          403 | OptInRequired              | ''                                     | NOT_HERE
          400 | ValidationException        | It is not supported in this region     | NOT_HERE
          400 | ExpiredTokenException      | ''                                     | CREDENTIALS
          400 | RequestExpired             | ''                                     | CREDENTIALS
          403 | ExpiredToken               | ''                                     | CREDENTIALS
          403 | InvalidClientTokenId       | ''                                     | CREDENTIALS
          401 | AuthFailure                | ''                                     | CREDENTIALS
          403 | AccessDenied               | ''                                     | DENIED
          400 | AccessDeniedException      | ''                                     | DENIED
          403 | UnauthorizedOperation      | ''                                     | DENIED
          403 | ForbiddenException         | ''                                     | DENIED
          403 | NotAuthorizedException     | ''                                     | DENIED
          403 | ''                         | ''                                     | DENIED
          503 | ServiceUnavailable         | ''                                     | BROKEN
          500 | InternalFailure            | ''                                     | BROKEN
          500 | ''                         | ''                                     | BROKEN
          400 | ValidationException        | ''                                     | REFUSED
          404 | ResourceNotFoundException  | ''                                     | REFUSED
          404 | ''                         | ''                                     | FOREIGN
          200 | ''                         | ''                                     | FOREIGN
          """)
  void areToldApartByTheirCodes(int status, String code, String message, Kind kind) {
    assertThat(Refusals.kind(status, code, message)).isEqualTo(kind);
  }
}
