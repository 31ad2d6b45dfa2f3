package org

import (
	"slices"
	"strconv"
	"strings"
)

// kind is what a place in a management policy holds.
type kind uint8

const (
	container kind = iota // other keys
	single                // a value
	multiple              // a list of values
)

// shape is the syntax of a place in a management policy.
type shape struct {
	kind kind
	// fields are the keys that a container knows, in lower case: AWS reads keys in
	// any case.
	fields map[string]*shape
	// other is what stands under every other key, if key allows it; nil: nothing.
	other *shape
	key   func(key string) bool // nil: any key but ""
	// cased marks a container whose keys are shown as they were written first; those
	// of others are shown in lower case.
	cased bool
	// value tells which values a setting may have; nil: any.
	value func(v string) bool
	// filled marks a list that nothing can't be appended to or removed from.
	filled bool
	// check judges a whole container.
	check func(n *node) error
	// top marks the document.
	top bool
	// shown adds to an effective policy what is shown though no policy says it.
	shown func(s *setting)
}

// child is the shape under a key, or nil.
func (s *shape) child(key string) *shape {
	if field, ok := s.fields[strings.ToLower(key)]; ok {
		return field
	}
	if s.other == nil || key == "" || s.key != nil && !s.key(key) {
		return nil
	}
	return s.other
}

// syntaxes are the documents of the management policies.
var syntaxes = map[PolicyType]*shape{
	"TAG_POLICY":                       document("tags", tagSyntax),
	"BACKUP_POLICY":                    document("plans", backupSyntax),
	"AISERVICES_OPT_OUT_POLICY":        document("services", aiSyntax),
	"CHATBOT_POLICY":                   document("chatbot", chatSyntax),
	"DECLARATIVE_POLICY_EC2":           document("ec2_attributes", ec2Syntax),
	"SECURITYHUB_POLICY":               document("securityhub", securityHubSyntax),
	"INSPECTOR_POLICY":                 document("inspector", inspectorSyntax),
	"UPGRADE_ROLLOUT_POLICY":           document("upgrade_rollout", upgradeSyntax),
	"BEDROCK_POLICY":                   document("bedrock", bedrockSyntax),
	"S3_POLICY":                        document("s3_attributes", s3Syntax),
	"NETWORK_SECURITY_DIRECTOR_POLICY": document("network_security_director", networkDirectorSyntax),
	"GUARDDUTY_POLICY":                 document("guardduty", guardDutySyntax),
}

func document(key string, s *shape) *shape {
	return &shape{top: true, fields: map[string]*shape{key: s}}
}

func keys(fields map[string]*shape) *shape { return &shape{fields: fields} }

// named is a container of things that the author names.
func named(s *shape) *shape { return &shape{other: s} }

func value(valid func(string) bool) *shape  { return &shape{kind: single, value: valid} }
func values(valid func(string) bool) *shape { return &shape{kind: multiple, value: valid} }

// oneOf is one of some words, whose case matters.
func oneOf(words ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(words, v) }
}

func between(least, most int64) func(string) bool {
	return func(v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && least <= n && n <= most
	}
}

func notBlank(v string) bool { return strings.TrimSpace(v) != "" }

// region tells whether a text has the form of a Region's code. Which Regions a
// service is in is not known here.
func region(v string) bool {
	parts := strings.Split(v, "-")
	if len(parts) < 3 || len(v) > 32 {
		return false
	}
	for i, part := range parts {
		digit := i == len(parts)-1
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return digit != (r >= '0' && r <= '9') || !digit && (r < 'a' || r > 'z') }) {
			return false
		}
	}
	return true
}

// regionOrAll is a Region, or every one that the service is in.
func regionOrAll(v string) bool { return v == "ALL_SUPPORTED" || region(v) }

// inRegions are the two lists that say where something is on and where it is off.
func inRegions(more map[string]*shape) *shape {
	fields := map[string]*shape{"enable_in_regions": values(regionOrAll), "disable_in_regions": values(regionOrAll)}
	for k, s := range more {
		fields[k] = s
	}
	return keys(fields)
}
