package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.LinkedHashMap;
import java.util.Map;

/** Functions, queues, topics, APIs, workflows, events, and the alarms and logs about them. */
final class Applications {
  private static final String LAYER = "layer:common";

  private final Site site;
  private final Dice dice;

  private Applications(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    Applications applications = new Applications(site);
    for (int i = 0; i < site.many(16); i++) {
      applications.queue(i);
    }
    applications.layer();
    for (int i = 0; i < site.many(55); i++) {
      applications.function(i);
    }
    for (int i = 0; i < site.many(10); i++) {
      applications.topic(i);
    }
    applications.logs("/vpc/flow-logs");
    for (int i = 0; i < site.many(25); i++) {
      applications.logs("/app/" + site.name(site.team(), "service-" + i));
    }
    for (int i = 0; i < site.many(30); i++) {
      applications.alarm(i);
    }
    for (int i = 0; i < site.many(5); i++) {
      applications.api(i);
    }
    for (int i = 0; i < site.many(6); i++) {
      applications.workflow(i);
    }
    applications.events();
    applications.streams();
  }

  private void layer() {
    String arn = site.arn("lambda", LAYER);
    site.add(
        "lambda:layer",
        o(
            "LayerName",
            "common",
            "LayerArn",
            arn,
            "LatestMatchingVersion",
            o("LayerVersionArn", arn + ":3", "Version", 3, "CreatedDate", dice.ago(30, 600))));
  }

  private void function(int number) {
    String team = site.team();
    String name =
        site.name(
            team,
            dice.of("handler", "resize", "notify", "sync", "cron", "authorizer") + "-" + number);
    String runtime =
        dice.of(
            "python3.12",
            "python3.9",
            "python3.8",
            "nodejs20.x",
            "nodejs22.x",
            "nodejs16.x",
            "java21",
            "java8.al2",
            "go1.x",
            "provided.al2023",
            "dotnet8",
            "ruby3.3");
    boolean image = number % 15 == 14;
    boolean inVpc = dice.percent(30);
    Draft subnet = site.any("vpc:subnet");
    String vpc = subnet.text("VpcId");
    boolean dead = dice.percent(25);
    Draft function =
        site.add(
            "lambda:function",
            o(
                "FunctionName", name,
                "FunctionArn", site.arn("lambda", "function:" + name),
                "Runtime", when(!image, runtime),
                "Role", site.role(team + "-lambda"),
                "Handler", when(!image, "index.handler"),
                "CodeSize", dice.between(900, 60_000_000),
                "Description", number == 7 ? Hostile.NAMES.get(0) : "",
                "Timeout", dice.of(3, 3, 15, 30, 60, 300, 900),
                "MemorySize", dice.of(128, 128, 256, 512, 1024, 3008),
                "LastModified", dice.ago(1, 900).replace("Z", ".000+0000"),
                "Version", "$LATEST",
                "PackageType", image ? "Image" : "Zip",
                "Architectures", a(dice.of("x86_64", "x86_64", "arm64")),
                "EphemeralStorage", o("Size", 512),
                "TracingConfig", o("Mode", dice.of("Active", "PassThrough")),
                "DeadLetterConfig", when(dead, o("TargetArn", site.any("sqs:queue").arn())),
                "VpcConfig",
                    when(
                        inVpc,
                        o(
                            "VpcId",
                            vpc,
                            "SubnetIds",
                            a(subnet.id()),
                            "SecurityGroupIds",
                            a(site.group(vpc).text("GroupId")))),
                "Environment",
                    when(
                        dice.percent(70),
                        o("Variables", o("STAGE", site.environment(), "TABLE", "orders"))),
                "KMSKeyArn", when(dice.percent(15), site.any("kms:key").text("Arn")),
                "Layers",
                    when(
                        dice.percent(20),
                        a(o("Arn", site.arn("lambda", LAYER + ":3"), "CodeSize", 12000))),
                "LoggingConfig", o("LogFormat", "Text", "LogGroup", "/aws/lambda/" + name),
                "Tags", site.tags(team, "")));
    switch (number % 13) {
      case 2 -> function.changedIn(0, earlier -> earlier.put("MemorySize", 64));
      case 5 -> function.changedIn(1, earlier -> earlier.put("Runtime", "python3.7"));
      default -> {}
    }
    if (number % 14 == 6) {
      Map<String, Object> old = new LinkedHashMap<>(function.document());
      old.put("FunctionName", name + "-old");
      old.put("FunctionArn", site.arn("lambda", "function:" + name + "-old"));
      site.add("lambda:function", old).goneIn(number % 2);
    }
    if (dice.percent(25)) {
      site.add(
          "lambda:event-source-mapping",
          o(
              "UUID", dice.uuid(),
              "FunctionArn", site.arn("lambda", "function:" + name),
              "EventSourceArn", site.any("sqs:queue").arn(),
              "State", dice.percent(85) ? "Enabled" : "Disabled",
              "BatchSize", 10,
              "LastModified", dice.ago(1, 300)));
    }
    logs("/aws/lambda/" + name);
  }

