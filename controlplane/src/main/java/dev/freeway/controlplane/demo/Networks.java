package dev.freeway.controlplane.demo;

import static dev.freeway.controlplane.demo.Json.a;
import static dev.freeway.controlplane.demo.Json.o;
import static dev.freeway.controlplane.demo.Json.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** VPCs and what is in them: subnets, gateways, routes, security groups, endpoints, addresses. */
final class Networks {
  private static final String ANYWHERE = "0.0.0.0/0";

  private final Site site;
  private final Dice dice;

  private Networks(Site site) {
    this.site = site;
    this.dice = site.dice();
  }

  static void build(Site site) {
    new Networks(site).build();
  }

  private void build() {
    String options = dice.id("dopt");
    site.add(
        "vpc:dhcp-options",
        o(
            "DhcpOptionsId",
            options,
            "DhcpConfigurations",
            a(
                o(
                    "Key",
                    "domain-name",
                    "Values",
                    a(o("Value", site.region() + ".compute.internal"))),
                o("Key", "domain-name-servers", "Values", a(o("Value", "AmazonProvidedDNS")))),
            "OwnerId",
            site.account(),
            "Tags",
            a()));
    vpc("172.31", true, options, 0);
    int vpcs = site.many(20) > 30 ? 3 : 2;
    for (int i = 0; i < vpcs; i++) {
      vpc("10." + (site.environment().length() * 10 + i), false, options, i);
    }
    idleAddresses();
    peering();
  }

  private void vpc(String net, boolean isDefault, String options, int number) {
    String id = dice.id("vpc");
    String name = isDefault ? "" : site.name("platform", "vpc-" + number);
    site.add(
        "vpc:vpc",
        o(
            "VpcId",
            id,
            "CidrBlock",
            net + ".0.0/16",
            "CidrBlockAssociationSet",
            a(
                o(
                    "AssociationId",
                    dice.id("vpc-cidr-assoc"),
                    "CidrBlock",
                    net + ".0.0/16",
                    "CidrBlockState",
                    o("State", "associated"))),
            "DhcpOptionsId",
            options,
            "InstanceTenancy",
            "default",
            "IsDefault",
            isDefault,
            "OwnerId",
            site.account(),
            "State",
            "available",
            "Tags",
            isDefault ? a() : site.tagList("platform", name)));
    Draft gateway =
        site.add(
            "vpc:internet-gateway",
            o(
                "InternetGatewayId",
                dice.id("igw"),
                "OwnerId",
                site.account(),
                "Attachments",
                a(o("State", "available", "VpcId", id)),
                "Tags",
                isDefault ? a() : site.tagList("platform", name + "-igw")));
    List<Draft> subnets = subnets(net, id, name, isDefault);
    groups(id, isDefault, subnets);
    routes(id, name, gateway, isDefault, subnets);
    acl(id, subnets);
    if (!isDefault) {
      endpoints(id, name, subnets);
      if (dice.percent(55)) {
        flowLog(id);
      }
    }
  }

  private List<Draft> subnets(String net, String vpc, String name, boolean isDefault) {
    List<Draft> subnets = new ArrayList<>();
    int count = isDefault ? 3 : 9;
    for (int i = 0; i < count; i++) {
      boolean isPublic = isDefault || i < 3;
      String id = dice.id("subnet");
      String kind = isPublic ? "public" : i < 6 ? "private" : "data";
      subnets.add(
          site.add(
              "vpc:subnet",
              o(
                  "SubnetId",
                  id,
                  "SubnetArn",
                  site.arn("ec2", "subnet/" + id),
                  "VpcId",
                  vpc,
                  "CidrBlock",
                  net + "." + (i * 16) + ".0/" + (isDefault ? 20 : i < 3 ? 26 : 22),
                  "AvailabilityZone",
                  site.zone(i),
                  "AvailabilityZoneId",
                  "az" + (i % 3 + 1),
                  "AvailableIpAddressCount",
                  isDefault ? 4091 : i < 3 ? dice.between(3, 59) : dice.between(60, 1019),
                  "DefaultForAz",
                  isDefault,
                  "MapPublicIpOnLaunch",
                  isPublic,
                  "AssignIpv6AddressOnCreation",
                  false,
                  "Ipv6Native",
                  false,
                  "OwnerId",
                  site.account(),
                  "State",
                  "available",
                  "Tags",
                  isDefault
                      ? a()
                      : site.tagList("platform", name + "-" + kind + "-" + site.zone(i)))));
    }
    return subnets;
  }

