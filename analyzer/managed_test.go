package analyzer

import (
	"testing"

	"iamd/catalog"
)

// flaws are the errors that AWS's own managed policies have, by code and by what stands under the span. Each reason
// holds for those that follow it.
var flaws = []struct {
	code, why string
	texts     []string
}{
	{"INVALID_ACTION", "the service reference has no such action; AWS says of its policies that some have such", []string{
		"cloud9:ValidateEnvironmentName", "memorydb:ReplicateMultiRegionClusterData", "qapps:ImportDocumentToQApp",
		"qapps:ImportDocumentToQAppSession", "route53-recovery-control-config:DescribeRoutingControlByName",
	}},
	{"INVALID_ACTION", "AWS CloudHSM Classic is closed", []string{
		"cloudhsm:CreateLunaClient", "cloudhsm:DeleteLunaClient", "cloudhsm:DescribeHapg", "cloudhsm:DescribeLunaClient",
		"cloudhsm:GetConfig", "cloudhsm:ModifyHapg", "cloudhsm:ModifyLunaClient",
	}},
	{"INVALID_ACTION", "actions of AWS's consoles that it does not document", []string{
		"budgets:CreateBudget", "budgets:DeleteBudget", "budgets:DescribeBudget", "budgets:DescribeBudgets", "budgets:UpdateBudget",
		"organizations:CreateBuilderIdOwnedAccount", "payments:AcceptTermsAndConditionsForProgramByAccountId",
		"payments:BatchGetPaymentProfiles", "payments:CreatePaymentAttempt", "payments:CreatePaymentProfile", "payments:Get",
		"payments:GetAcceptedTermsAndConditionsForProgramByAccountId", "payments:GetAccountBalance", "payments:GetDefaultPaymentProfile",
		"payments:GetEligibleCurrencies", "payments:GetPaymentAttempt", "payments:GetPaymentPreferences", "payments:GetPreferredCurrency",
		"payments:GetRecommendedTermsAndConditionsForProgram", "payments:ListPaymentProfiles", "payments:SearchFinancialRecords",
		"payments:SetPreferredCurrency", "payments:UpdatePaymentProfile",
		"securityagent:BatchGetAgentInstances", "securityagent:BatchGetSecurityTestContentMetadata", "securityagent:BatchGetTasks",
		"securityagent:CreateDocumentReview", "securityagent:DeleteDocumentReview", "securityagent:GetCodeReviewTask",
		"securityagent:GetDocReviewTask", "securityagent:GetDocumentReview", "securityagent:GetDocumentReviewArtifact",
		"securityagent:ListAgentInstances", "securityagent:ListControls", "securityagent:ListDocumentReviewComments",
		"securityagent:ListDocumentReviews", "securityagent:ListTasks", "securityagent:StartPentestExecution", "securityagent:StopPentestExecution",
	}},
	{"INVALID_ARN_RESOURCE", "the type is missing: log-group: or secret: or schema/", []string{
		"/aws-glue/*", "/aws/lambda/AmazonSecurityLake*", "opsworks-cm!aws-opsworks-cm-secrets-*", "sqlworkbench!*",
	}},
	{"INVALID_ARN_RESOURCE", "the id that ends the ARN of a stack is missing", []string{
		"stack/ams-detective-controls-config-recorder", "stack/ams-detective-controls-config-rules-cdk",
		"stack/ams-detective-controls-infrastructure-cdk",
	}},
	{"INVALID_ARN_RESOURCE", "a listener's ARN goes on with app/, net/ or gwy/", []string{"listener/awseb-*", "listener/eb-*"}},
	{"INVALID_ARN_RESOURCE", "one colon too many, or a colon for a slash", []string{
		":config-rule/*", ":*", "vpc-endpoint:*", "subscription:*",
	}},
	{"INVALID_ARN_RESOURCE", "the type has another name or another case", []string{
		"connector-profile/*", "credential-provider/*", "endpointconfig/*", "snapshotcopyconfiguration/*", "statemachine:*sagemaker*",
		"vpcconnection/*", "agent-instance*", "iotfleethub*",
	}},
	{"INVALID_ARN_RESOURCE", "a path of the service's API, or a prefix of names, in the place of a resource", []string{
		"/workspaces", "/domains/amazon-connect-*", "/templates*", "/createSimulationApplication", "Canvas*", "canvas*",
		"scalingPolicy:*:resource/dynamodb/table/*",
	}},
	{"INVALID_ARN_RESOURCE", "nothing", []string{"arn:aws:organizations::*:"}},
	{"MISSING_ARN_ACCOUNT", "all of KMS's resources have an account", []string{"arn:*:kms:*:::*"}},
	{"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", "the service reference does not give the action the key that the statement asks for", []string{
		"a4b:RegisterAVSDevice", "a4b:SearchDevices", "application-autoscaling:DescribeScalableTargets", "codestar-connections:ListConnections",
		"deadline:SearchWorkers", "ec2:DescribeSubnets", "glue:BatchGetTableOptimizer", "iottwinmaker:GetEntity", "iottwinmaker:GetWorkspace",
		"nimble:ListStreamingSessionBackups", "ram:GetResourceShares", "redshift-data:DescribeStatement",
	}},
}

// TestManagedPolicies holds that AWS's own managed policies have no errors but those, and that those are still there.
func TestManagedPolicies(t *testing.T) {
	type flaw struct{ code, text string }
	known := map[flaw]int{}
	for _, f := range flaws {
		for _, text := range f.texts {
			known[flaw{f.code, text}] = 0
		}
	}
	n := 0
	for p := range catalog.ManagedPolicies() {
		n++
		for _, f := range Validate(p.Document, Options{Type: IdentityPolicy}) {
			if f.Type != Error {
				continue
			}
			at := f.Locations[0]
			text := unquoted(under(p.Document, at.Span))
			if _, ok := known[flaw{f.Code, text}]; !ok {
				t.Errorf("%s: %s: %s: %s", p.Name, f.Code, f.Details, text)
			}
			known[flaw{f.Code, text}]++
		}
	}
	for f, times := range known {
		if times == 0 {
			t.Errorf("%s: no policy has %s any more", f.code, f.text)
		}
	}
	if n < 1500 {
		t.Errorf("%d policies", n)
	}
}

func unquoted(s string) string {
	if len(s) > 1 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