  private void logs(String name) {
    boolean kept = dice.percent(45);
    site.add(
        "logs:log-group",
        o(
            "logGroupName", name,
            "arn", site.arn("logs", "log-group:" + name + ":*"),
            "logGroupArn", site.arn("logs", "log-group:" + name),
            "creationTime", dice.at(-dice.between(5, 1200)).toEpochMilli(),
            "retentionInDays", when(!kept, dice.of(7, 14, 30, 90, 365)),
            "metricFilterCount", 0,
            "storedBytes",
                dice.percent(15)
                    ? 0L
                    : (long) dice.between(1000, 2_000_000_000) * dice.of(1, 1, 10),
            "logGroupClass", "STANDARD",
            "kmsKeyId", when(dice.percent(20), site.any("kms:key").text("Arn")),
            "Tags", site.tags(site.team(), "")));
  }

  private void queue(int number) {
    String team = site.team();
    boolean fifo = number % 5 == 0;
    String end = fifo ? ".fifo" : "";
    String name = site.name(team, "queue-" + number);
    String dead = dice.percent(50) ? name + "-dlq" + end : "";
    queue(team, name + end, dead);
    if (!dead.isEmpty()) {
      queue(team, dead, "");
    }
  }

  private void queue(String team, String name, String dead) {
    String url = "https://sqs." + site.region() + ".amazonaws.com/" + site.account() + "/" + name;
    long created = dice.at(-dice.between(2, 1000)).getEpochSecond();
    site.add(
        "sqs:queue",
        o(
            "QueueUrl",
            url,
            "Attributes",
            o(
                "QueueArn", site.arn("sqs", name),
                "ApproximateNumberOfMessages",
                    String.valueOf(dice.percent(70) ? 0 : dice.between(1, 90_000)),
                "CreatedTimestamp", String.valueOf(created),
                "LastModifiedTimestamp", String.valueOf(created),
                "VisibilityTimeout", String.valueOf(dice.of(30, 60, 300)),
                "MessageRetentionPeriod", String.valueOf(dice.of(345600, 1209600)),
                "MaximumMessageSize", "262144",
                "DelaySeconds", "0",
                "FifoQueue", when(name.endsWith(".fifo"), "true"),
                "SqsManagedSseEnabled", String.valueOf(dice.percent(65)),
                "RedrivePolicy",
                    when(
                        !dead.isEmpty(),
                        "{\"deadLetterTargetArn\":\""
                            + site.arn("sqs", dead)
                            + "\",\"maxReceiveCount\":5}")),
            "Tags",
            site.tags(team, "")));
  }

  private void topic(int number) {
    String team = site.team();
    String name = site.name(team, "topic-" + number);
    boolean confirmed = number % 3 != 0;
    site.add(
        "sns:topic",
        o(
            "TopicArn",
            site.arn("sns", name),
            "Attributes",
            o(
                "TopicArn",
                site.arn("sns", name),
                "DisplayName",
                number == 3 ? Hostile.NAMES.get(6) : "",
                "Owner",
                site.account(),
                "SubscriptionsConfirmed",
                confirmed ? "1" : "0",
                "SubscriptionsPending",
                "0",
                "KmsMasterKeyId",
                when(dice.percent(35), "alias/aws/sns")),
            "Tags",
            site.tagList(team, "")));
    if (confirmed) {
      String protocol = dice.of("sqs", "email", "lambda");
      site.add(
          "sns:subscription",
          o(
              "SubscriptionArn", site.arn("sns", name + ":" + dice.uuid()),
              "TopicArn", site.arn("sns", name),
              "Protocol", protocol,
              "Endpoint",
                  switch (protocol) {
                    case "email" -> Site.owner(team, dice);
                    case "lambda" -> site.any("lambda:function").arn();
                    default -> site.any("sqs:queue").arn();
                  },
              "Owner", site.account()));
    }
  }

  private void alarm(int number) {
    String team = site.team();
    String name = site.name(team, dice.of("cpu-high", "errors", "latency", "depth") + "-" + number);
    site.add(
        "cloudwatch:metric-alarm",
        o(
            "AlarmName", name,
            "AlarmArn", site.arn("cloudwatch", "alarm:" + name),
            "AlarmConfigurationUpdatedTimestamp", dice.ago(5, 500),
            "StateUpdatedTimestamp", dice.ago(0, 90),
            "ActionsEnabled", dice.percent(85),
            "AlarmActions", dice.percent(70) ? a(site.any("sns:topic").arn()) : a(),
            "OKActions", a(),
            "InsufficientDataActions", a(),
            "StateValue", dice.of("OK", "OK", "OK", "ALARM", "INSUFFICIENT_DATA"),
            "MetricName", dice.of("CPUUtilization", "Errors", "Latency"),
            "Namespace", dice.of("AWS/EC2", "AWS/Lambda", "AWS/ApplicationELB"),
            "Statistic", "Average",
            "Dimensions", a(o("Name", "InstanceId", "Value", site.any("ec2:instance").id())),
            "Period", 300,
            "EvaluationPeriods", dice.of(1, 2, 3),
            "Threshold", 80.0,
            "ComparisonOperator", "GreaterThanThreshold",
            "Tags", site.tagList(team, "")));
  }

