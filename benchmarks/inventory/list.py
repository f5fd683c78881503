#!/usr/bin/env python3
"""What moto lists when boto3 asks it: a second opinion on what a scan must find.

    list.py ENDPOINT REGION...

Prints a line for each resource: service and type as Freeway calls them, region (global where there is none) and the id or ARN,
separated by tabs, written as in JSON strings.
"""

import json
import sys

import boto3
import jmespath
from botocore.config import Config

# Service and type, boto3's client and operation, where the ids are in an answer (JMESPath).
REGIONAL = """
acm certificate acm list_certificates CertificateSummaryList[].CertificateArn
acm-pca certificate-authority acm-pca list_certificate_authorities CertificateAuthorities[].Arn
amp workspace amp list_workspaces workspaces[].workspaceId
apigateway rest-api apigateway get_rest_apis items[].id
apigateway api-key apigateway get_api_keys items[].id
apigateway usage-plan apigateway get_usage_plans items[].id
apigatewayv2 vpc-link apigatewayv2 get_vpc_links Items[].VpcLinkId
apigatewayv2 domain-name apigatewayv2 get_domain_names Items[].DomainName
appsync graphql-api appsync list_graphql_apis graphqlApis[].apiId
athena workgroup athena list_work_groups WorkGroups[].Name
autoscaling auto-scaling-group autoscaling describe_auto_scaling_groups AutoScalingGroups[].AutoScalingGroupName
autoscaling launch-configuration autoscaling describe_launch_configurations LaunchConfigurations[].LaunchConfigurationName
backup vault backup list_backup_vaults BackupVaultList[].BackupVaultName
backup plan backup list_backup_plans BackupPlansList[].BackupPlanId
batch compute-environment batch describe_compute_environments computeEnvironments[].computeEnvironmentName
batch job-queue batch describe_job_queues jobQueues[].jobQueueName
cloudformation stack cloudformation describe_stacks Stacks[].StackId
cloudhsmv2 cluster cloudhsmv2 describe_clusters Clusters[].ClusterId
cloudwatch metric-alarm cloudwatch describe_alarms MetricAlarms[].AlarmName
codebuild project codebuild list_projects projects[]
codedeploy application codedeploy list_applications applications[]
codepipeline pipeline codepipeline list_pipelines pipelines[].name
cognito user-pool cognito-idp list_user_pools UserPools[].Id
comprehend entity-recognizer comprehend list_entity_recognizers EntityRecognizerPropertiesList[].EntityRecognizerArn
config config-rule config describe_config_rules ConfigRules[].ConfigRuleName
dax cluster dax describe_clusters Clusters[].ClusterName
dms replication-instance dms describe_replication_instances ReplicationInstances[].ReplicationInstanceIdentifier
ds directory ds describe_directories DirectoryDescriptions[].DirectoryId
dynamodb table dynamodb list_tables TableNames[]
ec2 instance ec2 describe_instances Reservations[].Instances[].InstanceId
ec2 volume ec2 describe_volumes Volumes[].VolumeId
ec2 security-group ec2 describe_security_groups SecurityGroups[].GroupId
ec2 key-pair ec2 describe_key_pairs KeyPairs[].KeyPairId
ec2 elastic-ip ec2 describe_addresses Addresses[].AllocationId
ec2 network-interface ec2 describe_network_interfaces NetworkInterfaces[].NetworkInterfaceId
ec2 launch-template ec2 describe_launch_templates LaunchTemplates[].LaunchTemplateId
ec2 flow-log ec2 describe_flow_logs FlowLogs[].FlowLogId
ecr repository ecr describe_repositories repositories[].repositoryName
ecs cluster ecs list_clusters clusterArns[]
efs file-system efs describe_file_systems FileSystems[].FileSystemId
efs access-point efs describe_access_points AccessPoints[].AccessPointId
eks cluster eks list_clusters clusters[]
elasticache cluster elasticache describe_cache_clusters CacheClusters[].CacheClusterId
elasticache replication-group elasticache describe_replication_groups ReplicationGroups[].ReplicationGroupId
elasticbeanstalk application elasticbeanstalk describe_applications Applications[].ApplicationName
elb classic-load-balancer elb describe_load_balancers LoadBalancerDescriptions[].LoadBalancerName
elbv2 target-group elbv2 describe_target_groups TargetGroups[].TargetGroupArn
emr-serverless application emr-serverless list_applications applications[].id
pipes pipe pipes list_pipes Pipes[].Name
scheduler schedule scheduler list_schedules Schedules[].Arn
events event-bus events list_event_buses EventBuses[].Name
events archive events list_archives Archives[].ArchiveName
events connection events list_connections Connections[].Name
events api-destination events list_api_destinations ApiDestinations[].Name
firehose delivery-stream firehose list_delivery_streams DeliveryStreamNames[]
fsx file-system-lustre fsx describe_file_systems FileSystems[].FileSystemId
glue database glue get_databases DatabaseList[].Name
glue job glue get_jobs Jobs[].Name
glue crawler glue get_crawlers Crawlers[].Name
glue connection glue get_connections ConnectionList[].Name
guardduty detector guardduty list_detectors DetectorIds[]
iot thing iot list_things things[].thingName
iot policy iot list_policies policies[].policyName
iot certificate iot list_certificates certificates[].certificateId
kafka cluster kafka list_clusters_v2 ClusterInfoList[].ClusterArn
kinesis stream kinesis list_streams StreamNames[]
kinesisvideo stream kinesisvideo list_streams StreamInfoList[].StreamName
kms key kms list_keys Keys[].KeyId
kms alias kms list_aliases Aliases[].AliasName
lambda function lambda list_functions Functions[].FunctionName
lambda layer lambda list_layers Layers[].LayerName
logs log-group logs describe_log_groups logGroups[].logGroupName
logs metric-filter logs describe_metric_filters metricFilters[].filterName
medialive channel medialive list_channels Channels[].Id
mediapackage channel mediapackage list_channels Channels[].Id
memorydb cluster memorydb describe_clusters Clusters[].Name
mq broker mq list_brokers BrokerSummaries[].BrokerId
network-firewall firewall network-firewall list_firewalls Firewalls[].FirewallName
opensearch domain opensearch list_domain_names DomainNames[].DomainName
rds db-snapshot rds describe_db_snapshots DBSnapshots[].DBSnapshotIdentifier
rds db-subnet-group rds describe_db_subnet_groups DBSubnetGroups[].DBSubnetGroupName
rds db-parameter-group rds describe_db_parameter_groups DBParameterGroups[].DBParameterGroupName
redshift cluster redshift describe_clusters Clusters[].ClusterIdentifier
redshift snapshot redshift describe_cluster_snapshots Snapshots[].SnapshotIdentifier
resource-groups group resource-groups list_groups GroupIdentifiers[].GroupName
sagemaker model sagemaker list_models Models[].ModelName
sagemaker notebook-instance sagemaker list_notebook_instances NotebookInstances[].NotebookInstanceName
secretsmanager secret secretsmanager list_secrets SecretList[].ARN
servicediscovery namespace servicediscovery list_namespaces Namespaces[].Id
sns topic sns list_topics Topics[].TopicArn
sns subscription sns list_subscriptions Subscriptions[].SubscriptionArn
sqs queue sqs list_queues QueueUrls[]
ssm parameter ssm describe_parameters Parameters[].Name
ssm maintenance-window ssm describe_maintenance_windows WindowIdentities[].WindowId
stepfunctions state-machine stepfunctions list_state_machines stateMachines[].stateMachineArn
stepfunctions activity stepfunctions list_activities activities[].activityArn
timestream database timestream-write list_databases Databases[].DatabaseName
transfer server transfer list_servers Servers[].ServerId
vpc vpc ec2 describe_vpcs Vpcs[].VpcId
vpc subnet ec2 describe_subnets Subnets[].SubnetId
vpc route-table ec2 describe_route_tables RouteTables[].RouteTableId
vpc internet-gateway ec2 describe_internet_gateways InternetGateways[].InternetGatewayId
vpc nat-gateway ec2 describe_nat_gateways NatGateways[].NatGatewayId
vpc network-acl ec2 describe_network_acls NetworkAcls[].NetworkAclId
vpc vpc-endpoint ec2 describe_vpc_endpoints VpcEndpoints[].VpcEndpointId
vpc vpc-peering ec2 describe_vpc_peering_connections VpcPeeringConnections[].VpcPeeringConnectionId
vpc transit-gateway ec2 describe_transit_gateways TransitGateways[].TransitGatewayId
vpc-lattice service-network vpc-lattice list_service_networks items[].id
"""
WITH = {"list_queues": {"MaxResults": 1000}, "list_user_pools": {"MaxResults": 60}}
GLOBAL = """
cloudfront distribution cloudfront list_distributions DistributionList.Items[].Id
iam user iam list_users Users[].UserName
iam role iam list_roles Roles[].RoleName
iam group iam list_groups Groups[].GroupName
iam instance-profile iam list_instance_profiles InstanceProfiles[].InstanceProfileName
organizations account organizations list_accounts Accounts[].Id
route53 hosted-zone route53 list_hosted_zones HostedZones[].Id
route53 health-check route53 list_health_checks HealthChecks[].Id
s3 bucket s3 list_buckets Buckets[].Name
"""


def main():
    endpoint, regions = sys.argv[1], sys.argv[2:]
    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    for region in [*regions, "global"]:
        for line in (GLOBAL if region == "global" else REGIONAL).split("\n"):
            if not line:
                continue
            label, kind, service, operation, path = line.split(" ", 4)
            client = boto3.client(service, endpoint_url=endpoint, region_name="us-east-1" if region == "global" else region, aws_access_key_id="testing", aws_secret_access_key="testing", config=config)
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**WITH.get(operation, {}))
            else:
                pages = [getattr(client, operation)()]
            for page in pages:
                for ident in jmespath.search(path, page) or []:
                    print("\t".join(json.dumps(word, ensure_ascii=False)[1:-1] for word in (label, kind, region, ident)))


if __name__ == "__main__":
    main()
