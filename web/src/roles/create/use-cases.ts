// The services that roles are most often made for, as AWS's console offers them.

export interface UseCase {
  name: string;
  description: string;
  principal: string;
  /** The policy that AWS made for it, if there is one. */
  policy?: string; // ARN
  /** Made for a service by IAM itself: nothing of it is the customer's to choose. */
  linked?: boolean;
  /** Instances take the role by an instance profile. */
  profile?: boolean;
}

export interface ServiceUseCases {
  service: string;
  cases: UseCase[];
}

const aws = (policy: string) => "arn:aws:iam::aws:policy/" + policy;
const common = (service: string, principal: string, description: string, policy?: string, profile?: boolean): ServiceUseCases => ({
  service,
  cases: [{ name: service, principal, description, policy: policy && aws(policy), profile }],
});
const linked = (name: string, principal: string, description: string): UseCase => ({ name, principal, description, linked: true });

/** The two that AWS's console puts first. */
export const commonlyUsed = ["EC2", "Lambda"];

export const useCases: ServiceUseCases[] = [
  common("API Gateway", "apigateway.amazonaws.com", "Allows API Gateway to push logs to CloudWatch Logs.", "service-role/AmazonAPIGatewayPushToCloudWatchLogs"),
  common("App Runner", "build.apprunner.amazonaws.com", "Allows App Runner to pull images from ECR on your behalf.", "service-role/AWSAppRunnerServicePolicyForECRAccess"),
  common("AppSync", "appsync.amazonaws.com", "Allows AppSync to push logs to CloudWatch Logs.", "service-role/AWSAppSyncPushToCloudWatchLogs"),
  common("Backup", "backup.amazonaws.com", "Provides AWS Backup permission to create backups and perform restores on your behalf across AWS services.", "service-role/AWSBackupServiceRolePolicyForBackup"),
  common("Batch", "batch.amazonaws.com", "Allows Batch to create and manage AWS resources on your behalf.", "service-role/AWSBatchServiceRole"),
  common("Bedrock", "bedrock.amazonaws.com", "Allows Bedrock to call AWS services on your behalf."),
  common("CloudFormation", "cloudformation.amazonaws.com", "Allows CloudFormation to create and manage AWS stacks and resources on your behalf."),
  common("CloudTrail", "cloudtrail.amazonaws.com", "Allows CloudTrail to deliver events to CloudWatch Logs."),
  common("CodeBuild", "codebuild.amazonaws.com", "Allows CodeBuild to call AWS services on your behalf."),
  common("CodeDeploy", "codedeploy.amazonaws.com", "Allows CodeDeploy to call AWS services such as Auto Scaling on your behalf.", "service-role/AWSCodeDeployRole"),
  common("CodePipeline", "codepipeline.amazonaws.com", "Allows CodePipeline to call AWS services on your behalf."),
  common("Cognito", "cognito-idp.amazonaws.com", "Allows Cognito to use your SNS resources to send messages on your behalf."),
  common("Config", "config.amazonaws.com", "Allows Config to call AWS services and collect resource configurations on your behalf.", "service-role/AWS_ConfigRole"),
  common("DMS", "dms.amazonaws.com", "Allows Database Migration Service to call AWS services on your behalf.", "service-role/AmazonDMSVPCManagementRole"),
  common("EC2", "ec2.amazonaws.com", "Allows EC2 instances to call AWS services on your behalf.", undefined, true),
  {
    service: "EC2 Auto Scaling",
    cases: [
      { name: "EC2 Auto Scaling Notification Access", principal: "autoscaling.amazonaws.com", description: "Allows Auto Scaling to send notifications on your behalf.", policy: aws("service-role/AutoScalingNotificationAccessRole") },
      linked("EC2 Auto Scaling", "autoscaling.amazonaws.com", "Allows EC2 Auto Scaling to use or manage AWS services and resources on your behalf."),
    ],
  },
  {
    service: "EKS",
    cases: [
      { name: "EKS - Cluster", principal: "eks.amazonaws.com", description: "Allows the cluster Kubernetes control plane to manage AWS resources on your behalf.", policy: aws("AmazonEKSClusterPolicy") },
      { name: "EKS - Nodegroup", principal: "ec2.amazonaws.com", description: "Allows the nodes of a cluster to call AWS services on your behalf.", policy: aws("AmazonEKSWorkerNodePolicy"), profile: true },
      { name: "EKS - Fargate pod", principal: "eks-fargate-pods.amazonaws.com", description: "Allows access to other AWS service resources that are required to run Amazon EKS pods on AWS Fargate.", policy: aws("AmazonEKSFargatePodExecutionRolePolicy") },
      linked("EKS - Service", "eks.amazonaws.com", "Allows Amazon EKS to call AWS services on your behalf."),
    ],
  },
  common("Elastic Beanstalk", "elasticbeanstalk.amazonaws.com", "Allows Elastic Beanstalk to monitor and update environments on your behalf.", "service-role/AWSElasticBeanstalkEnhancedHealth"),
  {
    service: "Elastic Container Service",
    cases: [
      { name: "Elastic Container Service Task", principal: "ecs-tasks.amazonaws.com", description: "Allows ECS tasks to call AWS services on your behalf." },
      { name: "Elastic Container Service Task Execution", principal: "ecs-tasks.amazonaws.com", description: "Allows ECS to pull images and to write logs for the tasks that it starts.", policy: aws("service-role/AmazonECSTaskExecutionRolePolicy") },
      linked("Elastic Container Service", "ecs.amazonaws.com", "Allows ECS to create and manage AWS resources on your behalf."),
    ],
  },
  { service: "Elastic Load Balancing", cases: [linked("Elastic Load Balancing", "elasticloadbalancing.amazonaws.com", "Allows ELB to call AWS services on your behalf.")] },
  common("EMR", "elasticmapreduce.amazonaws.com", "Allows Elastic MapReduce to call AWS services such as EC2 on your behalf.", "service-role/AmazonElasticMapReduceRole"),
  common("EventBridge", "events.amazonaws.com", "Allows EventBridge to call the targets of your rules on your behalf."),
  common("EventBridge Scheduler", "scheduler.amazonaws.com", "Allows EventBridge Scheduler to call the targets of your schedules on your behalf."),
  common("Firehose", "firehose.amazonaws.com", "Allows Firehose to transform and deliver data to your destinations on your behalf."),
  common("Glue", "glue.amazonaws.com", "Allows Glue to call AWS services on your behalf.", "service-role/AWSGlueServiceRole"),
  common("IoT", "iot.amazonaws.com", "Allows IoT to call AWS services on your behalf.", "service-role/AWSIoTRuleActions"),
  common("Kinesis Analytics", "kinesisanalytics.amazonaws.com", "Allows Managed Service for Apache Flink to call AWS services on your behalf."),
  common("Lambda", "lambda.amazonaws.com", "Allows Lambda functions to call AWS services on your behalf.", "service-role/AWSLambdaBasicExecutionRole"),
  { service: "Organizations", cases: [linked("Organizations", "organizations.amazonaws.com", "Allows AWS Organizations to connect with other services on your behalf.")] },
  {
    service: "RDS",
    cases: [
      { name: "RDS - Enhanced Monitoring", principal: "monitoring.rds.amazonaws.com", description: "Allows RDS to manage CloudWatch Logs resources for Enhanced Monitoring on your behalf.", policy: aws("service-role/AmazonRDSEnhancedMonitoringRole") },
      { name: "RDS - Add Role to Database", principal: "rds.amazonaws.com", description: "Allows you to grant RDS access to additional resources on your behalf." },
      linked("RDS", "rds.amazonaws.com", "Allows RDS to perform operations using AWS resources on your behalf."),
    ],
  },
  common("Redshift", "redshift.amazonaws.com", "Allows Redshift clusters to call AWS services on your behalf."),
  {
    service: "S3",
    cases: [
      { name: "S3", principal: "s3.amazonaws.com", description: "Allows S3 to call AWS services on your behalf." },
      { name: "S3 Batch Operations", principal: "batchoperations.s3.amazonaws.com", description: "Allows S3 Batch Operations to call AWS services on your behalf." },
    ],
  },
  common("SageMaker", "sagemaker.amazonaws.com", "Allows SageMaker notebook instances, training jobs, and models to access S3, ECR, and CloudWatch on your behalf.", "AmazonSageMakerFullAccess"),
  common("SNS", "sns.amazonaws.com", "Allows SNS to call CloudWatch Logs on your behalf.", "service-role/AmazonSNSRole"),
  common("Step Functions", "states.amazonaws.com", "Allows Step Functions to access AWS resources on your behalf.", "service-role/AWSLambdaRole"),
  common("Systems Manager", "ssm.amazonaws.com", "Allows SSM to call AWS services on your behalf.", "service-role/AmazonSSMAutomationRole"),
  common("Transfer", "transfer.amazonaws.com", "Allows AWS Transfer to call AWS services on your behalf."),
];

export function casesOf(service: string): UseCase[] {
  return useCases.find((s) => s.service === service)?.cases ?? [];
}
