package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.attributes;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.List;

/** Load balancers with listeners, rules, target groups and the health of their targets. */
final class Balancers {
  private final Site site;
  private final Dice dice;

  private Balancers(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    Balancers balancers = new Balancers(site);
    int many = site.many(12);
    for (int i = 0; i < many; i++) {
      balancers.balancer(i, i % 4 == 3);
    }
    balancers.classic();
    balancers.spare();
  }

  private void balancer(int number, boolean network) {
    String team = site.team();
    String name = site.name(team, (network ? "nlb-" : "alb-") + number);
    String path = (network ? "net/" : "app/") + name + "/" + dice.hex(16);
    String arn = site.arn("elasticloadbalancing", "loadbalancer/" + path);
    List<Draft> subnets =
        site.all("vpc:subnet").stream().filter(each -> !Machines.isDefault(each)).toList();
    String vpc = subnets.getFirst().text("VpcId");
    List<Object> zones = a();
    for (Draft subnet : subnets.subList(0, 2)) {
      zones.add(o("ZoneName", subnet.text("AvailabilityZone"), "SubnetId", subnet.id()));
    }
    boolean open = dice.percent(70);
    Draft balancer =
        site.add(
            network ? "elbv2:network-load-balancer" : "elbv2:application-load-balancer",
            o(
                "LoadBalancerArn",
                arn,
                "LoadBalancerName",
                name,
                "DNSName",
                name + "-" + dice.digits(9) + "." + site.region() + ".elb.amazonaws.com",
                "Type",
                network ? "network" : "application",
                "Scheme",
                open ? "internet-facing" : "internal",
                "State",
                o("Code", "active"),
                "IpAddressType",
                dice.of("ipv4", "ipv4", "dualstack"),
                "VpcId",
                vpc,
                "AvailabilityZones",
                zones,
                "SecurityGroups",
                network ? a() : a(site.any("ec2:security-group").text("GroupId")),
                "CreatedTime",
                dice.ago(5, 900),
                "Attributes",
                attributes(
                    "access_logs.s3.enabled",
                    String.valueOf(dice.percent(40)),
                    "deletion_protection.enabled",
                    String.valueOf(dice.percent(35)),
                    "idle_timeout.timeout_seconds",
                    "60"),
                "Tags",
                site.tagList(team, name)));
    Draft target = targets(team, name, vpc, arn, network, number % 5 == 4);
    boolean tls = dice.percent(70);
    listener(balancer, target, network ? tls ? "TLS" : "TCP" : "HTTP", network ? 443 : 80, tls);
    if (!network && tls) {
      Draft https = listener(balancer, target, "HTTPS", 443, true);
      rules(https, target);
    }
  }

  private Draft targets(
      String team, String balancer, String vpc, String arn, boolean network, boolean empty) {
    String name = (balancer + "-tg").length() > 32 ? balancer : balancer + "-tg";
    List<Object> health = a();
    int targets = empty ? 0 : dice.between(1, 5);
    for (int i = 0; i < targets; i++) {
      boolean healthy = dice.percent(85);
      health.add(
          o(
              "Target",
              o("Id", site.any("ec2:instance").id(), "Port", 8080),
              "HealthCheckPort",
              "8080",
              "TargetHealth",
              o(
                  "State",
                  healthy ? "healthy" : "unhealthy",
                  "Reason",
                  when(!healthy, "Target.FailedHealthChecks"),
                  "Description",
                  when(!healthy, "Health checks failed"))));
    }
    return site.add(
        "elbv2:target-group",
        o(
            "TargetGroupArn",
            site.arn("elasticloadbalancing", "targetgroup/" + name + "/" + dice.hex(16)),
            "TargetGroupName",
            name,
            "Protocol",
            network ? "TCP" : "HTTP",
            "Port",
            8080,
            "VpcId",
            vpc,
            "TargetType",
            dice.of("instance", "ip"),
            "HealthCheckProtocol",
            network ? "TCP" : "HTTP",
            "HealthCheckPort",
            "traffic-port",
            "HealthCheckEnabled",
            true,
            "HealthCheckIntervalSeconds",
            30,
            "HealthCheckTimeoutSeconds",
            5,
            "HealthyThresholdCount",
            5,
            "UnhealthyThresholdCount",
            2,
            "HealthCheckPath",
            when(!network, "/health"),
            "LoadBalancerArns",
            arn.isEmpty() ? a() : a(arn),
            "Attributes",
            attributes(
                "deregistration_delay.timeout_seconds", "300", "stickiness.enabled", "false"),
            "TargetHealth",
            health,
            "Tags",
            site.tagList(team, name)));
  }

