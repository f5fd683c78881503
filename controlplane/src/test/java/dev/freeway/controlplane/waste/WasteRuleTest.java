package dev.freeway.controlplane.waste;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogCheck;
import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.store.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WasteRuleTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final String LB = "arn:lb";

  /** Of what is not waste, the rule is none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "unattached-ebs | ec2:volume {'State':'available','Size':8}",
        "- | ec2:volume {'State':'in-use'}",
        "unassociated-eip | ec2:elastic-ip {'PublicIp':'1.2.3.4'}",
        "- | ec2:elastic-ip {'AssociationId':'a'}",
        "- | ec2:elastic-ip {'InstanceId':'i'}",
        "available-eni | ec2:network-interface {'Status':'available'}",
        "- | ec2:network-interface {'Status':'in-use'}",
        "idle-target-group | elbv2:target-group {'LoadBalancerArns':[],'TargetHealth':[{'Target':{'Id':'i'}}]}",
        "idle-target-group | elbv2:target-group {'LoadBalancerArns':['x'],'TargetHealth':[]}",
        "- | elbv2:target-group {'LoadBalancerArns':['x'],'TargetHealth':[{'Target':{'Id':'i'}}]}",
        "empty-classic-elb | elb:classic-load-balancer {'Instances':[]}",
        "- | elb:classic-load-balancer {'Instances':[{'InstanceId':'i'}]}",
        "old-snapshot | ec2:snapshot {'StartTime':'2026-08-01T00:00:00Z','VolumeSize':8}",
        "- | ec2:snapshot {'StartTime':'2026-11-01T00:00:00Z'}",
        "old-snapshot | ec2:snapshot {'StartTime':'2026-09-01T00:00:00Z'}", // ninety days
        "- | ec2:snapshot {'StartTime':'2026-09-01T00:00:01Z'}",
        "- | ec2:snapshot {}",
        "old-ami | ec2:ami {'CreationDate':'2026-08-01T00:00:00.000Z'}",
        "- | ec2:ami {'CreationDate':'2026-11-01T00:00:00.000Z'}",
        "stopped-instance | ec2:instance {'State':{'Name':'stopped'}}",
        "- | ec2:instance {'State':{'Name':'running'}}",
        "empty-load-balancer | elbv2:network-load-balancer {'LoadBalancerArn':'arn:other'}",
        "unused-nat-gateway | vpc:nat-gateway {'State':'available'}",
        "- | vpc:nat-gateway {'State':'deleted'}",
        "empty-dedicated-host | ec2:dedicated-host {'State':'available'}",
        "- | ec2:dedicated-host {'State':'available','Instances':[{'InstanceId':'i'}]}",
        "unused-capacity-reservation | ec2:capacity-reservation {'State':'active','TotalInstanceCount':2,'AvailableInstanceCount':2}",
        "- | ec2:capacity-reservation {'State':'active','TotalInstanceCount':2,'AvailableInstanceCount':1}",
        "- | ec2:capacity-reservation {'State':'active','TotalInstanceCount':0,'AvailableInstanceCount':0}",
        "stopped-db-instance | rds:db-instance {'DBInstanceStatus':'stopped'}",
        "- | rds:db-instance {'DBInstanceStatus':'available'}",
        "unmountable-file-system | efs:file-system {'NumberOfMountTargets':0}",
        "- | efs:file-system {'NumberOfMountTargets':1}",
        "- | efs:file-system {}",
        "disabled-accelerator | globalaccelerator:accelerator {'Enabled':false}",
        "- | globalaccelerator:accelerator {'Enabled':true}",
        "- | globalaccelerator:accelerator {}",
        "unattached-lightsail-ip | lightsail:static-ip {'isAttached':false}",
        "- | lightsail:static-ip {'isAttached':true}",
        "unattached-lightsail-disk | lightsail:disk {'isAttached':false}",
        "- | lightsail:disk {'isAttached':true}",
      })
  void findsWasteAndNothingElse(String rule, String item) {
    assertThat(rules(List.of(item("x", item)), List.of()))
        .isEqualTo(rule.equals("-") ? List.of() : List.of(rule));
  }

  @Test
  void whatIsUsedIsNoWaste() {
    assertThat(
            rules(
                List.of(
                    item("nat-1", "vpc:nat-gateway {'State':'available'}"),
                    item("rtb", "vpc:route-table {'Routes':[{'NatGatewayId':'nat-1'}]}")),
                List.of()))
        .isEmpty();
    assertThat(
            rules(
                List.of(
                    item(
                        "ami-1",
                        "ec2:ami {'CreationDate':'2025-08-01T00:00:00Z','BlockDeviceMappings':[{'Ebs':{'SnapshotId':'snap-1'}}]}"),
                    item("i-1", "ec2:instance {'ImageId':'ami-1'}"),
                    item("snap-1", "ec2:snapshot {'StartTime':'2025-08-01T00:00:00Z'}")),
                List.of()))
        .isEmpty();
    assertThat(
            rules(
                List.of(
                    item("ami-1", "ec2:ami {'CreationDate':'2025-08-01T00:00:00Z'}"),
                    item(
                        "lt",
                        "ec2:launch-template {'Versions':[{'LaunchTemplateData':{'ImageId':'ami-1'}}]}")),
                List.of()))
        .isEmpty();
  }

  @Test
  void aLoadBalancerServesThroughTargetsOrByItself() {
    Item balancer = item("lb", "elbv2:application-load-balancer {'LoadBalancerArn':'" + LB + "'}");
    Item empty =
        item(
            "tg",
            "elbv2:target-group {'TargetGroupArn':'tg','LoadBalancerArns':['"
                + LB
                + "'],'TargetHealth':[]}");
    Item full =
        item(
            "tg",
            "elbv2:target-group {'TargetGroupArn':'tg','LoadBalancerArns':['"
                + LB
                + "'],'TargetHealth':[{'Target':{'Id':'i'}}]}");
    Item forward =
        item(
            "l",
            "elbv2:listener {'ListenerArn':'arn:x:listener/app/lb/1/2','LoadBalancerArn':'"
                + LB
                + "','DefaultActions':[{'Type':'forward'}]}");
    Item redirect =
        item(
            "l",
            "elbv2:listener {'ListenerArn':'l','LoadBalancerArn':'"
                + LB
                + "','DefaultActions':[{'Type':'redirect'}]}");
    assertThat(rules(List.of(balancer), List.of())).containsExactly("empty-load-balancer");
    assertThat(rules(List.of(balancer, empty, forward), List.of()))
        .containsExactly("empty-load-balancer", "idle-target-group");
    assertThat(rules(List.of(balancer, full), List.of())).isEmpty();
    assertThat(rules(List.of(balancer, redirect), List.of())).isEmpty();
    Item ruled =
        item(
            "r",
            "elbv2:listener-rule {'RuleArn':'arn:x:listener-rule/app/lb/1/2/3','Actions':[{'Type':'fixed-response'}]}");
    assertThat(rules(List.of(balancer, forward, ruled), List.of())).isEmpty();
  }

  @Test
  void whereACallWasRefusedNothingIsClaimed() {
    List<Item> items =
        List.of(
            item("nat-1", "vpc:nat-gateway {'State':'available'}"),
            item("vol-1", "ec2:volume {'State':'available'}"));
    LedgerEntry refused =
        new LedgerEntry(
            Samples.ACCOUNT,
            "eu-west-1",
            "vpc",
            "DescribeRouteTables",
            1,
            0,
            0,
            0,
            Duration.ZERO,
            LedgerEntry.Outcome.DENIED,
            "AccessDenied",
            "");
    assertThat(rules(items, List.of())).containsExactly("unattached-ebs", "unused-nat-gateway");
    assertThat(rules(items, List.of(refused))).containsExactly("unattached-ebs");
  }

  @Test
  void aSnapshotThatSomebodyTookIsOldByWhenItWasMade() {
    Item taken = item("s", "rds:db-snapshot {'SnapshotType':'manual'}");
    assertThat(rules(List.of(taken), List.of())).isEmpty();
    Item old =
        new Item(created(taken.resource(), NOW.minus(Duration.ofDays(91))), taken.document());
    assertThat(rules(List.of(old), List.of())).containsExactly("old-db-snapshot");
    Item young =
        new Item(created(taken.resource(), NOW.minus(Duration.ofDays(89))), taken.document());
    assertThat(rules(List.of(young), List.of())).isEmpty();
  }

  private static Resource created(Resource resource, Instant time) {
    return new Resource(
        resource.scope(),
        resource.id(),
        resource.arn(),
        resource.name(),
        false,
        Optional.of(time),
        "",
        resource.tags(),
        resource.document());
  }

  @Test
  void everyFieldIsInTheCatalogue() {
    Map<String, ResourceType> types =
        Catalog.builtIn().types().stream()
            .collect(Collectors.toMap(ResourceType::key, Function.identity(), (a, _) -> a));
    CatalogCheck check = new CatalogCheck(ServiceModel::of);
    List<String> faults = new ArrayList<>();
    for (WasteRule rule : WasteRule.values()) {
      for (String field : rule.fields()) {
        ResourceType type =
            Objects.requireNonNull(types.get(field.substring(0, field.indexOf(' '))), field);
        check
            .fault(type, Path.parse(field.substring(field.indexOf(' ') + 1)))
            .ifPresent(fault -> faults.add(rule + ": " + fault));
      }
    }
    assertThat(faults).isEmpty();
  }

  private static Item item(String id, String text) {
    int blank = text.indexOf(' ');
    String[] type = text.substring(0, blank).split(":", -1);
    return Item.of(
        Samples.resource(
            Samples.scope(type[0], "eu-west-1", type[1]),
            id,
            text.substring(blank + 1).replace('\'', '"')));
  }

  private static List<String> rules(List<Item> items, List<LedgerEntry> unseen) {
    Surroundings around = new Surroundings(items, unseen);
    return items.stream()
        .flatMap(
            item ->
                Stream.of(WasteRule.values())
                    .flatMap(rule -> rule.find(item, around, Duration.ofDays(90), NOW).stream()))
        .map(Finding::rule)
        .sorted()
        .toList();
  }
}
