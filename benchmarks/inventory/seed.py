#!/usr/bin/env python3
"""Fills moto with an estate and writes what was made.

    seed.py ENDPOINT TRUTH [SCALE]

TRUTH gets a line for each resource: service, type, region (global where there is none), id and ARN (where the answer has
it), separated by tabs. SCALE multiplies what there is many of; 1 gives over 5,000 resources of over 100 services in three
regions. Names and tags hold HTML, SQL, terminal escapes, formulas, text that runs from right to left and newlines, where
the service allows it. What moto refuses to make is said on stderr, and left out.
"""

import base64
import io
import json
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ACCOUNT = "123456789012"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
HOME = REGIONS[0]
HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE resources; --",
    "\x9b31mred\x9b0m",  # XML has no other escape
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+1-1",
    "\u202egnp.exe\u202c",
    "first line\nsecond line",
    '"><img src=x onerror=alert(1)>',
    "${jndi:ldap://127.0.0.1/a} {{7*7}} %s %n",
    "a,b;\"c\"\t`d`",
    "ünïcødé \U0001f4a5",
)
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com", "codepipeline.amazonaws.com"]}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bench-role-0"


def hostile(i):
    return HOSTILE[i % len(HOSTILE)]


def tags(i, key="Key", value="Value"):
    return [{key: "Name", value: f"{hostile(i)} {i}"}, {key: "Owner", value: f"team-{i % 7}"}, {key: "Environment", value: "prod" if i % 3 else "test"}]


def tag_map(i):
    return {"Name": f"\x1b[31m{hostile(i)}\x1b]0;title\x07 {i}", "Owner": f"team-{i % 7}"}


def at(answer, path):
    for step in path.split("."):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer


class Region:
    """Makes things in one region."""

    def __init__(self, endpoint, name, scale):
        self.endpoint, self.name, self.scale = endpoint, name, scale
        self.rows, self.refused, self.clients = [], [], {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=self.name,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"max_attempts": 1}, parameter_validation=False, s3={"addressing_style": "path"}, inject_host_prefix=False),
            )
        return self.clients[service]

    def many(self, n):
        return range(max(2, int(n * self.scale)))

    def call(self, service, operation, **given):
        """An answer, or None where moto refuses."""
        try:
            return getattr(self.client(service), operation)(**given)
        except (ClientError, BotoCoreError, AttributeError) as e:
            self.refused.append(f"{self.name} {service}:{operation}: {str(e)[:160]}")
            return None

    def add(self, label, kind, ident, arn="", where=None):
        self.rows.append((label, kind, where or self.name, str(ident), str(arn or "")))

    def make(self, label, kind, service, operation, path, arn="", where=None, **given):
        """Makes one thing; path is where the answer has its id, or =TEXT. Returns the id or None."""
        answer = self.call(service, operation, **given)
        if answer is None:
            return None
        try:
            ident = path[1:] if path.startswith("=") else at(answer, path)
            self.add(label, kind, ident, at(answer, arn) if arn else "", where)
            return ident
        except (KeyError, IndexError, TypeError) as e:
            self.refused.append(f"{self.name} {service}:{operation}: no {path}: {e!r}")
            return None


def package():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("lambda_function.py", "def handler(event, context): return 1\n")
    return data.getvalue()


