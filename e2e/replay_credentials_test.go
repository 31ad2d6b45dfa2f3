package e2e_test

import "strings"

const (
	codecommit = "codecommit.amazonaws.com"
	userOne    = "<user-name:1>"
)

func createUser(step, name string) turn {
	return turn{step: step, action: "iam:CreateUser", in: []string{"UserName", name}}
}

// replayedCredentials are the scenarios of service-specific credentials.
func replayedCredentials() map[string]func(recording) []turn {
	const prefix = "TestIAMServiceSpecificCredentials/"
	on := func(step, action, user, id string, more ...string) turn {
		return turn{step: step, action: "iam:" + action + "ServiceSpecificCredential", in: append([]string{"UserName", user, "ServiceSpecificCredentialId", id}, more...)}
	}
	create := func(step, user, service string) turn {
		return turn{step: step, action: "iam:CreateServiceSpecificCredential", in: []string{"UserName", user, "ServiceName", service}}
	}
	list := func(step, service string) turn {
		return turn{step: step, action: "iam:ListServiceSpecificCredentials", in: []string{"UserName", userOne, "ServiceName", service}}
	}
	const made = "create-service-specific-credential-response"
	begin := func(more ...turn) []turn {
		return append([]turn{createUser("create-user-response", userOne), create(made, userOne, codecommit)}, more...)
	}
	const id = "<service-specific-credential-id:1>"
	all := map[string]func(recording) []turn{
		prefix + "test_create_service_specific_credential_invalid_user": fixed(
			create("invalid-user-name-exception", "non-existent-user", codecommit),
			create("invalid-user-and-service-exception", "non-existent-user", "nonexistentservice.amazonaws.com"),
		),
		prefix + "test_create_service_specific_credential_invalid_service": fixed(
			createUser("create-user-response", userOne),
			create("invalid-service-exception", userOne, "nonexistentservice.amazonaws.com"),
			create("invalid-service-completely-malformed-exception", userOne, "o3on3n3onosneo"),
			create("invalid-service-existing-but-unsupported-exception", userOne, "lambda.amazonaws.com"),
		),
		prefix + "test_list_service_specific_credential_different_service": fixed(
			createUser("create-user-response", userOne),
			list("list-service-specific-credentials-invalid-service", "nonexistentservice.amazonaws.com"),
			create(made, userOne, codecommit),
			list("list-service-specific-credentials-response-wrong-service", "cassandra.amazonaws.com"),
		),
		prefix + "test_delete_user_after_service_credential_created": fixed(begin(
			turn{step: "delete-user-existing-credential", action: "iam:DeleteUser", in: []string{"UserName", userOne}},
		)...),
		prefix + "test_id_match_user_mismatch": fixed(begin(
			on("update-wrong-user-name", "Update", "wrong-user-name", id, "Status", "Inactive"),
			on("reset-wrong-user-name", "Reset", "wrong-user-name", id),
			on("delete-wrong-user-name", "Delete", "wrong-user-name", id),
		)...),
		prefix + "test_invalid_update_parameters": fixed(begin(
			turn{step: "update-invalid-status", action: "iam:UpdateServiceSpecificCredential", in: []string{"ServiceSpecificCredentialId", id, "Status", "Invalid"}},
		)...),
	}
	for _, wrong := range []string{"totally-wrong-credential-id-with-hyphens", "satisfiesregexbutstillinvalid"} {
		all[prefix+"test_user_match_id_mismatch["+wrong+"]"] = fixed(begin(
			on("update-wrong-id", "Update", userOne, wrong, "Status", "Inactive"),
			on("reset-wrong-id", "Reset", userOne, wrong),
			on("delete-wrong-id", "Delete", userOne, wrong),
		)...)
	}
	for _, service := range []string{codecommit, "cassandra.amazonaws.com"} {
		all[prefix+"test_service_specific_credential_lifecycle["+service+"]"] = fixed(
			createUser("create-user-response", userOne),
			create(made, userOne, service),
			list("list-service-specific-credentials-response-before-update", service),
			on("update-service-specific-credential-response", "Update", userOne, id, "Status", "Inactive"),
			list("list-service-specific-credentials-response-after-update", service),
			on("reset-service-specific-credential-response", "Reset", userOne, id),
			on("delete-service-specific-credentials-response", "Delete", userOne, id),
		)
	}
	return all
}

