package e2e_test

const (
	trustEC2    = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
	trustLambda = `{"Version": "2012-10-17", "Statement": [{"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow"}]}`
	trustList   = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}]}`

	listFunctions = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["lambda:ListFunctions"], "Resource": ["*"]}]}`

	policyOne = "arn:<partition>:iam::111111111111:policy/<policy-name:1>"
)

func createRole(step, name, trust string, more ...string) turn {
	return turn{step: step, action: "iam:CreateRole", in: append([]string{"RoleName", name, "AssumeRolePolicyDocument", trust}, more...)}
}

func getRole(step, name string) turn {
	return turn{step: step, action: "iam:GetRole", in: []string{"RoleName", name}}
}

func listRoles(step, prefix string) turn {
	return turn{step: step, action: "iam:ListRoles", in: []string{"PathPrefix", prefix}}
}

func createPolicy(step, name, document string) turn {
	return turn{step: step, action: "iam:CreatePolicy", in: []string{"PolicyName", name, "PolicyDocument", document}}
}

func replayedRoles() map[string]func(recording) []turn {
	const name, prefix = "<role-name:1>", "/<path-prefix>/"
	return map[string]func(recording) []turn{
		"TestIAMIntegrations/test_update_assume_role_policy": fixed(
			createRole("created_role", name, trustList),
			turn{step: "updated_policy", action: "iam:UpdateAssumeRolePolicy", in: []string{"RoleName", name, "PolicyDocument", trustList}},
		),
		"TestIAMExtensions/test_create_role_with_malformed_assume_role_policy_document": fixed(
			createRole("invalid-json", name, `
        {
          "Version": "2012-10-17",
          "Statement": [{"Action": "sts:AssumeRole", "Principal": "*", "Effect": "Allow",}]
        }
        `),
		),
		"TestIAMIntegrations/test_list_roles_with_permission_boundary": fixed(
			createRole("created_role", name, trustEC2, "Path", prefix),
			createPolicy("", "<policy-name:1>", listFunctions),
			turn{action: "iam:PutRolePermissionsBoundary", in: []string{"RoleName", name, "PermissionsBoundary", policyOne}},
			listRoles("list_roles_result", prefix),
		),
		"TestIAMIntegrations/test_create_describe_role": fixed(
			createRole("create_role_result", name, trustEC2, "Path", prefix),
			getRole("get_role_result", name),
			listRoles("list_roles_result", prefix),
		),
		"TestIAMExtensions/test_role_with_path_lifecycle": fixed(
			createRole("create-role-response", name, trustLambda, "Path", "<path>"),
			getRole("get-role-response", name),
			turn{step: "delete-role-response", action: "iam:DeleteRole", in: []string{"RoleName", name}},
		),
		"TestRoles/test_role_with_tags": fixed(
			createRole("create-role-response", name, trustEC2, "Path", "/role-with-tags/", "Tags.member.1.Key", "test", "Tags.member.1.Value", "value"),
			getRole("get-role-response", name),
			listRoles("list-role-response", "/role-with-tags/"),
		),
	}
}

func replayedPolicies() map[string]func(recording) []turn {
	attaching := func(action, entity string, made turn) func(recording) []turn {
		attach := func(step, arn string) turn {
			return turn{step: step, action: action, in: append([]string{"PolicyArn", arn}, made.in[0], entity)}
		}
		return fixed(
			made,
			createPolicy("create_policy_response", "<policy-name:1>", listFunctions),
			attach("non_existent_malformed_policy_arn", "longpolicynamebutnoarn"),
			attach("existing_policy_name_provided", "<policy-name:1>"),
			attach("valid_arn_not_existent", policyOne+"123"),
			attach("valid_policy_arn", policyOne),
		)
	}
	return map[string]func(recording) []turn{
		"TestIAMIntegrations/test_role_attach_policy": attaching("iam:AttachRolePolicy", "attached-to", createRole("", "attached-to", trustEC2)),
		"TestIAMIntegrations/test_user_attach_policy": attaching("iam:AttachUserPolicy", "attached-to", createUser("", "attached-to")),
		"TestIAMIntegrations/test_delete_non_existent_policy_returns_no_such_entity": fixed(
			turn{step: "delete-non-existent-policy-exc", action: "iam:DeletePolicy", in: []string{"PolicyArn", "arn:<partition>:iam::111111111111:policy/non-existent-policy"}},
		),
		"TestIAMPolicyEncoding/test_put_user_policy_encoding":  fixed(encoding("User", createUser("", "<user-name:1>"))...),
		"TestIAMPolicyEncoding/test_put_group_policy_encoding": fixed(encoding("Group", turn{action: "iam:CreateGroup", in: []string{"GroupName", "<group-name:1>"}})...),
		"TestIAMPolicyEncoding/test_put_role_policy_encoding": fixed(append(
			encoding("Role", createRole("create-role-response", "<role-name:1>",
				`{"Version": "2012-10-17", "Statement": [{"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow", `+
					`"Condition": {"StringEquals": {"aws:SourceArn": "`+escapedARN+`"}}}]}`, "Path", "<path:1>")),
			getRole("get-role-response", "<role-name:1>"),
			listRoles("list-roles-response", "<path:1>"),
		)...),
		"TestIAMIntegrations/test_simulate_principle_policy[role]": fixed(simulating("Role", "arn:<partition>:iam::111111111111:role/simulated",
			createRole("", "simulated", `{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}}`))...),
		"TestIAMIntegrations/test_simulate_principle_policy[group]": fixed(simulating("Group", "arn:<partition>:iam::111111111111:group/simulated",
			turn{action: "iam:CreateGroup", in: []string{"GroupName", "simulated"}})...),
		"TestIAMIntegrations/test_simulate_principle_policy[user]": fixed(simulating("User", "arn:<partition>:iam::111111111111:user/simulated",
			createUser("", "simulated"))...),
	}
}

// escapedARN is an ARN within a policy that is percent-encoded itself.
const escapedARN = "arn%3Aaws%3Aapigateway%3A<region>%3A%3A%2Frestapis%2Faaeeieije"

// encoding writes a document with escapes in it for an entity, and reads it back.
func encoding(kind string, made turn) []turn {
	name := []string{made.in[0], made.in[1], "PolicyName", "<policy-name:1>"}
	return []turn{
		made,
		{action: "iam:Put" + kind + "Policy", in: append(name, "PolicyDocument",
			`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["apigatway:PUT"], "Resource": ["arn:aws:apigateway:<region>::/tags/`+escapedARN+`"]}]}`)},
		{step: "get-policy-response", action: "iam:Get" + kind + "Policy", in: name},
	}
}

// simulating asks what an entity with one managed policy may do. The places in
// the answer are those of the document's text.
func simulating(kind, arn string, made turn) []turn {
	return []turn{
		createPolicy("", "<source-policy-id:1>", `{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}`),
		made,
		{action: "iam:Attach" + kind + "Policy", in: []string{made.in[0], "simulated", "PolicyArn", "arn:<partition>:iam::111111111111:policy/<source-policy-id:1>"}},
		{step: "response", action: "iam:SimulatePrincipalPolicy", in: []string{
			"PolicySourceArn", arn, "ActionNames.member.1", "s3:PutObject", "ActionNames.member.2", "s3:GetObjectVersion", "ResourceArns.member.1", "arn:aws:s3:::bucket",
		}},
	}
}
