package e2e_test

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

// reportColumns are those of AWS's credential report, in their order.
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed," +
	"password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date," +
	"access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated," +
	"access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active," +
	"cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

// verify: the user, by a policy for just that, looks at all that was made, and
// may change nothing of it.
func (j *job) verify(t *testing.T) {
	j.user.refused(t, "AccessDenied", "User: "+j.userARN+" is not authorized to perform: iam:GetUserPolicy on resource: user "+userName,
		"iam", "get-user-policy", "--user-name", userName, "--policy-name", "AssumeOrders")
	j.checkARN = j.root.run(t, "iam", "create-policy", "--policy-name", "OrdersVerify", "--policy-document", verifyPolicy).str(t, "Policy", "Arn")
	j.root.run(t, "iam", "attach-user-policy", "--user-name", userName, "--policy-arn", j.checkARN)

	j.user.run(t, "iam", "get-user-policy", "--user-name", userName, "--policy-name", "AssumeOrders").
		want(t, "UserName", userName, "PolicyName", "AssumeOrders", "PolicyDocument", json.RawMessage(mayAssume(j.roleARN)))
	j.user.run(t, "iam", "list-attached-user-policies", "--user-name", userName).
		want(t, "AttachedPolicies", []any{map[string]string{"PolicyName": "OrdersVerify", "PolicyArn": j.checkARN}})
	j.user.run(t, "iam", "get-policy", "--policy-arn", j.invokeARN).
		want(t, "Policy.PolicyName", "OrdersInvoke", "Policy.Description", "Calls the orders API", "Policy.AttachmentCount", 1,
			"Policy.DefaultVersionId", "v1", "Policy.Tags.0.Value", "orders")
	j.user.run(t, "iam", "get-policy-version", "--policy-arn", j.invokeARN, "--version-id", "v1").
		want(t, "PolicyVersion.Document", json.RawMessage(invokePolicy), "PolicyVersion.IsDefaultVersion", true)

	const specific = "EvaluationResults.0.ResourceSpecificResults."
	orders := "arn:aws:execute-api:" + region + ":" + account + ":orders/prod/GET/orders/v0/"
	j.user.run(t, "iam", "simulate-principal-policy", "--policy-source-arn", j.roleARN, "--action-names", "execute-api:Invoke",
		"--resource-arns", orders+"orders", orders+"secret").
		want(t, "EvaluationResults.0.EvalActionName", "execute-api:Invoke", "EvaluationResults.0.EvalDecision", "explicitDeny",
			specific+"0.EvalResourceName", orders+"orders", specific+"0.EvalResourceDecision", "allowed",
			specific+"0.MatchedStatements.0.SourcePolicyId", "OrdersInvoke", specific+"0.MatchedStatements.0.SourcePolicyType", "IAM Policy",
			specific+"1.EvalResourceName", orders+"secret", specific+"1.EvalResourceDecision", "explicitDeny",
			specific+"1.MatchedStatements.0.SourcePolicyId", "role_"+roleName+"_NoSecret")
	j.user.run(t, "iam", "simulate-principal-policy", "--policy-source-arn", j.userARN, "--action-names", "execute-api:Invoke", "sts:AssumeRole",
		"--resource-arns", j.roleARN).
		want(t, "EvaluationResults.0.EvalDecision", "implicitDeny", "EvaluationResults.1.EvalDecision", "allowed",
			"EvaluationResults.1.MatchedStatements.0.SourcePolicyId", "user_"+userName+"_AssumeOrders")
	j.user.run(t, "iam", "simulate-custom-policy", "--policy-input-list", invokePolicy, denySecret,
		"--action-names", "execute-api:Invoke", "execute-api:ManageConnections", "--resource-arns", orders+"orders").
		want(t, "EvaluationResults.0.EvalDecision", "allowed", "EvaluationResults.0.MatchedStatements.0.SourcePolicyId", "PolicyInputList.1",
			"EvaluationResults.0.MatchedStatements.0.StartPosition", map[string]int{"Line": 1, "Column": 39},
			"EvaluationResults.1.EvalDecision", "implicitDeny", "EvaluationResults.1.MatchedStatements", []any{})

	j.user.refused(t, "AccessDenied", "User: "+j.userARN+" is not authorized to perform: iam:DeleteRole on resource: role "+roleName+
		" because no identity-based policy allows the iam:DeleteRole action", "iam", "delete-role", "--role-name", roleName)
}

// reports: the credential report and service last accessed details.
func (j *job) reports(t *testing.T, state string) {
	first := map[string]string{"made": "STARTED", "exists": "COMPLETE"}[state]
	if state == "made" {
		j.user.refused(t, "ReportNotPresent", "", "iam", "get-credential-report")
	}
	j.user.run(t, "iam", "generate-credential-report").want(t, "State", first)
	j.user.run(t, "iam", "generate-credential-report").want(t, "State", "COMPLETE")
	got := j.user.run(t, "iam", "get-credential-report")
	got.want(t, "ReportFormat", "text/csv")
	content, err := base64.StdEncoding.DecodeString(got.str(t, "Content"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil || len(rows) < 3 || !strings.HasPrefix(strings.Join(rows[0], ","), reportColumns) {
		t.Fatalf("credential report: %v\n%s", err, content)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	found := map[string][]string{}
	for _, row := range rows[1:] {
		found[row[0]] = row
	}
	for user, wants := range map[string]map[string]string{
		"<root_account>": {"arn": arn("root"), "password_enabled": "not_supported", "mfa_active": "false", "access_key_1_active": "true"},
		userName: {"arn": arn("user/" + userName), "password_enabled": "false", "access_key_1_active": "true", "access_key_1_last_used_region": region,
			"access_key_2_active": "false", "access_key_2_last_used_service": "sts", "cert_1_active": "false", "cert_2_last_rotated": "N/A"},
		"sp-api-user": {"access_key_1_active": "true", "access_key_2_active": "false", "access_key_2_last_rotated": "N/A", "access_key_2_last_used_date": "N/A"},
	} {
		if found[user] == nil {
			t.Errorf("no row for %s in %s", user, content)
			continue
		}
		for name, want := range wants {
			if got := found[user][column[name]]; got != want {
				t.Errorf("credential report: %s of %s is %q, not %q", name, user, got, want)
			}
		}
	}
	services := j.lastAccessed(t, j.userARN)
	iam, sts := services["iam"], services["sts"]
	if iam == nil || sts == nil || iam["LastAuthenticatedEntity"] != j.userARN || sts["LastAuthenticatedEntity"] != j.userARN ||
		iam["TotalAuthenticatedEntities"] != 1.0 || iam["LastAuthenticated"] == nil {
		t.Errorf("last accessed: iam %v, sts %v", iam, sts)
	}
	if services["s3"] != nil || services["execute-api"] != nil {
		t.Error("last accessed details name services that no policy of the user allows")
	}
}

// lastAccessed has a report made and reads its services by namespace.
func (j *job) lastAccessed(t *testing.T, of string) map[string]map[string]any {
	t.Helper()
	id := j.user.run(t, "iam", "generate-service-last-accessed-details", "--arn", of).str(t, "JobId")
	got := j.user.run(t, "iam", "get-service-last-accessed-details", "--job-id", id)
	got.want(t, "JobStatus", "COMPLETED")
	services := map[string]map[string]any{}
	list, _ := got.at("ServicesLastAccessed").([]any)
	for _, s := range list {
		s := s.(map[string]any)
		services[s["ServiceNamespace"].(string)] = s
	}
	return services
}