def network(r):
    """VPCs and what is in them; returns subnets of one VPC and a security group."""
    ec2 = r.client("ec2")
    subnets, groups, vpc, names = [], [], None, lambda kind, i: [{"ResourceType": kind, "Tags": tags(i)}]
    for i in r.many(4):
        vpc = r.make("vpc", "vpc", "ec2", "create_vpc", "Vpc.VpcId", CidrBlock=f"10.{i}.0.0/16", TagSpecifications=names("vpc", i))
        mine = []
        for z in range(3):
            subnet = r.make("vpc", "subnet", "ec2", "create_subnet", "Subnet.SubnetId", VpcId=vpc, CidrBlock=f"10.{i}.{z}.0/24", AvailabilityZone=f"{r.name}{'abc'[z]}", TagSpecifications=names("subnet", z))
            mine.append(subnet)
        subnets = subnets or mine
        gateway = r.make("vpc", "internet-gateway", "ec2", "create_internet_gateway", "InternetGateway.InternetGatewayId")
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        r.make("vpc", "route-table", "ec2", "create_route_table", "RouteTable.RouteTableId", VpcId=vpc)
        r.make("vpc", "network-acl", "ec2", "create_network_acl", "NetworkAcl.NetworkAclId", VpcId=vpc)
        for g in range(4):
            group = r.make("ec2", "security-group", "ec2", "create_security_group", "GroupId", VpcId=vpc, GroupName=f"{hostile(g)[:40]} {g}", Description="bench", TagSpecifications=names("security-group", g))
            if group:
                groups.append(group)
                ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
        r.make("ec2", "network-interface", "ec2", "create_network_interface", "NetworkInterface.NetworkInterfaceId", SubnetId=mine[0])
        r.make("vpc", "dhcp-options", "ec2", "create_dhcp_options", "DhcpOptions.DhcpOptionsId", DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.com"]}])
        r.make("vpc", "vpc-endpoint", "ec2", "create_vpc_endpoint", "VpcEndpoint.VpcEndpointId", VpcId=vpc, ServiceName=f"com.amazonaws.{r.name}.s3", VpcEndpointType="Gateway")
        r.make("ec2", "egress-only-internet-gateway", "ec2", "create_egress_only_internet_gateway", "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId", VpcId=vpc)
        r.make("ec2", "flow-log", "ec2", "create_flow_logs", "FlowLogIds.0", ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination="arn:aws:s3:::bench-bucket-0")
    other = r.make("vpc", "vpc", "ec2", "create_vpc", "Vpc.VpcId", CidrBlock="10.99.0.0/16")
    r.make("vpc", "vpc-peering", "ec2", "create_vpc_peering_connection", "VpcPeeringConnection.VpcPeeringConnectionId", VpcId=vpc, PeerVpcId=other)
    for i in r.many(12):
        address = r.make("ec2", "elastic-ip", "ec2", "allocate_address", "AllocationId", Domain="vpc")
        if i < 2 and address:
            r.make("vpc", "nat-gateway", "ec2", "create_nat_gateway", "NatGateway.NatGatewayId", SubnetId=subnets[0], AllocationId=address)
    for i in r.many(8):
        r.make("ec2", "key-pair", "ec2", "create_key_pair", "KeyPairId", KeyName=f"{hostile(i)[:60]} {i}")
        r.make("ec2", "launch-template", "ec2", "create_launch_template", "LaunchTemplate.LaunchTemplateId", LaunchTemplateName=f"bench-{i}", LaunchTemplateData={"InstanceType": "t3.micro"})
        r.make("ec2", "prefix-list", "ec2", "create_managed_prefix_list", "PrefixList.PrefixListId", PrefixListName=f"bench-{i}", MaxEntries=5, AddressFamily="IPv4")
    transit = r.make("vpc", "transit-gateway", "ec2", "create_transit_gateway", "TransitGateway.TransitGatewayId", Description=hostile(1))
    if transit:
        r.make("vpc", "transit-gateway-attachment", "ec2", "create_transit_gateway_vpc_attachment", "TransitGatewayVpcAttachment.TransitGatewayAttachmentId", TransitGatewayId=transit, VpcId=vpc, SubnetIds=mine[:1])
        r.make("vpc", "transit-gateway-route-table", "ec2", "create_transit_gateway_route_table", "TransitGatewayRouteTable.TransitGatewayRouteTableId", TransitGatewayId=transit)
    customer = r.make("ec2", "customer-gateway", "ec2", "create_customer_gateway", "CustomerGateway.CustomerGatewayId", BgpAsn=65000, PublicIp="203.0.113.9", Type="ipsec.1")
    gateway = r.make("ec2", "vpn-gateway", "ec2", "create_vpn_gateway", "VpnGateway.VpnGatewayId", Type="ipsec.1")
    r.make("ec2", "vpn-connection", "ec2", "create_vpn_connection", "VpnConnection.VpnConnectionId", Type="ipsec.1", CustomerGatewayId=customer, VpnGatewayId=gateway)
    r.make("ec2", "dedicated-host", "ec2", "allocate_hosts", "HostIds.0", AvailabilityZone=f"{r.name}a", InstanceType="m5.large", Quantity=1)
    return subnets, groups, vpc


def compute(r, subnets, groups, vpc):
    ami = "ami-12c6146b"
    answers = [r.call("ec2", "run_instances", ImageId=ami, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=subnets[0], SecurityGroupIds=groups[:1], UserData="export PASSWORD=x", TagSpecifications=[{"ResourceType": "instance", "Tags": tags(i)}]) for i in r.many(40)]
    for i, answer in enumerate(filter(None, answers)):
        instance = answer["Instances"][0]["InstanceId"]
        r.add("ec2", "instance", instance)
        if i < 3:
            r.make("ec2", "ami", "ec2", "create_image", "ImageId", InstanceId=instance, Name=f"{hostile(i)[:60]} {i}")
    for i in r.many(40):
        volume = r.make("ec2", "volume", "ec2", "create_volume", "VolumeId", AvailabilityZone=f"{r.name}a", Size=8, TagSpecifications=[{"ResourceType": "volume", "Tags": tags(i)}])
        if volume:
            r.make("ec2", "snapshot", "ec2", "create_snapshot", "SnapshotId", VolumeId=volume, Description=hostile(i))
    r.make("autoscaling", "launch-configuration", "autoscaling", "create_launch_configuration", "=bench", LaunchConfigurationName="bench", ImageId=ami, InstanceType="t3.micro")
    for i in r.many(5):
        if r.make("autoscaling", "auto-scaling-group", "autoscaling", "create_auto_scaling_group", f"=bench-{i}", AutoScalingGroupName=f"bench-{i}", LaunchConfigurationName="bench", MinSize=0, MaxSize=2, VPCZoneIdentifier=subnets[0], Tags=[{"Key": "Name", "Value": hostile(i), "PropagateAtLaunch": True}]):
            r.make("autoscaling", "scaling-policy", "autoscaling", "put_scaling_policy", "=out", AutoScalingGroupName=f"bench-{i}", PolicyName="out", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
            r.make("autoscaling", "scheduled-action", "autoscaling", "put_scheduled_update_group_action", "=nightly", AutoScalingGroupName=f"bench-{i}", ScheduledActionName="nightly", Recurrence="0 0 * * *", MinSize=0, MaxSize=1, DesiredCapacity=0) if i == 0 else None
    for i in r.many(6):
        kind = ("application", "network")[i % 2]
        balancer = r.make("elbv2", f"{kind}-load-balancer", "elbv2", "create_load_balancer", "LoadBalancers.0.LoadBalancerArn", Name=f"bench-{i}", Type=kind, Subnets=subnets[:2], Tags=tags(i))
        group = r.make("elbv2", "target-group", "elbv2", "create_target_group", "TargetGroups.0.TargetGroupArn", Name=f"bench-{i}", Protocol=("HTTP", "TCP")[i % 2], Port=80, VpcId=vpc)
        if not balancer or not group:
            continue
        listener = r.make("elbv2", "listener", "elbv2", "create_listener", "Listeners.0.ListenerArn", LoadBalancerArn=balancer, Protocol=("HTTP", "TCP")[i % 2], Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        if kind == "application" and listener:
            for p in range(1, 4):
                r.make("elbv2", "listener-rule", "elbv2", "create_rule", "Rules.0.RuleArn", ListenerArn=listener, Priority=p, Conditions=[{"Field": "path-pattern", "Values": [f"/{p}/*"]}], Actions=[{"Type": "forward", "TargetGroupArn": group}])
    for i in r.many(3):
        r.make("elb", "classic-load-balancer", "elb", "create_load_balancer", f"=classic-{i}", LoadBalancerName=f"classic-{i}", Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}], AvailabilityZones=[f"{r.name}a"], Tags=tags(i))
    code = package()
    for i in r.many(25):
        function = r.make("lambda", "function", "lambda", "create_function", f"=bench-{i}", "FunctionArn", FunctionName=f"bench-{i}", Runtime="python3.12", Role=ROLE, Handler="lambda_function.handler", Code={"ZipFile": code}, Description=hostile(i), Environment={"Variables": {"PASSWORD": "secret"}}, Tags=tag_map(i))
    for i in r.many(3):
        r.make("lambda", "layer", "lambda", "publish_layer_version", f"=layer-{i}", LayerName=f"layer-{i}", Content={"ZipFile": code})
    for i in r.many(4):
        r.make("ecs", "cluster", "ecs", "create_cluster", f"=bench-{i}", "cluster.clusterArn", clusterName=f"bench-{i}", tags=tags(i, "key", "value"))
        family = r.make("ecs", "task-definition", "ecs", "register_task_definition", "taskDefinition.taskDefinitionArn", family=f"bench-{i}", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 64, "environment": [{"name": "PASSWORD", "value": "secret"}]}])
        for s in range(2):
            r.make("ecs", "service", "ecs", "create_service", f"=web-{s}", "service.serviceArn", cluster=f"bench-{i}", serviceName=f"web-{s}", taskDefinition=f"bench-{i}", desiredCount=1)
    for i in r.many(20):
        r.make("ecr", "repository", "ecr", "create_repository", f"=bench/{i}", "repository.repositoryArn", repositoryName=f"bench/{i}", tags=tags(i))
    for i in r.many(2):
        r.make("eks", "cluster", "eks", "create_cluster", f"=bench-{i}", "cluster.arn", name=f"bench-{i}", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets[:2]}, tags=tag_map(i))
        r.make("eks", "nodegroup", "eks", "create_nodegroup", f"=nodes-{i}", "nodegroup.nodegroupArn", clusterName=f"bench-{i}", nodegroupName=f"nodes-{i}", nodeRole=ROLE, subnets=subnets[:1])
        r.make("eks", "fargate-profile", "eks", "create_fargate_profile", f"=fargate-{i}", "fargateProfile.fargateProfileArn", clusterName=f"bench-{i}", fargateProfileName=f"fargate-{i}", podExecutionRoleArn=ROLE, selectors=[{"namespace": "default"}])
    environment = r.make("batch", "compute-environment", "batch", "create_compute_environment", "=bench", "computeEnvironmentArn", computeEnvironmentName="bench", type="UNMANAGED", serviceRole=ROLE)
    r.make("batch", "scheduling-policy", "batch", "create_scheduling_policy", "arn", name="bench")
    if environment:
        r.make("batch", "job-queue", "batch", "create_job_queue", "=bench", "jobQueueArn", jobQueueName="bench", state="ENABLED", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": f"arn:aws:batch:{r.name}:{ACCOUNT}:compute-environment/bench"}])
    r.make("batch", "job-definition", "batch", "register_job_definition", "jobDefinitionArn", jobDefinitionName="bench", type="container", containerProperties={"image": "busybox", "vcpus": 1, "memory": 128})
    r.make("elasticbeanstalk", "application", "elasticbeanstalk", "create_application", "=bench", ApplicationName="bench")
    r.make("elasticbeanstalk", "environment", "elasticbeanstalk", "create_environment", "EnvironmentId", "EnvironmentArn", ApplicationName="bench", EnvironmentName="bench-env", SolutionStackName="64bit Amazon Linux 2018.03 v2.9.8 running PHP 7.1")
    for i in r.many(2):
        r.make("emr-serverless", "application", "emr-serverless", "create_application", "applicationId", "arn", name=f"bench-{i}", type="SPARK", releaseLabel="emr-6.6.0", clientToken=f"t{i}")


def data(r, subnets, groups):
    for i in r.many(40):
        r.make("dynamodb", "table", "dynamodb", "create_table", f"=bench-{i}", "TableDescription.TableArn", TableName=f"bench-{i}", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST", Tags=tags(i))
    r.make("dynamodb", "backup", "dynamodb", "create_backup", "BackupDetails.BackupArn", TableName="bench-0", BackupName="bench")
    r.make("rds", "db-subnet-group", "rds", "create_db_subnet_group", "=bench", DBSubnetGroupName="bench", DBSubnetGroupDescription=hostile(0), SubnetIds=subnets[:2])
    r.make("rds", "db-parameter-group", "rds", "create_db_parameter_group", "=bench", DBParameterGroupName="bench", DBParameterGroupFamily="mysql8.0", Description="bench")
    r.make("rds", "db-cluster-parameter-group", "rds", "create_db_cluster_parameter_group", "=bench", DBClusterParameterGroupName="bench", DBParameterGroupFamily="aurora-mysql8.0", Description="bench")
    for i in r.many(8):
        r.make("rds", "db-instance", "rds", "create_db_instance", f"=bench-{i}", "DBInstance.DBInstanceArn", DBInstanceIdentifier=f"bench-{i}", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, MasterUsername="root", MasterUserPassword="password12", Tags=tags(i))
        r.make("rds", "db-snapshot", "rds", "create_db_snapshot", f"=snap-{i}", "DBSnapshot.DBSnapshotArn", DBInstanceIdentifier=f"bench-{i}", DBSnapshotIdentifier=f"snap-{i}")
    for i in r.many(2):
        r.make("rds", "db-cluster", "rds", "create_db_cluster", f"=cluster-{i}", "DBCluster.DBClusterArn", DBClusterIdentifier=f"cluster-{i}", Engine="aurora-mysql", MasterUsername="root", MasterUserPassword="password12")
        r.make("rds", "db-cluster-snapshot", "rds", "create_db_cluster_snapshot", f"=csnap-{i}", DBClusterIdentifier=f"cluster-{i}", DBClusterSnapshotIdentifier=f"csnap-{i}")
        r.make("rds", "event-subscription", "rds", "create_event_subscription", f"=events-{i}", SubscriptionName=f"events-{i}", SnsTopicArn=f"arn:aws:sns:{r.name}:{ACCOUNT}:bench-0")
        r.make("neptune", "cluster", "neptune", "create_db_cluster", f"=neptune-{i}", DBClusterIdentifier=f"neptune-{i}", Engine="neptune")
        r.make("neptune", "instance", "neptune", "create_db_instance", f"=neptune-{i}-a", DBInstanceIdentifier=f"neptune-{i}-a", DBInstanceClass="db.r5.large", Engine="neptune", DBClusterIdentifier=f"neptune-{i}")
        r.make("redshift", "cluster", "redshift", "create_cluster", f"=bench-{i}", ClusterIdentifier=f"bench-{i}", NodeType="ra3.large", MasterUsername="root", MasterUserPassword="Password12", DBName="x", Tags=tags(i))
        r.make("redshift", "snapshot", "redshift", "create_cluster_snapshot", f"=rsnap-{i}", ClusterIdentifier=f"bench-{i}", SnapshotIdentifier=f"rsnap-{i}")
        r.make("redshift", "parameter-group", "redshift", "create_cluster_parameter_group", f"=rpg-{i}", ParameterGroupName=f"rpg-{i}", ParameterGroupFamily="redshift-1.0", Description="bench")
        r.make("elasticache", "cluster", "elasticache", "create_cache_cluster", f"=bench-{i}", CacheClusterId=f"bench-{i}", CacheNodeType="cache.t3.micro", Engine="redis", NumCacheNodes=1, Tags=tags(i))
        r.make("elasticache", "replication-group", "elasticache", "create_replication_group", f"=group-{i}", ReplicationGroupId=f"group-{i}", ReplicationGroupDescription=hostile(i))
        r.make("elasticache", "user", "elasticache", "create_user", f"=user-{i}", UserId=f"user-{i}", UserName=f"user-{i}", Engine="redis", AccessString="on ~* +@all", NoPasswordRequired=True)
        r.make("memorydb", "cluster", "memorydb", "create_cluster", f"=mem-{i}", "Cluster.ARN", ClusterName=f"mem-{i}", NodeType="db.t4g.small", ACLName="open-access")
        r.make("dax", "cluster", "dax", "create_cluster", f"=dax-{i}", "Cluster.ClusterArn", ClusterName=f"dax-{i}", NodeType="dax.r5.large", ReplicationFactor=1, IamRoleArn=ROLE)
        r.make("fsx", "file-system-lustre", "fsx", "create_file_system", "FileSystem.FileSystemId", FileSystemType="LUSTRE", StorageCapacity=1200, SubnetIds=subnets[:1], Tags=tags(i))
        r.make("opensearch", "domain", "opensearch", "create_domain", f"=bench-{i}", "DomainStatus.ARN", DomainName=f"bench-{i}", TagList=tags(i))
        r.make("opensearch-serverless", "security-policy", "opensearchserverless", "create_security_policy", f"=net-{i}", type="network", name=f"net-{i}", policy='[{"Rules":[{"ResourceType":"collection","Resource":["collection/x"]}],"AllowFromPublic":true}]')
        r.make("timestream-influxdb", "db-instance", "timestream-influxdb", "create_db_instance", "id", "arn", name=f"bench-{i}", dbInstanceType="db.influx.medium", vpcSubnetIds=subnets[:1], vpcSecurityGroupIds=groups[:1], allocatedStorage=20, password="password12")
        system = r.make("efs", "file-system", "efs", "create_file_system", "FileSystemId", CreationToken=f"t{i}", Tags=tags(i))
        if system:
            r.make("efs", "access-point", "efs", "create_access_point", "AccessPointId", ClientToken=f"t{i}", FileSystemId=system, Tags=tags(i))
        r.make("timestream", "database", "timestream-write", "create_database", f"=bench{i}", DatabaseName=f"bench{i}")
        r.make("timestream", "table", "timestream-write", "create_table", f"=table{i}", "Table.Arn", DatabaseName=f"bench{i}", TableName=f"table{i}")
    for i in r.many(3):
        r.make("glue", "database", "glue", "create_database", f"=bench{i}", DatabaseInput={"Name": f"bench{i}", "Description": hostile(i)})
        for t in range(3):
            r.make("glue", "table", "glue", "create_table", f"=table{i}{t}", DatabaseName=f"bench{i}", TableInput={"Name": f"table{i}{t}", "StorageDescriptor": {"Columns": []}})
        r.make("glue", "job", "glue", "create_job", f"=job-{i}", Name=f"job-{i}", Role=ROLE, Command={"Name": "glueetl", "ScriptLocation": "s3://x/y"})
        r.make("glue", "crawler", "glue", "create_crawler", f"=crawler-{i}", Name=f"crawler-{i}", Role=ROLE, DatabaseName=f"bench{i}", Targets={"S3Targets": [{"Path": "s3://x"}]})
        r.make("glue", "connection", "glue", "create_connection", f"=conn-{i}", ConnectionInput={"Name": f"conn-{i}", "ConnectionType": "JDBC", "ConnectionProperties": {"PASSWORD": "secret"}})
        r.make("glue", "trigger", "glue", "create_trigger", f"=trigger-{i}", Name=f"trigger-{i}", Type="ON_DEMAND", Actions=[{"JobName": f"job-{i}"}])
        r.make("glue", "registry", "glue", "create_registry", f"=reg-{i}", "RegistryArn", RegistryName=f"reg-{i}")
        r.make("athena", "workgroup", "athena", "create_work_group", f"=bench-{i}", Name=f"bench-{i}", Description=hostile(i), Configuration={})
        r.make("athena", "data-catalog", "athena", "create_data_catalog", f"=cat-{i}", Name=f"cat-{i}", Type="GLUE", Description="x", Parameters={"catalog-id": ACCOUNT})
        r.make("athena", "named-query", "athena", "create_named_query", "NamedQueryId", Name=hostile(i)[:60], Database="x", QueryString="SELECT 1", WorkGroup=f"bench-{i}")
        r.make("kinesis", "stream", "kinesis", "create_stream", f"=bench-{i}", StreamName=f"bench-{i}", ShardCount=1)
        r.make("kinesis", "stream-consumer", "kinesis", "register_stream_consumer", "Consumer.ConsumerName", "Consumer.ConsumerARN", StreamARN=f"arn:aws:kinesis:{r.name}:{ACCOUNT}:stream/bench-{i}", ConsumerName=f"consumer-{i}")
        r.make("firehose", "delivery-stream", "firehose", "create_delivery_stream", f"=bench-{i}", "DeliveryStreamARN", DeliveryStreamName=f"bench-{i}", S3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::bench-bucket-0"})
        r.make("kinesisvideo", "stream", "kinesisvideo", "create_stream", f"=video-{i}", "StreamARN", StreamName=f"video-{i}")
        r.make("kinesisanalyticsv2", "application", "kinesisanalyticsv2", "create_application", f"=app-{i}", "ApplicationDetail.ApplicationARN", ApplicationName=f"app-{i}", RuntimeEnvironment="FLINK-1_18", ServiceExecutionRole=ROLE)
        r.make("lakeformation", "lf-tag", "lakeformation", "create_lf_tag", f"=tag{i}", TagKey=f"tag{i}", TagValues=["a"])
        r.make("backup", "vault", "backup", "create_backup_vault", f"=bench-{i}", "BackupVaultArn", BackupVaultName=f"bench-{i}")
        r.make("backup", "plan", "backup", "create_backup_plan", "BackupPlanId", "BackupPlanArn", BackupPlan={"BackupPlanName": f"plan-{i}", "Rules": [{"RuleName": "r", "TargetBackupVaultName": f"bench-{i}"}]})
        r.make("dms", "replication-instance", "dms", "create_replication_instance", f"=ri-{i}", ReplicationInstanceIdentifier=f"ri-{i}", ReplicationInstanceClass="dms.t3.micro")
        r.make("dms", "endpoint", "dms", "create_endpoint", f"=ep-{i}", EndpointIdentifier=f"ep-{i}", EndpointType="source", EngineName="mysql", Password="secret")
    r.make("lakeformation", "registered-resource", "lakeformation", "register_resource", "=arn:aws:s3:::bench-bucket-0", ResourceArn="arn:aws:s3:::bench-bucket-0", RoleArn=ROLE)
    r.make("kafka", "cluster", "kafka", "create_cluster", "ClusterArn", ClusterName="bench", KafkaVersion="3.5.1", NumberOfBrokerNodes=2, BrokerNodeGroupInfo={"ClientSubnets": subnets[:2], "InstanceType": "kafka.m5.large"})
    r.make("mq", "broker", "mq", "create_broker", "BrokerId", "BrokerArn", BrokerName="bench", AutoMinorVersionUpgrade=False, DeploymentMode="SINGLE_INSTANCE", EngineType="ACTIVEMQ", EngineVersion="5.18", HostInstanceType="mq.t3.micro", PubliclyAccessible=False, Users=[{"Username": "admin", "Password": "secretsecret12"}])
    r.make("mq", "configuration", "mq", "create_configuration", "Id", "Arn", Name="bench", EngineType="ACTIVEMQ", EngineVersion="5.18")
    r.make("ds", "directory", "ds", "create_directory", "DirectoryId", Name="bench.example.com", Password="Passw0rd!", Size="Small", VpcSettings={"VpcId": r.client("ec2").describe_subnets(SubnetIds=subnets[:1])["Subnets"][0]["VpcId"], "SubnetIds": subnets[:2]})
    r.make("transfer", "server", "transfer", "create_server", "ServerId", Tags=tags(1), IdentityProviderType="SERVICE_MANAGED", Protocols=["SFTP"])
    r.make("datasync", "location", "datasync", "create_location_s3", "LocationArn", S3BucketArn="arn:aws:s3:::bench-bucket-0", S3Config={"BucketAccessRoleArn": ROLE})


def messages(r):
    home = r.name == HOME
    for i in r.many(1080 if home else 20):
        r.make("sqs", "queue", "sqs", "create_queue", f"=bench-{i}", QueueName=f"bench-{i}", tags=tag_map(i) if i % 4 == 0 else {})
    for i in r.many(420 if home else 15):
        r.make("ssm", "parameter", "ssm", "put_parameter", f"=/bench/{i}", Name=f"/bench/{i}", Description=hostile(i), Value="secret", Type="SecureString" if i % 3 == 0 else "String", **({"Tags": tags(i)} if i % 2 else {}))
    for i in r.many(1040 if home else 20):
        r.make("logs", "log-group", "logs", "create_log_group", f"=/bench/{i}", logGroupName=f"/bench/{i}", tags=tag_map(i) if i % 4 == 0 else {})
    for i in r.many(4):
        r.make("logs", "metric-filter", "logs", "put_metric_filter", f"=filter-{i}", logGroupName=f"/bench/{i}", filterName=f"filter-{i}", filterPattern="x", metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]) if i < 2 * max(1, r.scale) else None
        r.make("logs", "destination", "logs", "put_destination", f"=dest-{i}", destinationName=f"dest-{i}", targetArn=f"arn:aws:kinesis:{r.name}:{ACCOUNT}:stream/bench-0", roleArn=ROLE)
    for i in r.many(30):
        r.make("sns", "topic", "sns", "create_topic", "TopicArn", Name=f"bench-{i}", Tags=tags(i))
        r.make("sns", "subscription", "sns", "subscribe", "SubscriptionArn", TopicArn=f"arn:aws:sns:{r.name}:{ACCOUNT}:bench-{i}", Protocol="sqs", Endpoint=f"arn:aws:sqs:{r.name}:{ACCOUNT}:bench-0")
    for i in r.many(50):
        r.make("cloudwatch", "metric-alarm", "cloudwatch", "put_metric_alarm", f"={hostile(i)[:80]} {i}", AlarmName=f"{hostile(i)[:80]} {i}", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", Tags=tags(i))
        r.make("secretsmanager", "secret", "secretsmanager", "create_secret", f"=bench-{i}", "ARN", Name=f"bench-{i}", Description=hostile(i), SecretString="secret", Tags=tags(i))
    for i in r.many(3):
        r.make("cloudwatch", "dashboard", "cloudwatch", "put_dashboard", f"=bench-{i}", DashboardName=f"bench-{i}", DashboardBody='{"widgets":[]}')
    for i in r.many(30):
        key = r.make("kms", "key", "kms", "create_key", "KeyMetadata.KeyId", "KeyMetadata.Arn", Description=hostile(i), Tags=tags(i, "TagKey", "TagValue"))
        if key:
            r.make("kms", "alias", "kms", "create_alias", f"=alias/bench-{i}", AliasName=f"alias/bench-{i}", TargetKeyId=key)
    for i in r.many(20):
        r.make("events", "rule", "events", "put_rule", f"=bench-{i}", "RuleArn", Name=f"bench-{i}", ScheduleExpression="rate(5 minutes)", Description=hostile(i), Tags=tags(i))
    for i in r.many(3):
        r.make("events", "event-bus", "events", "create_event_bus", f"=bus-{i}", "EventBusArn", Name=f"bus-{i}")
        r.make("events", "rule", "events", "put_rule", f"=other-{i}", "RuleArn", Name=f"other-{i}", EventBusName=f"bus-{i}", EventPattern='{"source":["x"]}')
        r.make("events", "archive", "events", "create_archive", f"=archive-{i}", "ArchiveArn", ArchiveName=f"archive-{i}", EventSourceArn=f"arn:aws:events:{r.name}:{ACCOUNT}:event-bus/bus-{i}")
        connection = r.call("events", "create_connection", Name=f"conn-{i}", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "secret"}})
        if connection:
            r.add("events", "connection", f"conn-{i}", connection["ConnectionArn"])
            r.make("events", "api-destination", "events", "create_api_destination", f"=api-{i}", "ApiDestinationArn", Name=f"api-{i}", ConnectionArn=connection["ConnectionArn"], InvocationEndpoint="https://example.com", HttpMethod="POST")
        r.make("scheduler", "schedule-group", "scheduler", "create_schedule_group", f"=group-{i}", "ScheduleGroupArn", Name=f"group-{i}")
        r.make("scheduler", "schedule", "scheduler", "create_schedule", f"=schedule-{i}", "ScheduleArn", Name=f"schedule-{i}", GroupName=f"group-{i}", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": f"arn:aws:sqs:{r.name}:{ACCOUNT}:bench-0", "RoleArn": ROLE})
        r.make("pipes", "pipe", "pipes", "create_pipe", f"=pipe-{i}", "Arn", Name=f"pipe-{i}", RoleArn=ROLE, Source=f"arn:aws:sqs:{r.name}:{ACCOUNT}:bench-0", Target=f"arn:aws:sqs:{r.name}:{ACCOUNT}:bench-1")
    for i in r.many(8):
        r.make("stepfunctions", "state-machine", "stepfunctions", "create_state_machine", "stateMachineArn", name=f"bench-{i}", definition='{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}', roleArn=ROLE, tags=tags(i, "key", "value"))
        r.make("stepfunctions", "activity", "stepfunctions", "create_activity", "activityArn", name=f"activity-{i}")
    for i in r.many(3):
        r.make("ssm", "document", "ssm", "create_document", f"=bench-{i}", Content='{"schemaVersion":"2.2","mainSteps":[{"action":"aws:runShellScript","name":"x"}]}', Name=f"bench-{i}", DocumentType="Command", DocumentFormat="JSON")
        r.make("ssm", "maintenance-window", "ssm", "create_maintenance_window", "WindowId", Name=f"bench-{i}", Schedule="rate(1 day)", Duration=2, Cutoff=1, AllowUnassociatedTargets=False)
        r.make("ssm", "patch-baseline", "ssm", "create_patch_baseline", "BaselineId", Name=f"bench-{i}", OperatingSystem="AMAZON_LINUX_2")
        r.make("sesv2", "email-identity", "sesv2", "create_email_identity", f"=bench{i}.example.com", EmailIdentity=f"bench{i}.example.com")
        r.make("sesv2", "configuration-set", "sesv2", "create_configuration_set", f"=bench-{i}", ConfigurationSetName=f"bench-{i}")
        r.make("sesv2", "contact-list", "sesv2", "create_contact_list", f"=list-{i}", ContactListName=f"list-{i}") if i == 0 else None
        r.make("sesv2", "dedicated-ip-pool", "sesv2", "create_dedicated_ip_pool", f"=pool-{i}", PoolName=f"pool-{i}", ScalingMode="STANDARD")


def web(r):
    for i in r.many(8):
        api = r.make("apigateway", "rest-api", "apigateway", "create_rest_api", "id", name=f"{hostile(i)[:60]} {i}", description=hostile(i), tags=tag_map(i))
        if api and i < 3:
            root = r.client("apigateway").get_resources(restApiId=api)["items"][0]["id"]
            r.call("apigateway", "put_method", restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
            r.call("apigateway", "put_integration", restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
            deployment = r.call("apigateway", "create_deployment", restApiId=api)
            if deployment:
                r.make("apigateway", "stage", "apigateway", "create_stage", "=prod", restApiId=api, stageName="prod", deploymentId=deployment["id"])
    for i in r.many(3):
        r.make("apigateway", "api-key", "apigateway", "create_api_key", "id", name=f"key-{i}", value=f"secret-{i}-secretsecretsecret")
        r.make("apigateway", "usage-plan", "apigateway", "create_usage_plan", "id", name=f"plan-{i}")
        api = r.make("apigatewayv2", ("http-api", "websocket-api")[i % 2], "apigatewayv2", "create_api", "ApiId", Name=f"bench-{i}", ProtocolType=("HTTP", "WEBSOCKET")[i % 2], RouteSelectionExpression="$request.body.action", Tags=tag_map(i))
        if api:
            r.make("apigatewayv2", "stage", "apigatewayv2", "create_stage", f"=live-{i}", ApiId=api, StageName=f"live-{i}")
        r.make("apigatewayv2", "vpc-link", "apigatewayv2", "create_vpc_link", "VpcLinkId", Name=f"link-{i}", SubnetIds=["subnet-1"])
        r.make("apigatewayv2", "domain-name", "apigatewayv2", "create_domain_name", f"=d{i}.example.com", DomainName=f"d{i}.example.com", DomainNameConfigurations=[{}])
        api = r.make("appsync", "graphql-api", "appsync", "create_graphql_api", "graphqlApi.apiId", "graphqlApi.arn", name=f"bench-{i}", authenticationType="API_KEY")
        if api:
            r.call("appsync", "create_api_key", apiId=api)  # its id is a secret
        r.make("acm", "certificate", "acm", "request_certificate", "CertificateArn", DomainName=f"bench{i}.example.com", Tags=tags(i))
        r.make("acm-pca", "certificate-authority", "acm-pca", "create_certificate_authority", "CertificateAuthorityArn", CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={"KeyAlgorithm": "RSA_2048", "SigningAlgorithm": "SHA256WITHRSA", "Subject": {"CommonName": "x"}})
        pool = r.make("cognito", "user-pool", "cognito-idp", "create_user_pool", "UserPool.Id", PoolName=f"bench-{i}", UserPoolTags=tag_map(i))
        if pool:
            r.make("cognito", "user-pool-client", "cognito-idp", "create_user_pool_client", "UserPoolClient.ClientId", UserPoolId=pool, ClientName=f"client-{i}", GenerateSecret=True)
        r.make("cognito", "identity-pool", "cognito-identity", "create_identity_pool", "IdentityPoolId", IdentityPoolName=f"bench {i}", AllowUnauthenticatedIdentities=False)
        r.make("wafv2", "web-acl-regional", "wafv2", "create_web_acl", "Summary.Id", "Summary.ARN", Name=f"bench-{i}", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}, Tags=tags(i))
        r.make("wafv2", "ip-set-regional", "wafv2", "create_ip_set", "Summary.Id", "Summary.ARN", Name=f"set-{i}", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])
        r.make("wafv2", "rule-group-regional", "wafv2", "create_rule_group", "Summary.Id", "Summary.ARN", Name=f"rules-{i}", Scope="REGIONAL", Capacity=10, VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"})
        r.make("wafv2", "regex-pattern-set-regional", "wafv2", "create_regex_pattern_set", "Summary.Id", "Summary.ARN", Name=f"regex-{i}", Scope="REGIONAL", RegularExpressionList=[{"RegexString": "x"}])
        space = r.call("servicediscovery", "create_http_namespace", Name=f"bench{i}.local")
        if space:
            for one in r.call("servicediscovery", "list_namespaces")["Namespaces"]:
                if one["Name"] == f"bench{i}.local":
                    r.add("servicediscovery", "namespace", one["Id"], one["Arn"])
                    r.make("servicediscovery", "service", "servicediscovery", "create_service", "Service.Id", "Service.Arn", Name=f"svc-{i}", NamespaceId=one["Id"])
        network_id = r.make("vpc-lattice", "service-network", "vpc-lattice", "create_service_network", "id", "arn", name=f"bench-{i}", authType="NONE")
        service = r.make("vpc-lattice", "service", "vpc-lattice", "create_service", "id", "arn", name=f"svc-{i}", authType="NONE")
        r.make("vpc-lattice", "target-group", "vpc-lattice", "create_target_group", "id", "arn", name=f"tg-{i}", type="LAMBDA")
        r.make("resource-groups", "group", "resource-groups", "create_group", f"=bench-{i}", "Group.GroupArn", Name=f"bench-{i}", Description="x", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": '{"ResourceTypeFilters":["AWS::AllSupported"],"TagFilters":[{"Key":"Owner","Values":["x"]}]}'})
    r.make("route53resolver", "resolver-rule", "route53resolver", "create_resolver_rule", "ResolverRule.Id", "ResolverRule.Arn", CreatorRequestId="t", Name="bench", RuleType="FORWARD", DomainName="example.com", TargetIps=[{"Ip": "192.0.2.1", "Port": 53}])
    r.make("route53resolver", "query-log-config", "route53resolver", "create_resolver_query_log_config", "ResolverQueryLogConfig.Id", Name="bench", DestinationArn="arn:aws:s3:::bench-bucket-0", CreatorRequestId="t")
    r.make("network-firewall", "firewall", "network-firewall", "create_firewall", "=bench", "Firewall.FirewallArn", FirewallName="bench", FirewallPolicyArn=f"arn:aws:network-firewall:{r.name}:{ACCOUNT}:firewall-policy/x", VpcId="vpc-1", SubnetMappings=[{"SubnetId": "subnet-1"}])
    r.make("directconnect", "connection", "directconnect", "create_connection", "connectionId", location="EqDC2", bandwidth="1Gbps", connectionName=hostile(2))
    r.make("directconnect", "lag", "directconnect", "create_lag", "lagId", numberOfConnections=1, location="EqDC2", connectionsBandwidth="1Gbps", lagName="bench")


def develop(r):
    for i in r.many(4):
        r.make("cloudformation", "stack", "cloudformation", "create_stack", "StackId", StackName=f"bench-{i}", TemplateBody='{"Resources":{"Topic":{"Type":"AWS::SNS::Topic","Properties":{"TopicName":"stack-%d"}}}}' % i, Tags=tags(i))
        r.add("sns", "topic", f"arn:aws:sns:{r.name}:{ACCOUNT}:stack-{i}")
        r.make("cloudformation", "stack-set", "cloudformation", "create_stack_set", f"=set-{i}", StackSetName=f"set-{i}", TemplateBody='{"Resources":{}}')
        r.make("codebuild", "project", "codebuild", "create_project", f"=bench-{i}", "project.arn", name=f"bench-{i}", source={"type": "S3", "location": "bench/x"}, artifacts={"type": "NO_ARTIFACTS"}, environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": [{"name": "PASSWORD", "value": "secret"}]}, serviceRole=ROLE)
        r.make("codecommit", "repository", "codecommit", "create_repository", f"=bench-{i}", repositoryName=f"bench-{i}", repositoryDescription=hostile(i))
        r.make("codedeploy", "application", "codedeploy", "create_application", f"=bench-{i}", applicationName=f"bench-{i}", computePlatform="Server")
        r.make("codedeploy", "deployment-group", "codedeploy", "create_deployment_group", f"=group-{i}", applicationName=f"bench-{i}", deploymentGroupName=f"group-{i}", serviceRoleArn=ROLE)
        r.make("codepipeline", "pipeline", "codepipeline", "create_pipeline", f"=bench-{i}", pipeline={"name": f"bench-{i}", "roleArn": ROLE, "version": 1, "artifactStore": {"type": "S3", "location": "x"}, "stages": [{"name": "Source", "actions": [{"name": "S", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}, "configuration": {"S3Bucket": "x", "S3ObjectKey": "y"}, "outputArtifacts": [{"name": "a"}]}]}, {"name": "B", "actions": [{"name": "B", "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}}]}]})
        app = r.make("appconfig", "application", "appconfig", "create_application", "Id", Name=f"bench-{i}", Description=hostile(i))
        if app:
            r.make("appconfig", "configuration-profile", "appconfig", "create_configuration_profile", "Id", ApplicationId=app, Name=f"profile-{i}", LocationUri="hosted")
        r.make("iot", "thing", "iot", "create_thing", f"=thing-{i}", "thingArn", thingName=f"thing-{i}", attributePayload={"attributes": {"a": "b"}})
        r.make("iot", "thing-type", "iot", "create_thing_type", f"=type-{i}", "thingTypeArn", thingTypeName=f"type-{i}")
        r.make("iot", "thing-group", "iot", "create_thing_group", f"=group-{i}", "thingGroupArn", thingGroupName=f"group-{i}")
        r.make("iot", "policy", "iot", "create_policy", f"=policy-{i}", "policyArn", policyName=f"policy-{i}", policyDocument=ALLOW)
        r.make("iot", "certificate", "iot", "create_keys_and_certificate", "certificateId", "certificateArn", setAsActive=True)
        r.make("sagemaker", "model", "sagemaker", "create_model", f"=bench-{i}", "ModelArn", ModelName=f"bench-{i}", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "x"}, Tags=tags(i))
        r.make("sagemaker", "notebook-instance", "sagemaker", "create_notebook_instance", f"=nb-{i}", "NotebookInstanceArn", NotebookInstanceName=f"nb-{i}", InstanceType="ml.t3.medium", RoleArn=ROLE)
        r.make("sagemaker", "domain", "sagemaker", "create_domain", "DomainArn", DomainName=f"bench-{i}", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}, SubnetIds=["subnet-1"], VpcId="vpc-1")
    for i in r.many(2):
        r.make("emr", "cluster", "emr", "run_job_flow", "JobFlowId", Name=f"{r.name} {hostile(i)}", Instances={"KeepJobFlowAliveWhenNoSteps": True, "MasterInstanceType": "m5.xlarge", "InstanceCount": 1}, JobFlowRole="EMR_EC2", ServiceRole="EMR", Tags=tags(i))
        r.make("amp", "workspace", "amp", "create_workspace", "workspaceId", "arn", alias=hostile(i)[:90], tags=tag_map(i))
        r.make("comprehend", "entity-recognizer", "comprehend", "create_entity_recognizer", "EntityRecognizerArn", RecognizerName=f"bench-{i}", DataAccessRoleArn=ROLE, LanguageCode="en", InputDataConfig={"EntityTypes": [{"Type": "X"}]})
        r.make("comprehend", "document-classifier", "comprehend", "create_document_classifier", "DocumentClassifierArn", DocumentClassifierName=f"bench-{i}", DataAccessRoleArn=ROLE, LanguageCode="en", InputDataConfig={"S3Uri": "s3://x"})
        r.make("polly", "lexicon", "polly", "put_lexicon", f"=lex{i}", Name=f"lex{i}", Content='<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US"><lexeme><grapheme>W3C</grapheme><alias>W</alias></lexeme></lexicon>')
        r.make("transcribe", "vocabulary", "transcribe", "create_vocabulary", f"=vocab-{i}", VocabularyName=f"vocab-{i}", LanguageCode="en-US", Phrases=["x"])
        r.make("guardduty", "detector", "guardduty", "create_detector", "DetectorId", Enable=True) if i == 0 else None
        r.make("securityhub", "hub", "securityhub", "enable_security_hub", f"=arn:aws:securityhub:{r.name}:{ACCOUNT}:hub/default") if i == 0 else None
        r.make("config", "configuration-recorder", "config", "put_configuration_recorder", "=bench", ConfigurationRecorder={"name": "bench", "roleARN": ROLE, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}) if i == 0 else None
        r.make("config", "delivery-channel", "config", "put_delivery_channel", "=bench", DeliveryChannel={"name": "bench", "s3BucketName": "x"}) if i == 0 else None
        r.make("config", "config-rule", "config", "put_config_rule", f"=rule-{i}", ConfigRule={"ConfigRuleName": f"rule-{i}", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}, "Scope": {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}})
        r.make("config", "configuration-aggregator", "config", "put_configuration_aggregator", f"=agg-{i}", ConfigurationAggregatorName=f"agg-{i}", AccountAggregationSources=[{"AccountIds": [ACCOUNT], "AllAwsRegions": True}])
        r.make("fis", "experiment-template", "fis", "create_experiment_template", "experimentTemplate.id", clientToken=f"t{i}", description=hostile(i), stopConditions=[{"source": "none"}], targets={}, actions={}, roleArn=ROLE)
        r.make("glacier", "vault", "glacier", "create_vault", f"=vault-{i}", accountId="-", vaultName=f"vault-{i}")
        r.make("swf", "domain", "swf", "register_domain", f"=bench-{i}", name=f"bench-{i}", workflowExecutionRetentionPeriodInDays="1")
        r.make("signer", "signing-profile", "signer", "put_signing_profile", f"=bench_{i}", "arn", profileName=f"bench_{i}", platformId="AWSLambda-SHA384-ECDSA")
        r.make("servicecatalog", "portfolio", "servicecatalog", "create_portfolio", "PortfolioDetail.Id", DisplayName=f"bench-{i}", ProviderName="x", IdempotencyToken=f"t{i}")
        r.make("servicecatalog-appregistry", "application", "servicecatalog-appregistry", "create_application", "application.id", "application.arn", name=f"bench-{i}", clientToken=f"t{i}")
        r.make("bedrock", "agent", "bedrock-agent", "create_agent", "agent.agentId", "agent.agentArn", agentName=f"bench-{i}", agentResourceRoleArn=ROLE)
        r.make("bedrock", "knowledge-base", "bedrock-agent", "create_knowledge_base", "knowledgeBase.knowledgeBaseId", "knowledgeBase.knowledgeBaseArn", name=f"kb-{i}", roleArn=ROLE, knowledgeBaseConfiguration={"type": "VECTOR"}, storageConfiguration={"type": "RDS"})
        r.make("quicksight", "dashboard", "quicksight", "create_dashboard", f"=dash-{i}", "Arn", AwsAccountId=ACCOUNT, DashboardId=f"dash-{i}", Name=hostile(i)[:60], SourceEntity={})
        r.make("quicksight", "data-source", "quicksight", "create_data_source", f"=src-{i}", "Arn", AwsAccountId=ACCOUNT, DataSourceId=f"src-{i}", Name=f"src-{i}", Type="S3")
        r.make("cloudhsmv2", "cluster", "cloudhsmv2", "create_cluster", "Cluster.ClusterId", HsmType="hsm1.medium", SubnetIds=["subnet-1"])
        r.make("mediaconnect", "flow", "mediaconnect", "create_flow", "Flow.FlowArn", Name=f"flow-{i}", Source={"Name": "x", "Protocol": "srt-listener"})
        r.make("medialive", "channel", "medialive", "create_channel", "Channel.Id", "Channel.Arn", Name=f"ch-{i}", RequestId=f"t{i}")
        r.make("medialive", "input", "medialive", "create_input", "Input.Id", "Input.Arn", Name=f"in-{i}", Type="UDP_PUSH")
        r.make("mediapackage", "channel", "mediapackage", "create_channel", f"=ch-{i}", "Arn", Id=f"ch-{i}")
        r.make("mediapackage", "origin-endpoint", "mediapackage", "create_origin_endpoint", f"=oe-{i}", "Arn", Id=f"oe-{i}", ChannelId=f"ch-{i}")
        r.make("mediastore", "container", "mediastore", "create_container", f"=container{i}", "Container.ARN", ContainerName=f"container{i}")
        r.make("ivs", "channel", "ivs", "create_channel", "channel.arn", name=f"bench-{i}") if r.name != "ap-southeast-2" else None
        r.make("resiliencehub", "app", "resiliencehub", "create_app", "app.appArn", name=f"bench-{i}")
        r.make("resiliencehub", "resiliency-policy", "resiliencehub", "create_resiliency_policy", "policy.policyArn", policyName=f"bench-{i}", tier="Critical", policy={"Software": {"rpoInSecs": 1, "rtoInSecs": 1}, "Hardware": {"rpoInSecs": 1, "rtoInSecs": 1}, "AZ": {"rpoInSecs": 1, "rtoInSecs": 1}})
        r.make("synthetics", "canary", "synthetics", "create_canary", f"=canary-{i}", Name=f"canary-{i}", Code={"Handler": "x"}, ArtifactS3Location="s3://x", ExecutionRoleArn=ROLE, Schedule={"Expression": "rate(1 minute)"}, RuntimeVersion="syn-1")
        r.make("ram", "resource-share", "ram", "create_resource_share", "resourceShare.resourceShareArn", name=f"bench-{i}")
        r.make("lexv2", "bot", "lexv2-models", "create_bot", "botId", botName=f"bench-{i}", roleArn=ROLE, dataPrivacy={"childDirected": False}, idleSessionTTLInSeconds=60)
        r.make("inspector2", "filter", "inspector2", "create_filter", "arn", name=f"bench-{i}", action="NONE", filterCriteria={})
        r.make("cleanrooms", "collaboration", "cleanrooms", "create_collaboration", "collaboration.id", "collaboration.arn", name=f"bench-{i}", description="x", creatorDisplayName="x", creatorMemberAbilities=[], members=[], queryLogStatus="DISABLED")
        r.make("connect", "instance", "connect", "create_instance", "Id", "Arn", IdentityManagementType="SAML", InstanceAlias=f"bench-{i}", InboundCallsEnabled=True, OutboundCallsEnabled=True) if r.name != "eu-west-1" else None
        scalable = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/bench-{i}", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
        r.make("application-autoscaling", "scalable-target", "application-autoscaling", "register_scalable_target", f"=table/bench-{i}", MinCapacity=1, MaxCapacity=2, **scalable)
        r.make("application-autoscaling", "scaling-policy", "application-autoscaling", "put_scaling_policy", "PolicyARN", PolicyName=f"p-{i}", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={"TargetValue": 1.0}, **scalable)


def world(r):
    """What is in no region, or in one alone."""
    everywhere = {"where": "global"}
    for i in r.many(60):
        r.make("iam", "role", "iam", "create_role", f"=bench-role-{i}", "Role.Arn", RoleName=f"bench-role-{i}", AssumeRolePolicyDocument=ASSUME, Description=f"bench {i}", Tags=tags(i), **everywhere)
    for i in r.many(30):
        r.make("iam", "user", "iam", "create_user", f"=bench-user-{i}", "User.Arn", UserName=f"bench-user-{i}", Tags=tags(i), **everywhere)
        r.make("iam", "access-key", "iam", "create_access_key", "AccessKey.AccessKeyId", UserName=f"bench-user-{i}", **everywhere)
        r.make("iam", "policy", "iam", "create_policy", "Policy.Arn", PolicyName=f"bench-{i}", PolicyDocument=ALLOW, **everywhere)
        r.call("iam", "attach_user_policy", UserName=f"bench-user-{i}", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/bench-{i}")
    for i in r.many(8):
        r.make("iam", "group", "iam", "create_group", f"=bench-group-{i}", "Group.Arn", GroupName=f"bench-group-{i}", **everywhere)
        r.make("iam", "instance-profile", "iam", "create_instance_profile", f"=bench-{i}", "InstanceProfile.Arn", InstanceProfileName=f"bench-{i}", **everywhere)
        r.make("iam", "mfa-device", "iam", "create_virtual_mfa_device", "VirtualMFADevice.SerialNumber", VirtualMFADeviceName=f"mfa-{i}", **everywhere)
    r.make("iam", "saml-provider", "iam", "create_saml_provider", "SAMLProviderArn", Name="bench", SAMLMetadataDocument="x" * 1000, **everywhere)
    r.make("iam", "oidc-provider", "iam", "create_open_id_connect_provider", "OpenIDConnectProviderArn", Url="https://oidc.example.com", ThumbprintList=["a" * 40], **everywhere)
    for i in r.many(60):
        where = REGIONS[i % 3]
        made = {} if where == HOME else {"CreateBucketConfiguration": {"LocationConstraint": where}}
        r.make("s3", "bucket", "s3", "create_bucket", f"=bench-bucket-{i}", where=where, Bucket=f"bench-bucket-{i}", **made)
        if i % 2:
            r.call("s3", "put_bucket_tagging", Bucket=f"bench-bucket-{i}", Tagging={"TagSet": tags(i)})
    zones = [r.make("route53", "hosted-zone", "route53", "create_hosted_zone", "HostedZone.Id", Name=f"bench{i}.example.com", CallerReference=f"t{i}", **everywhere) for i in r.many(5)]
    for i in r.many(320):
        zone = zones[i % len(zones)]
        r.make("route53", "record-set", "route53", "change_resource_record_sets", f"=r{i}.bench{i % len(zones)}.example.com.", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": f"r{i}.bench{i % len(zones)}.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}, **everywhere)
    for i in r.many(4):
        r.make("route53", "health-check", "route53", "create_health_check", "HealthCheck.Id", CallerReference=f"t{i}", HealthCheckConfig={"IPAddress": "192.0.2.1", "Port": 80, "Type": "HTTP", "ResourcePath": "/"}, **everywhere)
        origin = {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "x.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]}
        r.make("cloudfront", "distribution", "cloudfront", "create_distribution", "Distribution.Id", "Distribution.ARN", DistributionConfig={"CallerReference": f"t{i}", "Origins": origin, "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}, "Comment": hostile(0), "Enabled": False}, **everywhere)
        r.make("cloudfront", "origin-access-control", "cloudfront", "create_origin_access_control", "OriginAccessControl.Id", OriginAccessControlConfig={"Name": f"oac-{i}", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}, **everywhere)
        r.make("budgets", "budget", "budgets", "create_budget", f"=bench-{i}", AccountId=ACCOUNT, Budget={"BudgetName": f"bench-{i}", "BudgetLimit": {"Amount": "10", "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"}, **everywhere)
        r.make("wafv2", "web-acl-cloudfront", "wafv2", "create_web_acl", "Summary.Id", "Summary.ARN", Name=f"cf-{i}", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig={"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}, **everywhere)
        r.make("s3", "table-bucket", "s3tables", "create_table_bucket", "arn", name=f"tables-{i}")
        r.make("dsql", "cluster", "dsql", "create_cluster", "identifier", "arn", deletionProtectionEnabled=False)
    r.call("s3", "create_bucket", Bucket="bench-trail")
    r.make("cloudtrail", "trail", "cloudtrail", "create_trail", "=bench", "TrailARN", Name="bench", S3BucketName="bench-trail", IsMultiRegionTrail=True)
    r.add("s3", "bucket", "bench-trail")
    organization = r.make("organizations", "organization", "organizations", "create_organization", "Organization.Id", FeatureSet="ALL", **everywhere)
    if organization:
        root = r.client("organizations").list_roots()["Roots"][0]["Id"]
        r.add("organizations", "root", root, where="global")
        for i in r.many(4):
            unit = r.make("organizations", "organizational-unit", "organizations", "create_organizational_unit", "OrganizationalUnit.Id", ParentId=root, Name=hostile(i)[:60], **everywhere)
            r.make("organizations", "account", "organizations", "create_account", "CreateAccountStatus.AccountId", Email=f"a{i}@example.com", AccountName=hostile(i)[:40], **everywhere)
            r.make("organizations", "policy", "organizations", "create_policy", "Policy.PolicySummary.Id", Content=ALLOW, Description="x", Name=f"bench-{i}", Type="SERVICE_CONTROL_POLICY", **everywhere)
    network_id = r.make("networkmanager", "global-network", "networkmanager", "create_global_network", "GlobalNetwork.GlobalNetworkId", Description=hostile(3), **everywhere)
    if network_id:
        for i in r.many(3):
            site = r.make("networkmanager", "site", "networkmanager", "create_site", "Site.SiteId", GlobalNetworkId=network_id, Description=f"site {i}", **everywhere)
            r.make("networkmanager", "device", "networkmanager", "create_device", "Device.DeviceId", GlobalNetworkId=network_id, Description=f"device {i}", **everywhere)
            r.make("networkmanager", "link", "networkmanager", "create_link", "Link.LinkId", GlobalNetworkId=network_id, SiteId=site, Bandwidth={"UploadSpeed": 1, "DownloadSpeed": 1}, **everywhere)
    instances = r.call("sso-admin", "list_instances")
    if instances and instances["Instances"]:
        sso = instances["Instances"][0]
        for i in r.many(4):
            r.make("sso", "permission-set", "sso-admin", "create_permission_set", "PermissionSet.PermissionSetArn", Name=f"bench-{i}", InstanceArn=sso["InstanceArn"])
            r.make("sso", "user", "identitystore", "create_user", "UserId", IdentityStoreId=sso["IdentityStoreId"], UserName=f"user-{i}", DisplayName=hostile(i), Name={"GivenName": "x", "FamilyName": "y"})
            r.make("sso", "group", "identitystore", "create_group", "GroupId", IdentityStoreId=sso["IdentityStoreId"], DisplayName=f"group {i}")


def fill(r):
    subnets, groups, vpc = network(r)
    for part in (lambda: compute(r, subnets, groups, vpc), lambda: data(r, subnets, groups), lambda: messages(r), lambda: web(r), lambda: develop(r)):
        part()
    return r


def main():
    endpoint, truth = sys.argv[1:3]
    scale = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
    regions = [Region(endpoint, name, scale) for name in REGIONS]
    world(regions[0])  # roles and buckets that the others name
    with ThreadPoolExecutor(len(regions)) as threads:
        list(threads.map(fill, regions))
    rows = [row for r in regions for row in r.rows]
    with open(truth, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write("\t".join(json.dumps(word, ensure_ascii=False)[1:-1] for word in row) + "\n")
    for r in regions:
        for line in r.refused:
            print("not made: " + line.replace("\n", " "), file=sys.stderr)
    services = {row[0] for row in rows}
    kinds = {row[:2] for row in rows}
    print(f"{len(rows)} resources, {len(kinds)} kinds, {len(services)} services, {len(regions)} regions")


if __name__ == "__main__":
    main()
