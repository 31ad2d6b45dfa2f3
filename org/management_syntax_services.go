package org

import (
	"errors"
	"strings"
)

// aiServices are the services that content may be kept from, whose case matters.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
var aiServices = oneOf(
	"aidevops", "aiops", "awssupplychain", "biodiscovery", "chimesdkvoiceanalytics", "cloudwatch", "codeguruprofiler", "codewhisperer",
	"comprehend", "config", "connect", "connectamd", "connectdecision", "connecthealth::operations", "connecthealth::training",
	"connectoptimization", "contactlens", "datazone", "default", "dms", "entityresolution", "finopsagent", "frauddetector", "glue",
	"guardduty", "lex", "polly", "q", "quicksightq", "rekognition", "scenariodiscovery", "securityhub", "securitylake", "textract",
	"transcribe", "transform", "translate", "workspaces",
)

var aiSyntax = &shape{key: aiServices, other: keys(map[string]*shape{"opt_out_policy": value(oneOf("optIn", "optOut"))})}

// chatSyntax is of policies about chat applications. AWS shows the block that says
// what else is off at the top and once under platforms; both are read.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_chatbot_syntax.html
var chatSyntax = keys(map[string]*shape{
	"platforms": keys(map[string]*shape{
		"slack": keys(map[string]*shape{
			"client": chatClient, "workspaces": values(notBlank),
			"default": chatSettings(true), "overrides": named(chatSettings(true)),
		}),
		"microsoft_teams": keys(map[string]*shape{
			"client": chatClient, "tenants": named(values(notBlank)),
			"default": chatSettings(false), "overrides": named(named(chatSettings(false))),
		}),
		"chime":   keys(map[string]*shape{"client": chatClient}),
		"default": keys(map[string]*shape{"client": chatClient}),
	}),
	"default": keys(map[string]*shape{"client": chatClient}),
})

var chatClient = value(oneOf("enabled", "disabled"))

func chatSettings(channels bool) *shape {
	fields := map[string]*shape{"supported_role_settings": values(oneOf("user_role", "channel_role"))}
	if channels {
		fields["supported_channel_types"] = values(oneOf("public", "private"))
	}
	return keys(fields)
}

// securityHubSyntax, inspectorSyntax and networkDirectorSyntax say in which
// Regions services are on.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inspector_syntax.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_network_security_director_syntax.html
var (
	securityHubSyntax = inRegions(map[string]*shape{"features": named(inRegions(nil))})
	inspectorSyntax   = keys(map[string]*shape{"enablement": keys(map[string]*shape{
		"ec2_scanning": inRegions(nil), "ecr_scanning": inRegions(nil), "code_repository_scanning": inRegions(nil),
		"lambda_standard_scanning": inRegions(map[string]*shape{"lambda_code_scanning": inRegions(nil)}),
	})})
	networkDirectorSyntax = keys(map[string]*shape{"enablement": keys(map[string]*shape{"network_security_scan": inRegions(nil)})})
)

// upgradeSyntax says in which order resources get upgrades, by their tags.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_upgrade_syntax.html
var upgradeSyntax = keys(map[string]*shape{
	"default": upgradeOrder,
	"tags":    named(keys(map[string]*shape{"tag_values": named(upgradeOrder)})),
})

var upgradeOrder = keys(map[string]*shape{"patch_order": value(oneOf("first", "second", "last"))})

// bedrockSyntax says which guardrails are used, by Region.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_bedrock_syntax.html
var bedrockSyntax = keys(map[string]*shape{"guardrail_inference": {key: region, other: named(keys(map[string]*shape{
	"identifier": value(guardrail),
	"input_tags": value(oneOf("honor", "ignore")),
	"selective_content_guarding": keys(map[string]*shape{
		"system": value(oneOf("selective", "comprehensive")), "messages": value(oneOf("selective", "comprehensive")),
	}),
	"model_enforcement": keys(map[string]*shape{"included_models": values(notBlank), "excluded_models": values(notBlank)}),
}))}})

// guardrail is an ARN with a version, which is not a draft.
func guardrail(v string) bool {
	part := strings.Split(v, ":")
	return len(part) == 7 && part[0] == "arn" && part[2] == "bedrock" && strings.HasPrefix(part[5], "guardrail/") && part[6] != "" && part[6] != "DRAFT"
}

// s3Syntax blocks public access, altogether or not.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html
var s3Syntax = keys(map[string]*shape{"public_access_block_configuration": value(oneOf("all", "none"))})

// guardDutySyntax says which features are on, everywhere or by Region.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_guardduty_syntax.html
var guardDutySyntax = keys(map[string]*shape{"enablement": {
	fields: map[string]*shape{"default": guardDutyFeatures}, key: region, other: guardDutyFeatures, check: someBlock,
}})

func someBlock(n *node) error {
	if len(n.children) == 0 {
		return errors.New("no block")
	}
	return nil
}

var guardDutyFeatures = func() *shape {
	fields := map[string]*shape{}
	for _, feature := range []string{
		"foundational", "s3_data_events", "eks_audit_logs", "ebs_malware_protection", "rds_login_events", "lambda_network_logs", "ai_protection",
	} {
		fields[feature] = guardDutyStatus
	}
	fields["runtime_monitoring"] = keys(map[string]*shape{
		"status": guardDutyStatus.fields["status"],
		"additional_configuration": keys(map[string]*shape{
			"eks_addon_management": guardDutyStatus, "ec2_agent_management": guardDutyStatus, "ecs_fargate_agent_management": guardDutyStatus,
		}),
	})
	return keys(fields)
}()

var guardDutyStatus = keys(map[string]*shape{"status": value(oneOf("enabled", "disabled"))})
