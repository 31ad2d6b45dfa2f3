package org

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// validators find what is wrong with effective policies. Of other types no such
// rules are known.
// https://docs.aws.amazon.com/organizations/latest/userguide/invalid-policy-alerts.html
var validators = map[PolicyType]func(v *validation, merged *setting){
	"BACKUP_POLICY": validateBackup,
	"TAG_POLICY":    validateTags,
}

func (t PolicyType) validated() bool { return validators[t] != nil }

// validation gathers errors.
type validation struct{ errors []ValidationError }

func validate(t PolicyType, merged *setting) []ValidationError {
	check := validators[t]
	if check == nil {
		return nil
	}
	v := new(validation)
	check(v, merged)
	slices.SortStableFunc(v.errors, func(a, b ValidationError) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return v.errors
}

func (v *validation) add(code, path string, of *setting, format string, args ...any) {
	v.errors = append(v.errors, ValidationError{Code: code, Path: path, Policies: of.policies, Message: fmt.Sprintf(format, args...)})
}

func (v *validation) required(of *setting, path string, keys ...string) {
	for _, key := range keys {
		if of.at(key) == nil {
			v.add("KEY_REQUIRED", path, of, "'%s' is missing", key)
		}
	}
}

// count checks how many elements something has, if it is there; most is 0 for no
// end.
func (v *validation) count(of *setting, path, name string, most int) {
	if of == nil {
		return
	}
	n := len(of.order)
	if of.kind == multiple {
		n = len(of.values)
	}
	if n < 1 {
		v.add("ELEMENTS_TOO_FEW", path, of, "'%s' is less than the allowed minimum limit 1", name)
	}
	if most > 0 && n > most {
		v.add("ELEMENTS_TOO_MANY", path, of, "'%s' exceeds the allowed maximum limit %d", name, most)
	}
}

// each walks what a container holds, nil among them.
func (s *setting) each() iter.Seq2[string, *setting] {
	return func(yield func(string, *setting) bool) {
		if s == nil {
			return
		}
		for _, key := range s.order {
			if c := s.children[key]; !yield(c.name, c) {
				return
			}
		}
	}
}

// mostRules are the rules that a plan may have, mostRequired the tags that may be
// reported as required of a type of resources, mostTagBytes what an effective tag
// policy may be long.
const (
	mostRules    = 10
	mostRequired = 50
	mostTagBytes = 395000
)

func validateBackup(v *validation, merged *setting) {
	for name, plan := range merged.at("plans").each() {
		path := "plans/" + name
		v.required(plan, path, "rules", "regions", "selections")
		v.count(plan.at("regions"), path+"/regions", "regions", 0)
		v.count(plan.at("rules"), path+"/rules", "rules", mostRules)
		for name, rule := range plan.at("rules").each() {
			v.backupRule(plan, rule, path+"/rules/"+name, name)
		}
		for _, kind := range []string{"tags", "resources"} {
			for name, of := range plan.at("selections", kind).each() {
				path := path + "/selections/" + kind + "/" + name
				v.required(of, path, "iam_role_arn")
				if kind == "tags" {
					v.required(of, path, "tag_key", "tag_value")
				} else if of.at("conditions") == nil {
					v.required(of, path, "resource_types")
				}
				v.count(of.at("tag_value"), path+"/tag_value", "tag_value", 0)
				v.count(of.at("resource_types"), path+"/resource_types", "resource_types", 0)
			}
		}
	}
}

// Figures of AWS Backup: a continuous backup is kept for 35 days at most, and one
// that was archived for 90 at least.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
const (
	continuousDays = 35
	archivedDays   = 90
)

func (v *validation) backupRule(plan, rule *setting, path, name string) {
	v.required(rule, path, "target_backup_vault_name")
	together := func(fields string) {
		v.add("CROSS_ATTRIBUTE_VALIDATION", path, rule, "Dependent fields %s in policy block %s are invalid when used together", fields, name)
	}
	if rule.at("scan_actions") != nil && plan.at("scan_settings") == nil {
		together("scan_actions(undefined),scan_settings(undefined)")
	}
	cycle := rule.at("lifecycle")
	deleted, cold := cycle.at("delete_after_days").text(), cycle.at("move_to_cold_storage_after_days").text()
	n, err := strconv.ParseInt(deleted, 10, 64)
	if err != nil {
		return
	}
	if on := rule.at("enable_continuous_backup").text(); strings.EqualFold(on, "true") && n > continuousDays {
		together("enable_continuous_backup=" + on + ",delete_after_days=" + deleted)
	}
	m, err := strconv.ParseInt(cold, 10, 64)
	if on := cycle.at("opt_in_to_archive_for_supported_resources").text(); err == nil && strings.EqualFold(on, "true") && n < m+archivedDays {
		together("opt_in_to_archive_for_supported_resources=" + on + ",delete_after_days=" + deleted + ",move_to_cold_storage_after_days=" + cold)
	}
}

// shownKeys are the tag keys that an error names.
const shownKeys = 5

func validateTags(v *validation, merged *setting) {
	if size := len(merged.format(nil)); size > mostTagBytes {
		// Of this AWS names no policies.
		v.add("ELEMENTS_TOO_MANY", "tags", new(setting), "Effective policy size is %d bytes, which exceeds the maximum limit of %d bytes", size, mostTagBytes)
	}
	byType := map[string][]string{}
	contributed := map[string]*setting{}
	for name, tag := range merged.at("tags").each() {
		required := tag.at("report_required_tag_for")
		if required == nil {
			continue
		}
		for _, kind := range required.values {
			byType[kind] = append(byType[kind], name)
			if contributed[kind] == nil {
				contributed[kind] = newSetting("", container)
			}
			for _, id := range required.policies {
				contributed[kind].contribute(id)
			}
		}
	}
	for kind, names := range byType {
		if len(names) <= mostRequired {
			continue
		}
		slices.Sort(names)
		v.add("ELEMENTS_TOO_MANY", "tags", contributed[kind],
			"Resource type '%s' has %d tags for 'report_required_tag_for', which exceeds the maximum limit of %d. Contributing tag keys include: %s and %d more",
			kind, len(names), mostRequired, strings.Join(names[:shownKeys], ", "), len(names)-shownKeys)
	}
}
