package org

import (
	"strings"
	"testing"
)

// setTag makes a tag policy of one setting.
func setTag(field, operators string) string {
	return `{"tags":{"key":{"` + field + `":{` + operators + `}}}}`
}

// setAI makes an opt-out policy of one setting.
func setAI(service, operators string) string {
	return `{"services":{"` + service + `":{"opt_out_policy":{` + operators + `}}}}`
}

// inRule makes a backup policy of one element of a rule, and inPlan of a plan.
func inRule(element string) string { return inPlan(`"rules":{"daily":{` + element + `}}`) }
func inPlan(element string) string { return `{"plans":{"p":{` + element + `}}}` }

// TestManagementSyntax: what AWS was seen to take and to refuse, and what its pages
// show.
func TestManagementSyntax(t *testing.T) {
	const red = `"@@assign":["red"]`
	for _, c := range []struct {
		kind PolicyType
		ok   bool
		text string
	}{
		// the document
		{"TAG_POLICY", false, `{}`},
		{"TAG_POLICY", true, `{"tags":{}}`},
		{"TAG_POLICY", false, `{"wrong":{}}`},
		{"TAG_POLICY", false, `{"tags":{},"wrong":{}}`},
		{"TAG_POLICY", false, `{"tags":[]}`},
		{"TAG_POLICY", false, `{"tags":{}} {}`},
		{"TAG_POLICY", false, `{"tags":{}`},
		{"TAG_POLICY", false, `{"tags":{},"tags":{}}`},
		{"TAG_POLICY", false, `[]`},
		{"TAG_POLICY", false, `null`},
		{"TAG_POLICY", false, ``},
		{"BACKUP_POLICY", false, `{"plans":{},"plans":{}}`},
		{"SERVICE_CONTROL_POLICY", false, `{"tags":{}}`},
		// operators at the top, where they set nothing
		{"TAG_POLICY", true, `{"tags":{},"@@assign":"value"}`},
		{"TAG_POLICY", true, `{"tags":{},"@@assign":null}`},
		{"TAG_POLICY", true, `{"tags":{},"@@append":[]}`},
		{"TAG_POLICY", true, `{"tags":{},"@@remove":1}`},
		{"TAG_POLICY", true, `{"tags":{},"@@assign":[null]}`},
		{"TAG_POLICY", false, `{"tags":{},"@@assign":{}}`},
		{"TAG_POLICY", false, `{"tags":{},"@@assign":[{}]}`},
		{"TAG_POLICY", false, `{"tags":{},"@@assign":[["one"]]}`},
		{"TAG_POLICY", false, `{"@@assign":"value"}`},
		// and in a container
		{"TAG_POLICY", false, `{"tags":{"@@assign":"value"}}`},
		{"TAG_POLICY", false, `{"tags":{"@@append":[]}}`},
		{"BACKUP_POLICY", false, `{"plans":{"@@remove":["value"]}}`},
		{"AISERVICES_OPT_OUT_POLICY", false, `{"services":{"default":{"@@assign":"optOut"}}}`},
		// any case, but not twice
		{"TAG_POLICY", true, `{"TAGS":{"Key":{"TAG_VALUE":{` + red + `}}}}`},
		{"TAG_POLICY", true, setTag("tag_value", `"@@Assign":["red"]`)},
		{"TAG_POLICY", true, setTag("tag_value", red+`,"@@Operators_Allowed_For_Child_Policies":["@@None"]`)},
		{"TAG_POLICY", false, `{"tags":{"Key":{},"key":{}}}`},
		{"TAG_POLICY", false, setTag("tag_value", red+`,"@@Assign":["red"]`)},
		// child control operators
		{"TAG_POLICY", true, setTag("tag_value", red+`,"@@operators_allowed_for_child_policies":["@@assign","@@append","@@remove"]`)},
		{"TAG_POLICY", true, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@all","@@assign"]`)},
		{"TAG_POLICY", true, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@assign","@@Assign"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@assign","@@assign"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@none","@@remove"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@remove","@@none"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":["@@wrong"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":[]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@operators_allowed_for_child_policies":"@@all"`)},
		{"TAG_POLICY", true, `{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"key":{}}}`},
		{"TAG_POLICY", true, `{"tags":{"key":{"@@operators_allowed_for_child_policies":["@@none"]}}}`},
		// tags
		{"TAG_POLICY", true, `{"tags":{"key":{}}}`},
		{"TAG_POLICY", false, `{"tags":{"":{}}}`},
		{"TAG_POLICY", false, `{"tags":{"key":{"tag_key":"key"}}}`},
		{"TAG_POLICY", true, setTag("tag_key", `"@@assign":"KEY"`)},
		{"TAG_POLICY", false, setTag("tag_key", `"@@assign":"other"`)},
		{"TAG_POLICY", false, setTag("tag_key", `"@@assign":12`)},
		{"TAG_POLICY", false, setTag("tag_key", `"@@append":["key"]`)},
		{"TAG_POLICY", false, setTag("unknown", `"@@assign":"key"`)},
		{"TAG_POLICY", true, setTag("tag_value", `"@@assign":["a"],"@@append":["b"],"@@remove":["c"]`)},
		{"TAG_POLICY", true, setTag("tag_value", `"@@assign":[12,true,null,"300*"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@assign":[{"x":"y"}]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@assign":["a*b*"]`)},
		{"TAG_POLICY", false, setTag("tag_value", `"@@assign":["a"],"enforced_for":{"@@remove":["redshift:*"]}`)},
		{"TAG_POLICY", true, setTag("enforced_for", `"@@assign":["ecs:ALL_SUPPORTED","sqs:queue","secretsmanager:*","iam:policy"]`)},
		{"TAG_POLICY", false, setTag("enforced_for", `"@@assign":["ecs:*"]`)},
		{"TAG_POLICY", false, setTag("enforced_for", `"@@assign":["imaginary:thing"]`)},
		{"TAG_POLICY", false, setTag("enforced_for", `"@@assign":["iam:role"]`)},
		{"TAG_POLICY", false, setTag("enforced_for", `"@@assign":["sqs"]`)},
		{"TAG_POLICY", true, setTag("report_required_tag_for", `"@@assign":["ec2:instance"]`)},
		// services opted out of
		{"AISERVICES_OPT_OUT_POLICY", false, `{}`},
		{"AISERVICES_OPT_OUT_POLICY", true, `{"services":{}}`},
		{"AISERVICES_OPT_OUT_POLICY", true, `{"services":{"default":{"opt_out_policy":{}}}}`},
		{"AISERVICES_OPT_OUT_POLICY", false, `{"services":{"default":{"other":{}}}}`},
		{"AISERVICES_OPT_OUT_POLICY", true, setAI("connecthealth::training", `"@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("connecthealth", `"@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("Default", `"@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("s3", `"@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("lex ", `"@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", true, setAI("lex", `"@@assign":"optIn"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("lex", `"@@assign":"optin"`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("lex", `"@@assign":["optIn"]`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("lex", `"@@assign":"optIn","@@append":[]`)},
		{"AISERVICES_OPT_OUT_POLICY", false, setAI("lex", `"@@assign":"optIn","@@assign":"optOut"`)},
		{"AISERVICES_OPT_OUT_POLICY", true, setAI("lex", `"@@assign":"optIn","@@operators_allowed_for_child_policies":["@@append","@@remove"]`)},
		// backups
		{"BACKUP_POLICY", true, inPlan(``)},
		{"BACKUP_POLICY", true, inPlan(`"regions":{"@@assign":[]}`)},
		{"BACKUP_POLICY", false, inPlan(`"regions":{"@@append":[]}`)},
		{"BACKUP_POLICY", false, inPlan(`"regions":{"@@assign":["everywhere"]}`)},
		{"BACKUP_POLICY", true, inPlan(`"selections":{"tags":{}}`)},
		{"BACKUP_POLICY", false, inPlan(`"selections":{"tags":{"s":{"tag_value":{"@@append":[]}}}}`)},
		{"BACKUP_POLICY", true, inPlan(`"selections":{"tags":{"s":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/R"}}}}`)},
		{"BACKUP_POLICY", false, inPlan(`"selections":{"tags":{"s":{"iam_role_arn":{"@@assign":"arn:aws:iam::account:role/R"}}}}`)},
		{"BACKUP_POLICY", false, inPlan(`"selections":{"tags":{"s":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/$account"}}}}`)},
		{"BACKUP_POLICY", true, inPlan(`"selections":{"resources":{"s":{"not_resource_types":{"@@assign":["arn:aws:ec2:*:*:volume/*"]},"conditions":{"string_like":{"c":{"condition_key":{"@@assign":"aws:ResourceTag/k"},"condition_value":{"@@assign":"i*"}}}}}}}`)},
		{"BACKUP_POLICY", true, inPlan(`"advanced_backup_settings":{"ec2":{"WindowsVSS":{"@@assign":"enabled"}}}`)},
		{"BACKUP_POLICY", false, inPlan(`"advanced_backup_settings":{"ec2":{"windows_vss":{"@@assign":"on"}}}`)},
		{"BACKUP_POLICY", true, inPlan(`"scan_settings":{"GUARDDUTY":{"resource_types":{"@@assign":["EBS"]},"scanner_role_arn":{"@@assign":"arn:aws:iam::$account:role/R"}}}`)},
		{"BACKUP_POLICY", true, inRule(`"schedule_expression":{"@@assign":"cron(0 5 ? * 1,3,5 *)"}`)},
		{"BACKUP_POLICY", false, inRule(`"schedule_expression":{"@@assign":"cron(0 5)"}`)},
		{"BACKUP_POLICY", true, inRule(`"lifecycle":{"delete_after_days":{"@@assign":30},"opt_in_to_archive_for_supported_resources":{"@@assign":false}}`)},
		{"BACKUP_POLICY", false, inRule(`"lifecycle":{"delete_after_days":{"@@assign":"soon"}}`)},
		{"BACKUP_POLICY", false, inRule(`"lifecycle":{"to_delete_after_days":{"@@assign":"2"}}`)},
		{"BACKUP_POLICY", true, inRule(`"copy_actions":{"arn:aws:backup:us-west-2:$account:backup-vault:V":{"lifecycle":{"delete_after_days":{"@@assign":"1"}}}}`)},
		{"BACKUP_POLICY", false, inRule(`"copy_actions":{"V":{}}`)},
		{"BACKUP_POLICY", false, inRule(`"copy_actions":{"arn:aws:backup:us-west-2:$account:backup-vault:V":{}}`)},
		{"BACKUP_POLICY", false, inRule(`"enable_continuous_backup":{"@@assign":"true"},"lifecycle":{"move_to_cold_storage_after_days":{"@@assign":"1"},"delete_after_days":{"@@assign":"30"}}`)},
		{"BACKUP_POLICY", true, inRule(`"enable_continuous_backup":{"@@assign":"false"},"lifecycle":{"move_to_cold_storage_after_days":{"@@assign":"30"},"delete_after_days":{"@@assign":"60"}}`)},
		{"BACKUP_POLICY", true, inRule(`"recovery_point_tags":{"Owner":{"tag_key":{"@@assign":"Owner"},"tag_value":{"@@assign":"Backup"}}}`)},
		// the others
		{"CHATBOT_POLICY", true, `{"ChatBot":{"Platforms":{"Slack":{"client":{"@@assign":"enabled"},"workspaces":{"@@assign":["*"]},"Overrides":{"T1":{"supported_channel_types":{"@@assign":["private"]}}}}}}}`},
		{"CHATBOT_POLICY", true, `{"chatbot":{"platforms":{"microsoft_teams":{"tenants":{"T":{"@@assign":["*"]}},"overrides":{"T":{"M":{"supported_role_settings":{"@@assign":["user_role"]}}}}}},"default":{"client":{"@@assign":"disabled"}}}}`},
		{"CHATBOT_POLICY", false, `{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"on"}}}}}`},
		{"CHATBOT_POLICY", false, `{"chatbot":{"platforms":{"irc":{}}}}`},
		{"DECLARATIVE_POLICY_EC2", true, `{"ec2_attributes":{"exception_message":{"@@assign":"no"},"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":2}}}}`},
		{"DECLARATIVE_POLICY_EC2", false, `{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":"65"}}}}`},
		{"DECLARATIVE_POLICY_EC2", true, `{"ec2_attributes":{"allowed_images_settings":{"state":{"@@assign":"audit_mode"},"image_criteria":{"criteria_10":{"allowed_image_providers":{"@@append":["amazon","111122223333"]}}}}}}`},
		{"DECLARATIVE_POLICY_EC2", false, `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"criteria_11":{}}}}}`},
		{"DECLARATIVE_POLICY_EC2", false, `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"criteria_01":{}}}}}`},
		{"DECLARATIVE_POLICY_EC2", false, `{"ec2_attributes":{"allowed_images_settings":{"image_criteria":{"criteria_1":{"allowed_image_providers":{"@@assign":["me"]}}}}}}`},
		{"DECLARATIVE_POLICY_EC2", false, `{"ec2_attributes":{"serial_console_access":{"state":{"@@assign":"enabled"}}}}`},
		{"SECURITYHUB_POLICY", true, `{"securityhub":{"enable_in_regions":{"@@append":["ALL_SUPPORTED"]},"disable_in_regions":{"@@append":[]},"features":{"network_scanning":{"enable_in_regions":{"@@assign":["us-east-1"]}}}}}`},
		{"SECURITYHUB_POLICY", false, `{"securityhub":{"enable_in_regions":{"@@assign":["all"]}}}`},
		{"INSPECTOR_POLICY", true, `{"inspector":{"enablement":{"lambda_standard_scanning":{"enable_in_regions":{"@@assign":["us-east-1"]},"lambda_code_scanning":{"disable_in_regions":{"@@assign":[]}}}}}}`},
		{"INSPECTOR_POLICY", false, `{"inspector":{"enablement":{"ec2_scanning":{"lambda_code_scanning":{}}}}}`},
		{"NETWORK_SECURITY_DIRECTOR_POLICY", true, `{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":{"@@assign":["us-gov-west-1"]}}}}}`},
		{"UPGRADE_ROLLOUT_POLICY", true, `{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}},"tags":{"devtag":{"tag_values":{"tag1":{"patch_order":{"@@assign":"first"}}}}}}}`},
		{"UPGRADE_ROLLOUT_POLICY", false, `{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"third"}}}}`},
		{"BEDROCK_POLICY", true, `{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"identifier":{"@@assign":"arn:aws:bedrock:us-east-1:123456789012:guardrail/hu1dlsv9wy1d:1"},"model_enforcement":{"included_models":{"@@assign":["ALL"]}}}}}}}`},
		{"BEDROCK_POLICY", false, `{"bedrock":{"guardrail_inference":{"us-east-1":{"config_1":{"identifier":{"@@assign":"arn:aws:bedrock:us-east-1:123456789012:guardrail/hu1dlsv9wy1d:DRAFT"}}}}}}`},
		{"BEDROCK_POLICY", false, `{"bedrock":{"guardrail_inference":{"everywhere":{}}}}`},
		{"S3_POLICY", true, `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}`},
		{"S3_POLICY", false, `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"some"}}}`},
		{"GUARDDUTY_POLICY", true, `{"guardduty":{"enablement":{"us-east-1":{"foundational":{"status":{"@@assign":"enabled"}}}}}}`},
		{"GUARDDUTY_POLICY", false, `{"guardduty":{"enablement":{}}}`},
		{"GUARDDUTY_POLICY", false, `{"guardduty":{"enablement":{"default":{"foundational":{"additional_configuration":{}}}}}}`},
	} {
		err := checkManagement(c.kind, c.text)
		if c.ok && err != nil {
			t.Errorf("%s %s: %v", c.kind, c.text, err)
		}
		if !c.ok {
			refused(t, err, CodeMalformedPolicy, "", notOfItsType)
			if err == nil {
				t.Errorf("%s %s was taken", c.kind, c.text)
			}
		}
	}
}

// TestManagementTypes: every type that isn't one of those that authorize has a
// syntax.
func TestManagementTypes(t *testing.T) {
	for kind := range types {
		if (syntaxes[kind] != nil) == kind.authorizes() {
			t.Errorf("%s: %v", kind, syntaxes[kind])
		}
	}
	if len(syntaxes) != len(types)-2 {
		t.Errorf("%d syntaxes", len(syntaxes))
	}
}

// TestManagementDepth: a document can't nest deeper than its type does.
func TestManagementDepth(t *testing.T) {
	for _, text := range []string{
		strings.Repeat(`{"tags":`, 1e5), `{"tags":{"k":{"tag_value":{"@@assign":` + strings.Repeat("[", 1e5),
		`{"@@assign":` + strings.Repeat("[", 1e5),
	} {
		refused(t, checkManagement("TAG_POLICY", text), CodeMalformedPolicy, "", notOfItsType)
	}
}