  private void api(int number) {
    String team = site.team();
    String name = site.name(team, "api-" + number);
    if (number % 2 == 0) {
      Draft api =
          site.add(
              "apigateway:rest-api",
              o(
                  "id",
                  dice.hex(10),
                  "name",
                  name,
                  "description",
                  "API of " + team,
                  "createdDate",
                  dice.ago(20, 900),
                  "apiKeySource",
                  "HEADER",
                  "endpointConfiguration",
                  o("types", a(dice.of("REGIONAL", "EDGE"))),
                  "disableExecuteApiEndpoint",
                  false,
                  "tags",
                  site.tags(team, "")));
      site.add(
          "apigateway:stage",
          api,
          o(
              "stageName",
              "v1",
              "deploymentId",
              dice.hex(6),
              "createdDate",
              dice.ago(5, 19),
              "lastUpdatedDate",
              dice.ago(1, 5),
              "cacheClusterEnabled",
              false,
              "tracingEnabled",
              dice.percent(40),
              "webAclArn",
              when(dice.percent(30), site.any("wafv2:web-acl-regional").text("ARN")),
              "tags",
              o()));
    } else {
      Draft api =
          site.add(
              "apigatewayv2:http-api",
              o(
                  "ApiId",
                  dice.hex(10),
                  "Name",
                  name,
                  "ProtocolType",
                  "HTTP",
                  "ApiEndpoint",
                  "https://" + dice.hex(10) + ".execute-api." + site.region() + ".amazonaws.com",
                  "CreatedDate",
                  dice.ago(20, 700),
                  "RouteSelectionExpression",
                  "$request.method $request.path",
                  "DisableExecuteApiEndpoint",
                  false,
                  "Tags",
                  site.tags(team, "")));
      site.add(
          "apigatewayv2:stage",
          api,
          o(
              "StageName",
              "$default",
              "AutoDeploy",
              true,
              "CreatedDate",
              dice.ago(5, 19),
              "Tags",
              o()));
    }
  }

  private void workflow(int number) {
    String team = site.team();
    String name = site.name(team, "flow-" + number);
    site.add(
        "stepfunctions:state-machine",
        o(
            "stateMachineArn", site.arn("states", "stateMachine:" + name),
            "name", name,
            "type", dice.of("STANDARD", "STANDARD", "EXPRESS"),
            "status", "ACTIVE",
            "creationDate", dice.ago(10, 600),
            "roleArn", site.role(team + "-states"),
            "definition", "{\"StartAt\":\"Do\",\"States\":{\"Do\":{\"Type\":\"Succeed\"}}}",
            "loggingConfiguration",
                o("level", dice.of("OFF", "ALL", "ERROR"), "includeExecutionData", false),
            "tracingConfiguration", o("enabled", dice.percent(40)),
            "tags", a()));
  }

  private void events() {
    Draft bus =
        site.add(
            "events:event-bus",
            o("Name", "default", "Arn", site.arn("events", "event-bus/default")));
    for (int i = 0; i < site.many(12); i++) {
      String team = site.team();
      String name = site.name(team, "rule-" + i);
      boolean timed = i % 2 == 0;
      site.add(
          "events:rule",
          bus,
          o(
              "Name",
              name,
              "Arn",
              site.arn("events", "rule/" + name),
              "EventBusName",
              "default",
              "State",
              dice.percent(80) ? "ENABLED" : "DISABLED",
              "ScheduleExpression",
              when(timed, dice.of("rate(5 minutes)", "cron(0 3 * * ? *)")),
              "EventPattern",
              when(!timed, "{\"source\":[\"aws.ec2\"]}"),
              "Targets",
              dice.percent(85) ? a(o("Id", "1", "Arn", site.any("lambda:function").arn())) : a(),
              "Tags",
              a()));
    }
  }

  private void streams() {
    for (int i = 0; i < site.many(3); i++) {
      String team = site.team();
      String name = site.name(team, "stream-" + i);
      site.add(
          "kinesis:stream",
          o(
              "StreamName", name,
              "StreamARN", site.arn("kinesis", "stream/" + name),
              "StreamStatus", "ACTIVE",
              "StreamModeDetails", o("StreamMode", dice.of("PROVISIONED", "ON_DEMAND")),
              "RetentionPeriodHours", dice.of(24, 24, 168),
              "StreamCreationTimestamp", dice.ago(10, 700),
              "EncryptionType", dice.of("NONE", "KMS"),
              "OpenShardCount", dice.of(1, 2, 4, 16),
              "ConsumerCount", 0,
              "Tags", site.tagList(team, "")));
    }
  }
}