// replayedServiceRoles are the scenarios of service-linked roles.
func replayedServiceRoles() map[string]func(recording) []turn {
	const prefix = "TestIAMServiceRoles/"
	all := map[string]func(recording) []turn{
		prefix + "test_service_role_already_exists": fixed(
			createServiceRole("", "batch.amazonaws.com"),
			createServiceRole("role-already-exists-error", "batch.amazonaws.com"),
		),
		prefix + "test_service_role_deletion": fixed(
			createServiceRole("", "batch.amazonaws.com"),
			turn{step: "service-linked-role-deletion-response", action: "iam:DeleteServiceLinkedRole", in: []string{"RoleName", "AWSServiceRoleForBatch"}},
			turn{step: "service-linked-role-deletion-status-response", action: "iam:GetServiceLinkedRoleDeletionStatus",
				in: []string{"DeletionTaskId", "task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/<uuid>"}},
		),
	}
	for _, service := range serviceRoles {
		all[prefix+"test_service_role_lifecycle["+service+"]"] = serviceRoleLife(service)
		if suffixed(service) {
			all[prefix+"test_service_role_lifecycle_custom_suffix["+service+"]"] = serviceRoleLife(service, "CustomSuffix", "<suffix>")
		} else {
			all[prefix+"test_service_role_lifecycle_custom_suffix_not_allowed["+service+"]"] = fixed(
				createServiceRole("custom-suffix-not-allowed", service, "CustomSuffix", "testsuffix"))
		}
	}
	return all
}

func createServiceRole(step, service string, more ...string) turn {
	return turn{step: step, action: "iam:CreateServiceLinkedRole", in: append([]string{"AWSServiceName", service}, more...)}
}

// serviceRoleLife makes a service's role and reads it. The name, and the
// description that the role was made with, are those of the recording: if the
// role got another name, reading it fails.
func serviceRoleLife(service string, more ...string) func(recording) []turn {
	return func(r recording) []turn {
		role := r.Steps[0].Answer.(map[string]any)["Role"].(map[string]any)
		if d, ok := role["Description"].(string); ok {
			more = append(more, "Description", d)
		}
		name := role["RoleName"].(string)
		in := []string{"RoleName", name}
		return []turn{
			createServiceRole("", service, more...),
			getRole("describe-response", name),
			{step: "inline-role-policies", action: "iam:ListRolePolicies", in: in},
			{step: "attached-role-policies", action: "iam:ListAttachedRolePolicies", in: in},
		}
	}
}

func suffixed(service string) bool {
	return service == "autoscaling.amazonaws.com" || service == "connect.amazonaws.com" || service == "lexv2.amazonaws.com"
}

// serviceRoles are the services whose roles were recorded.
var serviceRoles = strings.Fields(`
accountdiscovery.ssm.amazonaws.com acm.amazonaws.com appmesh.amazonaws.com autoscaling-plans.amazonaws.com autoscaling.amazonaws.com
backup.amazonaws.com batch.amazonaws.com cassandra.application-autoscaling.amazonaws.com cks.kms.amazonaws.com cloudtrail.amazonaws.com
codestar-notifications.amazonaws.com config.amazonaws.com connect.amazonaws.com dms-fleet-advisor.amazonaws.com dms.amazonaws.com
docdb-elastic.amazonaws.com ec2-instance-connect.amazonaws.com ec2.application-autoscaling.amazonaws.com ecr.amazonaws.com ecs.amazonaws.com
eks-connector.amazonaws.com eks-fargate.amazonaws.com eks-nodegroup.amazonaws.com eks.amazonaws.com elasticache.amazonaws.com
elasticbeanstalk.amazonaws.com elasticfilesystem.amazonaws.com elasticloadbalancing.amazonaws.com email.cognito-idp.amazonaws.com
emr-containers.amazonaws.com emrwal.amazonaws.com fis.amazonaws.com grafana.amazonaws.com imagebuilder.amazonaws.com
iotmanagedintegrations.amazonaws.com kafka.amazonaws.com kafkaconnect.amazonaws.com lakeformation.amazonaws.com lex.amazonaws.com
lexv2.amazonaws.com lightsail.amazonaws.com m2.amazonaws.com memorydb.amazonaws.com mq.amazonaws.com mrk.kms.amazonaws.com
notifications.amazonaws.com observability.aoss.amazonaws.com opensearchservice.amazonaws.com ops.apigateway.amazonaws.com
ops.emr-serverless.amazonaws.com opsdatasync.ssm.amazonaws.com opsinsights.ssm.amazonaws.com pullthroughcache.ecr.amazonaws.com
ram.amazonaws.com rds.amazonaws.com redshift.amazonaws.com replication.cassandra.amazonaws.com replication.ecr.amazonaws.com
repository.sync.codeconnections.amazonaws.com resource-explorer-2.amazonaws.com rolesanywhere.amazonaws.com s3-outposts.amazonaws.com
ses.amazonaws.com shield.amazonaws.com ssm-incidents.amazonaws.com ssm-quicksetup.amazonaws.com ssm.amazonaws.com sso.amazonaws.com
vpcorigin.cloudfront.amazonaws.com waf.amazonaws.com wafv2.amazonaws.com
`)
