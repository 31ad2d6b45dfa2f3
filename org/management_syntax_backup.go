package org

import (
	"errors"
	"slices"
	"strings"
)

// backupSyntax is what backup policies hold, by the plan's name.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
var backupSyntax = &shape{other: keys(map[string]*shape{
	"rules":      named(backupRule),
	"regions":    filled(values(region)),
	"selections": keys(map[string]*shape{"tags": named(selection(true)), "resources": named(selection(false))}),
	"advanced_backup_settings": keys(map[string]*shape{
		// The key was written without the line, and is still read.
		"ec2": keys(map[string]*shape{"windows_vss": value(oneOf("enabled", "disabled")), "windowsvss": value(oneOf("enabled", "disabled"))}),
	}),
	"backup_plan_tags": named(backupTag),
	"scan_settings": named(keys(map[string]*shape{
		"resource_types": filled(values(notBlank)), "scanner_role_arn": value(roleARN),
	})),
}), cased: true}

var backupRule = &shape{check: notBothWays, fields: map[string]*shape{
	"schedule_expression":                          value(schedule),
	"schedule_expression_timezone":                 value(notBlank),
	"target_backup_vault_name":                     value(notBlank),
	"target_logically_air_gapped_backup_vault_arn": value(vaultARN),
	"start_backup_window_minutes":                  value(minutes),
	"complete_backup_window_minutes":               value(minutes),
	"enable_continuous_backup":                     value(truth),
	"lifecycle":                                    backupLifecycle,
	"copy_actions": {
		key:   vaultARN,
		other: &shape{check: notEmpty, fields: map[string]*shape{"target_backup_vault_arn": value(vaultARN), "lifecycle": backupLifecycle}},
	},
	"recovery_point_tags": named(backupTag),
	"index_actions":       keys(map[string]*shape{"resource_types": filled(values(notBlank))}),
	"scan_actions":        named(keys(map[string]*shape{"scan_mode": value(oneOf("FULL_SCAN", "INCREMENTAL_SCAN"))})),
}}

// notBothWays refuses a continuous backup that goes to cold storage.
func notBothWays(n *node) error {
	cold := n.assigned("lifecycle", "move_to_cold_storage_after_days")
	if strings.EqualFold(n.assigned("enable_continuous_backup"), "true") && cold != "" && cold != "-1" { // never
		return errors.New("a continuous backup in cold storage")
	}
	return nil
}

func notEmpty(n *node) error {
	if len(n.children) == 0 && n.allowed == allOperators {
		return errors.New("nothing in it")
	}
	return nil
}

// assigned is the single value that a policy assigns to what stands under some
// keys, "" for none.
func (n *node) assigned(path ...string) string {
	for _, key := range path {
		at := slices.IndexFunc(n.children, func(c *node) bool { return strings.EqualFold(c.name, key) })
		if at < 0 {
			return ""
		}
		n = n.children[at]
	}
	if len(n.assign) != 1 {
		return ""
	}
	return n.assign[0]
}

var backupLifecycle = keys(map[string]*shape{
	"move_to_cold_storage_after_days":           value(days),
	"delete_after_days":                         value(days),
	"opt_in_to_archive_for_supported_resources": value(truth),
})

var backupTag = keys(map[string]*shape{"tag_key": value(nil), "tag_value": value(nil)})

// selection is what resources are backed up: by a tag, or by their types.
func selection(byTag bool) *shape {
	condition := named(keys(map[string]*shape{"condition_key": value(notBlank), "condition_value": value(nil)}))
	fields := map[string]*shape{
		"iam_role_arn": value(roleARN),
		"conditions": keys(map[string]*shape{
			"string_equals": condition, "string_not_equals": condition, "string_like": condition, "string_not_like": condition,
		}),
	}
	if byTag {
		fields["tag_key"], fields["tag_value"] = value(nil), filled(values(nil))
	} else {
		fields["resource_types"], fields["not_resource_types"] = filled(values(notBlank)), filled(values(notBlank))
	}
	return keys(fields)
}

func filled(s *shape) *shape { s.filled = true; return s }

var (
	days    = between(-1, 1<<31-1)
	minutes = between(0, 1<<31-1)
)

func truth(v string) bool { return strings.EqualFold(v, "true") || strings.EqualFold(v, "false") }

// schedule is a cron expression of six fields. What stands in them is AWS Backup's
// to judge.
func schedule(v string) bool {
	fields, ok := strings.CutPrefix(v, "cron(")
	fields, end := strings.CutSuffix(fields, ")")
	return ok && end && len(strings.Fields(fields)) == 6
}

// roleARN and vaultARN are ARNs in which $account and $region may stand for the
// account and the Region that the policy works in.
func roleARN(v string) bool { return arnWithVariables(v, "iam", "role/") }

func vaultARN(v string) bool {
	return arnWithVariables(v, "backup", "backup-vault:") || arnWithVariables(v, "backup", "vault:")
}

func arnWithVariables(v, service, resource string) bool {
	part := strings.SplitN(v, ":", 6)
	if len(part) != 6 || part[0] != "arn" || !strings.HasPrefix(part[1], "aws") || part[2] != service {
		return false
	}
	account := part[4]
	if account != "$account" && (len(account) != 12 || strings.Trim(account, "0123456789") != "") {
		return false
	}
	if service == "iam" && part[3] != "" || service != "iam" && part[3] != "$region" && !region(part[3]) {
		return false
	}
	// A variable elsewhere has no meaning.
	rest, ok := strings.CutPrefix(part[5], resource)
	return ok && rest != "" && !slices.Contains(strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == ':' }), "$account")
}