  private void routes(
      String vpc, String name, Draft gateway, boolean isDefault, List<Draft> subnets) {
    List<Object> main =
        a(route("DestinationCidrBlock", "10.0.0.0/8", "GatewayId", "local", "CreateRouteTable"));
    if (isDefault) {
      main.add(route("DestinationCidrBlock", ANYWHERE, "GatewayId", gateway.id(), "CreateRoute"));
    }
    table(vpc, isDefault ? "" : name + "-main", main, List.of());
    if (isDefault) {
      return;
    }
    List<Object> open = new ArrayList<>(main);
    open.add(route("DestinationCidrBlock", ANYWHERE, "GatewayId", gateway.id(), "CreateRoute"));
    table(vpc, name + "-public", open, subnets.subList(0, 3));
    int gateways = site.environment().equals("production") ? 3 : 1;
    for (int i = 0; i < gateways; i++) {
      String nat = nat(vpc, name + "-nat-" + i, subnets.get(i).id());
      List<Object> closed = new ArrayList<>(main);
      closed.add(route("DestinationCidrBlock", ANYWHERE, "NatGatewayId", nat, "CreateRoute"));
      List<Draft> privates = new ArrayList<>();
      for (int j = 3 + i; j < subnets.size(); j += gateways) {
        privates.add(subnets.get(j));
      }
      table(vpc, name + "-private-" + i, closed, privates);
    }
  }

  private static Map<String, Object> route(
      String destination, String net, String through, String target, String origin) {
    return o(destination, net, through, target, "Origin", origin, "State", "active");
  }

  private Map<String, Object> association(String table, String subnet) {
    boolean main = subnet.isEmpty();
    return o(
        "Main",
        main,
        "RouteTableAssociationId",
        dice.id("rtbassoc"),
        "RouteTableId",
        table,
        "SubnetId",
        when(!main, subnet),
        "AssociationState",
        o("State", "associated"));
  }

  /** Of some subnets; of none it is the VPC's main one. */
  private void table(String vpc, String name, List<Object> routes, List<Draft> subnets) {
    String id = dice.id("rtb");
    List<Object> associations = a();
    subnets.forEach(subnet -> associations.add(association(id, subnet.id())));
    if (subnets.isEmpty()) {
      associations.add(association(id, ""));
    }
    site.add(
        "vpc:route-table",
        o(
            "RouteTableId",
            id,
            "VpcId",
            vpc,
            "OwnerId",
            site.account(),
            "Routes",
            routes,
            "Associations",
            associations,
            "PropagatingVgws",
            a(),
            "Tags",
            name.isEmpty() ? a() : site.tagList("platform", name)));
  }