  private Draft listener(Draft balancer, Draft target, String protocol, int port, boolean tls) {
    boolean secure = protocol.equals("HTTPS") || protocol.equals("TLS");
    boolean redirect = protocol.equals("HTTP") && tls;
    Draft certificate = certificate();
    if (secure) {
      Json.append(certificate.document(), "InUseBy", balancer.text("LoadBalancerArn"));
    }
    return site.add(
        "elbv2:listener",
        balancer,
        o(
            "ListenerArn",
            balancer.text("LoadBalancerArn").replace(":loadbalancer/", ":listener/")
                + "/"
                + dice.hex(16),
            "LoadBalancerArn",
            balancer.text("LoadBalancerArn"),
            "Port",
            port,
            "Protocol",
            protocol,
            "SslPolicy",
            when(
                secure,
                dice.of("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08")),
            "Certificates",
            secure ? a(o("CertificateArn", certificate.arn())) : a(),
            "DefaultActions",
            a(
                redirect
                    ? o(
                        "Type",
                        "redirect",
                        "RedirectConfig",
                        o("Protocol", "HTTPS", "Port", "443", "StatusCode", "HTTP_301"))
                    : o("Type", "forward", "TargetGroupArn", target.text("TargetGroupArn"))),
            "Tags",
            a()));
  }

  /** One of the three in four that are in use. */
  private Draft certificate() {
    List<Draft> certificates = site.all("acm:certificate");
    int index = dice.below(certificates.size());
    return certificates.get(index % 4 == 3 ? index - 1 : index);
  }

  private void rules(Draft listener, Draft target) {
    int many = dice.between(1, 4);
    for (int i = 0; i <= many; i++) {
      boolean last = i == many;
      site.add(
          "elbv2:listener-rule",
          listener,
          o(
              "RuleArn",
              listener.text("ListenerArn").replace(":listener/", ":listener-rule/")
                  + "/"
                  + dice.hex(16),
              "Priority",
              last ? "default" : String.valueOf(i + 1),
              "IsDefault",
              last,
              "Conditions",
              last ? a() : a(o("Field", "path-pattern", "Values", a("/v" + i + "/*"))),
              "Actions",
              a(o("Type", "forward", "TargetGroupArn", target.text("TargetGroupArn"))),
              "Tags",
              a()));
    }
  }

  private void classic() {
    for (int i = 0; i < site.many(2); i++) {
      String team = "logistics";
      String name = site.name(team, "classic-" + i);
      boolean empty = i % 2 == 1;
      String instance = site.any("ec2:instance").id();
      site.add(
          "elb:classic-load-balancer",
          o(
              "LoadBalancerName",
              name,
              "DNSName",
              name + "-" + dice.digits(9) + "." + site.region() + ".elb.amazonaws.com",
              "Scheme",
              "internet-facing",
              "VPCId",
              site.any("vpc:vpc").id(),
              "AvailabilityZones",
              a(site.zone(0), site.zone(1)),
              "CreatedTime",
              dice.ago(900, 2500),
              "ListenerDescriptions",
              a(
                  o(
                      "Listener",
                      o(
                          "Protocol",
                          "HTTP",
                          "LoadBalancerPort",
                          80,
                          "InstanceProtocol",
                          "HTTP",
                          "InstancePort",
                          80),
                      "PolicyNames",
                      a())),
              "Instances",
              empty ? a() : a(o("InstanceId", instance)),
              "InstanceStates",
              when(!empty, a(o("InstanceId", instance, "State", "InService"))),
              "Attributes",
              o("AccessLog", o("Enabled", false), "CrossZoneLoadBalancing", o("Enabled", true)),
              "Tags",
              site.tagList(team, name)));
    }
  }

  /** A target group that nobody sends to. */
  private void spare() {
    String team = site.team();
    targets(team, site.name(team, "unused"), site.any("vpc:vpc").id(), "", false, dice.percent(50));
  }
}
