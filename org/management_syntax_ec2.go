package org

import (
	"strconv"
	"strings"
)

// ec2Syntax is of declarative policies for EC2.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html
var ec2Syntax = keys(map[string]*shape{
	"exception_message": value(nil),
	"vpc_block_public_access": keys(map[string]*shape{
		"internet_gateway_block": keys(map[string]*shape{
			"mode":               value(oneOf("off", "block_ingress", "block_bidirectional")),
			"exclusions_allowed": value(oneOf("enabled", "disabled")),
		}),
	}),
	"vpc_encryption_control": keys(map[string]*shape{
		"mode": value(oneOf("unmanaged", "attempt_monitor", "attempt_enforce")),
		"exclusions": values(oneOf(
			"internet_gateway", "nat_gateway", "vpc_lattice", "vpc_peering", "lambda", "egress_only_internet_gateway", "elastic_file_system",
			"virtual_private_gateway",
		)),
	}),
	"serial_console_access":        keys(map[string]*shape{"status": value(oneOf("enabled", "disabled"))}),
	"image_block_public_access":    keys(map[string]*shape{"state": value(oneOf("unblocked", "block_new_sharing"))}),
	"snapshot_block_public_access": keys(map[string]*shape{"state": value(oneOf("unblocked", "block_new_sharing", "block_all_sharing"))}),
	"allowed_images_settings": keys(map[string]*shape{
		"state": value(oneOf("enabled", "disabled", "audit_mode")),
		"image_criteria": {key: criterion, other: keys(map[string]*shape{
			"allowed_image_providers":    values(imageProvider),
			"image_names":                values(notBlank),
			"marketplace_product_codes":  values(notBlank),
			"creation_date_condition":    keys(map[string]*shape{"maximum_days_since_created": value(between(0, 1<<31-1))}),
			"deprecation_time_condition": keys(map[string]*shape{"maximum_days_since_deprecated": value(between(0, 1<<31-1))}),
		})},
	}),
	"instance_metadata_defaults": keys(map[string]*shape{
		"http_tokens":                 value(oneOf("no_preference", "required", "optional")),
		"http_put_response_hop_limit": value(between(-1, 64)),
		"http_endpoint":               value(oneOf("no_preference", "enabled", "disabled")),
		"instance_metadata_tags":      value(oneOf("no_preference", "enabled", "disabled")),
	}),
})

// criterion is criteria_1 to criteria_10.
func criterion(key string) bool {
	number, ok := strings.CutPrefix(strings.ToLower(key), "criteria_")
	n, err := strconv.Atoi(number)
	return ok && err == nil && 1 <= n && n <= 10 && number == strconv.Itoa(n)
}

// imageProvider is an account, or who AWS has a name for.
func imageProvider(v string) bool {
	return oneOf("amazon", "aws_marketplace", "aws_backup_vault")(v) || len(v) == 12 && strings.Trim(v, "0123456789") == ""
}