  private String nat(String vpc, String name, String subnet) {
    String id = dice.id("nat");
    String allocation = dice.id("eipalloc");
    String eni = dice.id("eni");
    String address = address();
    site.add(
        "vpc:nat-gateway",
        o(
            "NatGatewayId",
            id,
            "VpcId",
            vpc,
            "SubnetId",
            subnet,
            "State",
            "available",
            "ConnectivityType",
            "public",
            "CreateTime",
            dice.ago(60, 900),
            "NatGatewayAddresses",
            a(
                o(
                    "AllocationId",
                    allocation,
                    "NetworkInterfaceId",
                    eni,
                    "PublicIp",
                    address,
                    "PrivateIp",
                    "10.0.0." + dice.between(4, 250),
                    "IsPrimary",
                    true,
                    "Status",
                    "succeeded")),
            "Tags",
            site.tagList("platform", name)));
    eni(eni, vpc, subnet, "nat_gateway", "Interface for NAT Gateway " + id, "", address);
    site.add(
        "ec2:elastic-ip",
        o(
            "AllocationId",
            allocation,
            "PublicIp",
            address,
            "AssociationId",
            dice.id("eipassoc"),
            "NetworkInterfaceId",
            eni,
            "NetworkInterfaceOwnerId",
            site.account(),
            "PrivateIpAddress",
            "10.0.0.9",
            "Domain",
            "vpc",
            "NetworkBorderGroup",
            site.region(),
            "PublicIpv4Pool",
            "amazon",
            "Tags",
            site.tagList("platform", name)));
    return id;
  }

  private String address() {
    return address(dice);
  }

  static String address(Dice dice) {
    return dice.of("3", "18", "34", "52", "54")
        + "."
        + dice.between(1, 250)
        + "."
        + dice.between(1, 250)
        + "."
        + dice.between(1, 250);
  }

  private void eni(
      String id,
      String vpc,
      String subnet,
      String type,
      String description,
      String group,
      String address) {
    boolean available = type.equals("available");
    site.add(
        "ec2:network-interface",
        o(
            "NetworkInterfaceId",
            id,
            "VpcId",
            vpc,
            "SubnetId",
            subnet,
            "AvailabilityZone",
            site.zone(0),
            "Description",
            description,
            "InterfaceType",
            available ? "interface" : type,
            "Status",
            available ? "available" : "in-use",
            "OwnerId",
            site.account(),
            "RequesterManaged",
            type.equals("nat_gateway"),
            "PrivateIpAddress",
            "10.0." + dice.between(0, 200) + "." + dice.between(4, 250),
            "SourceDestCheck",
            !type.equals("nat_gateway"),
            "Groups",
            group.isEmpty() ? a() : a(o("GroupId", group, "GroupName", "web")),
            "Association",
            when(!address.isEmpty(), o("PublicIp", address, "IpOwnerId", site.account())),
            "Attachment",
            when(!available, o("Status", "attached", "DeleteOnTermination", false)),
            "TagSet",
            a()));
  }

  private void acl(String vpc, List<Draft> subnets) {
    String id = dice.id("acl");
    List<Object> associations = a();
    for (Draft subnet : subnets) {
      associations.add(
          o(
              "NetworkAclAssociationId",
              dice.id("aclassoc"),
              "NetworkAclId",
              id,
              "SubnetId",
              subnet.id()));
    }
    List<Object> entries = a();
    for (boolean egress : new boolean[] {true, false}) {
      entries.add(entry(egress, 100, "allow"));
      entries.add(entry(egress, 32767, "deny"));
    }
    site.add(
        "vpc:network-acl",
        o(
            "NetworkAclId",
            id,
            "VpcId",
            vpc,
            "IsDefault",
            true,
            "OwnerId",
            site.account(),
            "Associations",
            associations,
            "Entries",
            entries,
            "Tags",
            a()));
  }

  private static Map<String, Object> entry(boolean egress, int number, String action) {
    return o(
        "CidrBlock",
        ANYWHERE,
        "Egress",
        egress,
        "Protocol",
        "-1",
        "RuleAction",
        action,
        "RuleNumber",
        number);
  }

