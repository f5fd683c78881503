package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every text in every answer of the catalogue whose name smells of a secret is redacted by its
 * name, is redacted by the catalogue, or was looked at and is none, which {@link #REVIEWED} says
 * with the reason. A new member that smells fails here until somebody has looked at it.
 */
class SecretsTest {
  private static final Pattern SMELLS =
      Pattern.compile(
          "(?i)passw|passphrase|secret|token|credential|private|apikey|api_key|accesskey|auth"
              + "|connectionstring|userdata|environment|header|keymaterial|signature|cert|pin$"
              + "|otp|variables|userinfo|webhook|license|cookie|session|dsn|jdbc|bearer|hash|salt"
              + "|seed|pem|pkcs|kerberos|keytab|arguments|customergatewayconfiguration|keys?$"
              + "|parameters$|login|variable|properties$|content$|command$|body$|script$");

  /** What has names and values, where the value's own name says nothing. */
  private static final Pattern VARIABLES =
      Pattern.compile("(?i)env|environment|(environment)?variables");

  /** Says which secret it is, of what kind, where it is kept or how it is made: not the secret. */
  private static final Pattern ABOUT =
      Pattern.compile(
          "(?i).*(arn|arns|arnlist|id|ids|name|names|type|url|urls|uri|address|addresses|endpoint"
              + "|status|policy|model|mode|behavior|headers|cookies|method|methods|strategy"
              + "|provider|scope|scopes|domain|domains|scheme|source|algorithm|identifier"
              + "|authority|version|user|username|format|location|description|owner|class"
              + "|protocol|prefix|preference|price|duration|timestamp|config|banner|message)");

  /** What was looked at, by the reason why it is no secret. */
  private static final Map<String, List<String>> REVIEWED =
      Map.ofEntries(
          Map.entry(
              "the key of a tag, a column, a map or an object: a name",
              List.of(
                  "Key",
                  "key",
                  "Keys",
                  "TagKey",
                  "ResourceTagKey",
                  "ConditionKey",
                  "OutputKey",
                  "ParameterKey",
                  "parameterKey",
                  "PartitionKey",
                  "PartitionKeys",
                  "PrimaryKeys",
                  "S3Key",
                  "FileKey",
                  "objectKey",
                  "SubjectKey",
                  "RolesKey",
                  "ToKey",
                  "UniqueKeys",
                  "UpsertKeys",
                  "SurrogateKeys",
                  "FieldKeys",
                  "JobBookmarkKeys",
                  "stageKeys",
                  "userPropertyKey",
                  "CustomResponseBodyKey",
                  "ec2SshKey")),
          Map.entry(
              "which key of KMS encrypts",
              List.of(
                  "KMSKey",
                  "KmsKey",
                  "kmsKey",
                  "encryptionKey",
                  "SigningKmsKey",
                  "VolumeEncryptionKey")),
          Map.entry(
              "the public half of a pair, or a certificate, which whoever connects is shown",
              List.of(
                  "PublicKey",
                  "ClusterPublicKey",
                  "SshPublicKeyBody",
                  "TrustedHostKeys",
                  "Certificate",
                  "certificate",
                  "CertificateChain",
                  "AwsHardwareCertificate",
                  "ClusterCertificate",
                  "HsmCertificate",
                  "ManufacturerHardwareCertificate",
                  "TlsCertificate",
                  "CertificateSerial",
                  "certificateField",
                  "MetadataContent",
                  "x509CertificateData",
                  "certificateVerificationDNSRecord")),
          Map.entry(
              "guards against doing a thing twice or over another's change; opens nothing",
              List.of(
                  "ClientToken",
                  "clientToken",
                  "clientRequestToken",
                  "CreationToken",
                  "IdempotencyToken",
                  "ConditionalToken",
                  "UpdateToken",
                  "ListUpdateToken",
                  "PolicyUpdateToken",
                  "SourceUpdateToken",
                  "LockToken",
                  "ViewVersionToken",
                  "versionToken",
                  "NextToken")),
          Map.entry(
              "the ARN or the name of a secret in Secrets Manager or Parameter Store",
              List.of(
                  "BasicAuth",
                  "SaslScram256Auth",
                  "SaslScram512Auth",
                  "ClientCertificateTlsAuth",
                  "ServerRootCaCertificate",
                  "CdnIdentifierSecret",
                  "CertificateSecret",
                  "DomainJoinServiceAccountSecret",
                  "credential",
                  "credentialSpecs",
                  "credentialsParameter",
                  "RuntimeEnvironmentSecrets")),
          Map.entry(
              "a kind, a state, a switch or a unit",
              List.of(
                  "IAMAuth",
                  "AuthMechanism",
                  "IdToken",
                  "HttpTokens",
                  "httpTokens",
                  "HostEnvironment",
                  "RuntimeEnvironment",
                  "computeEnvironment",
                  "serviceEnvironment",
                  "CompatibleComputeEnvironments",
                  "OnUnauthenticatedRequest",
                  "Authentication",
                  "AllowedFirstAuthFactors",
                  "AllowedOAuthFlows",
                  "ExplicitAuthFlows",
                  "includeQueryParameters",
                  "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
                  "inheritedProperties",
                  "SecretVersionsToStages")),
          Map.entry(
              "a Lambda function that is called at that moment",
              List.of(
                  "CreateAuthChallenge",
                  "DefineAuthChallenge",
                  "VerifyAuthChallengeResponse",
                  "PostAuthentication",
                  "PreAuthentication",
                  "PreTokenGeneration")),
          Map.entry(
              "what a header, a cookie or a variable is called, or what every visitor is sent",
              List.of(
                  "Header",
                  "userAgentHeader",
                  "AudioOnlyHeader",
                  "eventVariables",
                  "outputVariables",
                  "variable",
                  "cookiesAllowList",
                  "headersAllowList",
                  "MessageBody",
                  "Author",
                  "Tokens",
                  "ApiKeySelectionExpression")),
          Map.entry(
              "code, a command line or a rule: what it is, is what the inventory is for",
              List.of(
                  "AfterConnectScript",
                  "FontScript",
                  "BuildCommand",
                  "StartCommand",
                  "Command",
                  "command",
                  "LaunchParameters",
                  "ServerLaunchParameters",
                  "RuleSetBody",
                  "TemplateBody",
                  "TextContent",
                  "Content",
                  "content",
                  "InputParameters",
                  "DetectionParameters",
                  "LicenseInfo",
                  "LicenseRules",
                  "variableReferences")),
          Map.entry(
              "settings by name; of them those whose name says so are redacted",
              List.of(
                  "ConnectionProperties",
                  "AthenaProperties",
                  "PythonProperties",
                  "SparkProperties",
                  "Properties",
                  "Parameters",
                  "parameters",
                  "customProperties",
                  "hyperParameters",
                  "taskProperties",
                  "signingParameters",
                  "AuthenticationRequestExtraParams",
                  "DataTypeMapping")),
          Map.entry(
              "where, without user and password, which stand beside it",
              List.of("PrivateIp", "LoginPath", "SupportedLoginProviders")),
          Map.entry(
              "whose session it is, or what it hands on between players",
              List.of("UserArnSession", "GameSessionData")));

  private static final Set<String> KNOWN =
      REVIEWED.values().stream().flatMap(List::stream).collect(Collectors.toSet());

  private final Map<String, Set<String>> smelling = new TreeMap<>();
  private final Set<String> used = new HashSet<>();
  private final Deque<String> open = new ArrayDeque<>();

  private void walk(
      ResourceType type,
      ServiceModel model,
      Member member,
      String name,
      String path,
      boolean alone) {
    switch (member.kind()) {
      case SDK_POJO -> {
        if (!open.contains(member.structure())) {
          open.push(member.structure());
          for (Member inner : model.shape(member.structure()).members()) {
            String deeper = path.isEmpty() ? inner.name() : path + "." + inner.name();
            boolean isValue = inner.name().matches("[vV]alue") && VARIABLES.matcher(name).matches();
            walk(type, model, inner, isValue ? name : inner.name(), deeper, !isValue);
          }
          open.pop();
        }
      }
      case LIST -> walk(type, model, member.of().orElseThrow(), name, path + "[]", false);
      case MAP -> walk(type, model, member.of().orElseThrow(), name, path + ".*", false);
      case STRING, SDK_BYTES, DOCUMENT -> text(type, name, path, alone);
      default -> {}
    }
  }

  private void text(ResourceType type, String name, String path, boolean alone) {
    if (!SMELLS.matcher(name).find()
        || ABOUT.matcher(name).matches()
        || (alone && Secrets.secret(name))
        || type.redact().stream().anyMatch(redacted -> covers(redacted, path))) {
      return;
    }
    if (KNOWN.contains(name)) {
      used.add(name);
    } else {
      smelling.computeIfAbsent(name, _ -> new TreeSet<>()).add(type.key() + " " + path);
    }
  }

  private static boolean covers(Path redacted, String path) {
    String text = redacted.text();
    return path.equals(text) || path.startsWith(text + ".") || path.startsWith(text + "[]");
  }

  @Test
  void everythingThatSmellsIsRedactedOrWasLookedAt() {
    for (ResourceType type : Catalog.builtIn().types()) {
      ServiceModel model = ServiceModel.of(type.sdk());
      Member item = type.items().in(model, model.operation(type.operation()).output());
      walk(
          type, model, item, type.as(), item.kind() == Member.Kind.SDK_POJO ? "" : type.as(), true);
      for (Detail detail : type.details()) {
        ServiceModel other = ServiceModel.of(detail.sdk());
        Member taken = detail.take().in(other, other.operation(detail.operation()).output());
        walk(type, other, taken, detail.into(), detail.into(), true);
      }
    }
    assertThat(smelling).isEmpty();
    assertThat(KNOWN).as("looked at, and no longer there").isSubsetOf(used);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"Parameters":[{"ParameterKey":"DBPassword","ParameterValue":"hunter2"}]} |
          {"Parameters":[{"ParameterKey":"DbPwd","ResolvedValue":"hunter2"}]} | DbPwd
          {"Outputs":[{"OutputKey":"ApiKey","OutputValue":"hunter2"}]} |
          {"OptionSettings":[{"OptionName":"DB_PASS","Value":"hunter2"}]} |
          {"variables":[{"name":"GITHUB_TOKEN","defaultValue":"hunter2"}]} |
          {"options":{"splunk-token":"hunter2","hec_token":"hunter2"}} |
          {"options":{"apikey":"hunter2"}} |
          {"ProviderDetails":{"client_secret":"hunter2"}} |
          {"requestParameters":{"integration.request.header.X-Api-Key":"hunter2"}} |
          {"Properties":{"javax.jdo.option.ConnectionPassword":"hunter2"}} |
          {"Location":"https://x-access-token:hunter2@github.com/a/b.git"} | github.com/a/b.git
          {"Endpoint":"amqps://ann:hunter2@broker:5671"} | amqps://ann:
          {"JDBC_CONNECTION_URL":"jdbc:mysql://db/shop?user=ann&password=hunter2&ssl=true"} | ssl=true
          {"Args":["--user=ann","--password=hunter2"]} | --user=ann
          {"Extra":"-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----"} |
          """)
  void secretsOfPeopleAreFoundByTheirNamesAndShapes(String document, @Nullable String kept) {
    ObjectNode redacted = Rehearsal.json(document);
    Secrets.redact(redacted, List.of());
    assertThat(redacted.toString())
        .doesNotContain("hunter2")
        .contains(Secrets.REDACTED)
        .contains(kept == null ? "" : kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"Parameters\":[{\"ParameterKey\":\"SecretArn\",\"ParameterValue\":\"arn:aws:s\"}]}",
        "{\"Parameters\":[{\"ParameterKey\":\"KeyName\",\"ParameterValue\":\"ops\"}]}",
        "{\"metricTransformations\":[{\"metricName\":\"TokenErrors\",\"metricValue\":\"1\"}]}",
        "{\"AssumeRolePolicyDocument\":{\"Statement\":[{\"Condition\":{\"StringEquals\":"
            + "{\"token.actions.githubusercontent.com:aud\":\"sts.amazonaws.com\"}}}]}}",
        "{\"Tags\":[{\"Key\":\"token\",\"Value\":\"t\"}]}",
        "{\"BuildSpec\":\"docker login --password=$PASSWORD https://host:443/a@b\"}",
        "{\"HttpTokens\":\"required\",\"NextToken\":\"n\"}",
        "{\"options\":{\"token-ttl\":\"60\",\"secret_name\":\"db\"}}"
      })
  void whatIsNoSecretStays(String document) {
    ObjectNode redacted = Rehearsal.json(document);
    Secrets.redact(redacted, List.of());
    assertThat(redacted).isEqualTo(Rehearsal.json(document));
  }

  @Test
  void whatIsRedactedIsNotInTheColumnsEither() {
    List<String> leaks = new ArrayList<>();
    for (ResourceType type : Catalog.builtIn().types()) {
      for (Template template : List.of(type.id(), type.arn(), type.displayName())) {
        for (Template.Part.Place place : template.places()) {
          String path = place.path().text();
          if (place.variable().isEmpty()
              && !path.isEmpty()
              && (type.redact().stream().anyMatch(redacted -> covers(redacted, path))
                  || Secrets.secret(path.replaceFirst(".*\\.", "")))) {
            leaks.add(type.key() + " " + template);
          }
        }
      }
    }
    assertThat(leaks).isEmpty();
  }
}