  private void endpoints(String vpc, String name, List<Draft> subnets) {
    for (String service : List.of("s3", "dynamodb", "secretsmanager", "ecr.dkr")) {
      boolean gateway = service.equals("s3") || service.equals("dynamodb");
      if (!gateway && dice.percent(40)) {
        continue;
      }
      List<Object> in = a();
      if (!gateway) {
        subnets.subList(3, 6).forEach(subnet -> in.add(subnet.id()));
      }
      site.add(
          "vpc:vpc-endpoint",
          o(
              "VpcEndpointId",
              dice.id("vpce"),
              "VpcEndpointType",
              gateway ? "Gateway" : "Interface",
              "VpcId",
              vpc,
              "ServiceName",
              "com.amazonaws." + site.region() + "." + service,
              "State",
              "available",
              "SubnetIds",
              in,
              "PrivateDnsEnabled",
              !gateway,
              "RequesterManaged",
              false,
              "OwnerId",
              site.account(),
              "CreationTimestamp",
              dice.ago(30, 700),
              "Tags",
              site.tagList("platform", name + "-" + service)));
    }
  }

  private void flowLog(String vpc) {
    boolean toBucket = dice.percent(30);
    site.add(
        "ec2:flow-log",
        o(
            "FlowLogId",
            dice.id("fl"),
            "ResourceId",
            vpc,
            "FlowLogStatus",
            "ACTIVE",
            "TrafficType",
            dice.of("ALL", "REJECT"),
            "LogDestinationType",
            toBucket ? "s3" : "cloud-watch-logs",
            "LogDestination",
            when(toBucket, "arn:aws:s3:::" + site.bucket("access-logs")),
            "LogGroupName",
            when(!toBucket, "/vpc/flow-logs"),
            "DeliverLogsPermissionArn",
            when(!toBucket, site.role("flow-logs")),
            "DeliverLogsStatus",
            "SUCCESS",
            "CreationTime",
            dice.ago(20, 500),
            "MaxAggregationInterval",
            600,
            "Tags",
            site.tagList("platform", "")));
  }

  private void groups(String vpc, boolean isDefault, List<Draft> subnets) {
    group(vpc, "default", "default VPC security group", a(), "");
    if (isDefault) {
      return;
    }
    int web = site.many(20);
    for (int i = 0; i < web; i++) {
      String team = site.team();
      String kind = dice.of("web", "api", "worker", "db", "cache", "bastion", "batch");
      List<Object> rules =
          switch (kind) {
            case "web" ->
                a(rule("tcp", 443, 443, ANYWHERE, true), rule("tcp", 80, 80, ANYWHERE, false));
            case "api" -> a(rule("tcp", 8080, 8080, "10.0.0.0/8", false));
            case "db" ->
                a(rule("tcp", 5432, 5432, dice.percent(12) ? ANYWHERE : "10.0.0.0/8", false));
            case "cache" -> a(rule("tcp", 6379, 6379, "10.0.0.0/8", false));
            case "bastion" ->
                a(rule("tcp", 22, 22, dice.percent(45) ? ANYWHERE : "198.51.100.0/24", false));
            case "batch" -> dice.percent(15) ? a(rule("-1", -1, -1, ANYWHERE, true)) : a();
            default -> a();
          };
      String description = dice.percent(4) ? dice.of(Hostile.NAMES) : kind + " tier of " + team;
      Draft group = group(vpc, site.name(team, kind + "-" + i), description, rules, team);
      if (dice.percent(8)) {
        eni(
            dice.id("eni"),
            vpc,
            subnets.get(4).id(),
            dice.percent(50) ? "available" : "interface",
            "left by " + team,
            group.text("GroupId"),
            "");
      }
    }
  }

  private static Map<String, Object> rule(
      String protocol, int from, int to, String range, boolean six) {
    boolean all = protocol.equals("-1");
    return o(
        "IpProtocol",
        protocol,
        "FromPort",
        when(!all, from),
        "ToPort",
        when(!all, to),
        "IpRanges",
        a(o("CidrIp", range, "Description", range.equals(ANYWHERE) ? "internet" : "inside")),
        "Ipv6Ranges",
        six ? a(o("CidrIpv6", "::/0")) : a(),
        "PrefixListIds",
        a(),
        "UserIdGroupPairs",
        a());
  }

  private Draft group(
      String vpc, String name, String description, List<Object> rules, String team) {
    String id = dice.id("sg");
    if (name.equals("default")) {
      rules.add(
          o(
              "IpProtocol",
              "-1",
              "IpRanges",
              a(),
              "Ipv6Ranges",
              a(),
              "PrefixListIds",
              a(),
              "UserIdGroupPairs",
              a(o("GroupId", id, "UserId", site.account()))));
    }
    Draft group =
        site.add(
            "ec2:security-group",
            o(
                "GroupId",
                id,
                "GroupName",
                name,
                "Description",
                description,
                "VpcId",
                vpc,
                "OwnerId",
                site.account(),
                "SecurityGroupArn",
                site.arn("ec2", "security-group/" + id),
                "IpPermissions",
                rules,
                "IpPermissionsEgress",
                a(rule("-1", -1, -1, ANYWHERE, false)),
                "Tags",
                team.isEmpty() ? a() : site.tagList(team, name)));
    if (name.contains("bastion") && dice.percent(50)) { // was open until lately
      group.changedIn(
          0, earlier -> earlier.put("IpPermissions", a(rule("tcp", 22, 22, ANYWHERE, true))));
    }
    for (Object each : rules) {
      Map<?, ?> rule = (Map<?, ?>) each;
      for (String family : List.of("IpRanges", "Ipv6Ranges")) {
        if (rule.get(family) instanceof List<?> ranges) {
          ranges.forEach(range -> ruleOf(id, rule, (Map<?, ?>) range));
        }
      }
    }
    return group;
  }

  private void ruleOf(String group, Map<?, ?> rule, Map<?, ?> range) {
    Object four = range.get("CidrIp");
    Object six = range.get("CidrIpv6");
    String id = dice.id("sgr");
    site.add(
        "ec2:security-group-rule",
        o(
            "SecurityGroupRuleId",
            id,
            "SecurityGroupRuleArn",
            site.arn("ec2", "security-group-rule/" + id),
            "GroupId",
            group,
            "GroupOwnerId",
            site.account(),
            "IsEgress",
            false,
            "IpProtocol",
            String.valueOf(rule.get("IpProtocol")),
            "FromPort",
            rule.containsKey("FromPort")
                ? String.valueOf(rule.get("FromPort")).transform(Integer::valueOf)
                : -1,
            "ToPort",
            rule.containsKey("ToPort")
                ? String.valueOf(rule.get("ToPort")).transform(Integer::valueOf)
                : -1,
            "CidrIpv4",
            when(four != null, String.valueOf(four)),
            "CidrIpv6",
            when(six != null, String.valueOf(six)),
            "Tags",
            a()));
  }

  private void idleAddresses() {
    for (int i = 0; i < site.many(4); i++) {
      String team = site.team();
      site.add(
          "ec2:elastic-ip",
          o(
              "AllocationId",
              dice.id("eipalloc"),
              "PublicIp",
              address(),
              "Domain",
              "vpc",
              "NetworkBorderGroup",
              site.region(),
              "PublicIpv4Pool",
              "amazon",
              "Tags",
              site.tagList(team, dice.percent(50) ? site.name(team, "old-ip") : "")));
    }
  }

  private void peering() {
    List<Draft> vpcs = site.all("vpc:vpc");
    if (vpcs.size() < 3) {
      return;
    }
    site.add(
        "vpc:vpc-peering",
        o(
            "VpcPeeringConnectionId",
            dice.id("pcx"),
            "Status",
            o("Code", "active", "Message", "Active"),
            "RequesterVpcInfo",
            o(
                "VpcId",
                vpcs.get(1).id(),
                "OwnerId",
                site.account(),
                "CidrBlock",
                vpcs.get(1).text("CidrBlock"),
                "Region",
                site.region()),
            "AccepterVpcInfo",
            o(
                "VpcId",
                vpcs.get(2).id(),
                "OwnerId",
                site.account(),
                "CidrBlock",
                vpcs.get(2).text("CidrBlock"),
                "Region",
                site.region()),
            "Tags",
            site.tagList("platform", site.name("platform", "peering"))));
  }
}
