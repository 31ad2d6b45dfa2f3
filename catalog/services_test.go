package catalog

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"iamd/catalog/internal/layout"
)

func TestAction(t *testing.T) {
	for _, test := range []struct {
		prefix, name string
		want         ActionInfo
	}{
		{"iam", "CreateUser", ActionInfo{
			Name:          "CreateUser",
			AccessLevel:   "Write",
			Description:   "Grants permission to create a new IAM user",
			ResourceTypes: []ActionResourceType{{Name: "user", Required: true, ConditionKeys: []string{}}},
			ConditionKeys: []string{"aws:RequestTag/${TagKey}", "aws:TagKeys", "iam:PermissionsBoundary"},
		}},
		{"IAM", "passrole", ActionInfo{
			Name:          "PassRole",
			AccessLevel:   "Write",
			Description:   "Grants permission to pass a role to a service",
			ResourceTypes: []ActionResourceType{{Name: "role", Required: true, ConditionKeys: []string{}}},
			ConditionKeys: []string{"iam:AssociatedResourceArn", "iam:PassedToService"},
		}},
		{"sts", "GetCallerIdentity", ActionInfo{
			Name:          "GetCallerIdentity",
			AccessLevel:   "Read",
			Description:   "Grants permission to obtain details about the IAM identity whose credentials are used to call the API",
			ResourceTypes: []ActionResourceType{},
			ConditionKeys: []string{},
		}},
		{"execute-api", "Invoke", ActionInfo{
			Name:        "Invoke",
			AccessLevel: "Write",
			Description: "Grants permission to invoke an API upon a client request",
			ResourceTypes: []ActionResourceType{
				{Name: "execute-api-domain", ConditionKeys: []string{}},
				{Name: "execute-api-general", ConditionKeys: []string{}},
			},
			ConditionKeys: []string{},
		}},
	} {
		s, ok := Service(test.prefix)
		if !ok {
			t.Fatalf("no service %s", test.prefix)
		}
		got, ok := s.Action(test.name)
		if !ok || !reflect.DeepEqual(*got, test.want) {
			t.Errorf("%s:%s: got %v %+v\nwant %+v", test.prefix, test.name, ok, got, test.want)
		}
	}

	sts, _ := Service("sts")
	assume, ok := sts.Action("AssumeRole")
	if !ok || assume.AccessLevel != "Write" || len(assume.ResourceTypes) != 1 ||
		assume.ResourceTypes[0].Name != "role" || !assume.ResourceTypes[0].Required {
		t.Fatalf("sts:AssumeRole: %v %+v", ok, assume)
	}
	for _, key := range []string{"sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity", "sts:TransitiveTagKeys", "aws:TagKeys", "saml:sub"} {
		if !slices.Contains(assume.ConditionKeys, key) {
			t.Errorf("sts:AssumeRole lacks %s", key)
		}
	}
	for name, level := range map[string]string{
		"AttachUserPolicy": "Permissions management", "TagUser": "Tagging", "ListUsers": "List", "GetUser": "Read",
	} {
		iam, _ := Service("iam")
		if a, ok := iam.Action(name); !ok || a.AccessLevel != level {
			t.Errorf("iam:%s: %v %+v, want %s", name, ok, a, level)
		}
	}
}

func TestResourceTypeAndKey(t *testing.T) {
	iam, _ := Service("iam")
	if iam.Name != "AWS Identity and Access Management (IAM)" || iam.ResourceControlPolicies {
		t.Errorf("iam: %s, %v", iam.Name, iam.ResourceControlPolicies)
	}
	if s3, ok := Service("s3"); !ok || !s3.ResourceControlPolicies {
		t.Error("resource control policies apply to s3")
	}
	user, ok := iam.ResourceType("User")
	want := ResourceTypeInfo{
		Name:          "user",
		ARN:           "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}",
		ConditionKeys: []string{"aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"},
	}
	if !ok || !reflect.DeepEqual(*user, want) {
		t.Errorf("got %v %+v, want %+v", ok, user, want)
	}
	for name, want := range map[string]string{
		"iam:PassedToService": "String", "IAM:permissionsboundary": "ARN", "aws:TagKeys": "ArrayOfString",
		"aws:RequestTag/${TagKey}": "String", "aws:RequestTag/team": "", "s3:prefix": "", "": "",
	} {
		if got, ok := iam.ConditionKey(name); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	for _, name := range []string{"", "iam:", " iam", "ia", "iamx", "*", "\xff", "\x00", strings.Repeat("i", 1<<16)} {
		if s, ok := Service(name); ok || s != nil {
			t.Errorf("service %.40q is known", name)
		}
	}
	kms, _ := Service("kms")
	for _, name := range []string{"", "*", "Create*", "kms:CreateKey", "CreateKe", "CreateKeyy", "CreateKey ", "Create\u212Aey", "\xff"} {
		if a, ok := kms.Action(name); ok || a != nil {
			t.Errorf("action %q is known", name)
		}
		if r, ok := kms.ResourceType(name); ok || r != nil {
			t.Errorf("resource type %q is known", name)
		}
	}
	if _, ok := Service("\u212Ams"); ok {
		t.Error("the Kelvin sign passes for a k")
	}
}

func TestEveryService(t *testing.T) {
	levels := []string{"List", "Read", "Write", "Permissions management", "Tagging"}
	var prefixes []string
	actions := 0
	for s := range Services() {
		prefixes = append(prefixes, s.Prefix)
		if again, ok := Service(strings.ToUpper(s.Prefix)); !ok || again != s || s.Name == "" {
			t.Errorf("service %s: %v, name %q", s.Prefix, ok, s.Name)
		}
		if _, err := readService(s.member); err != nil {
			t.Errorf("service %s: %v", s.Prefix, err)
		}
		var names []string
		for a := range s.Actions() {
			names = append(names, layout.Fold(a.Name))
			if again, ok := s.Action(strings.ToUpper(a.Name)); !ok || again != a {
				t.Errorf("%s:%s is not found by its name", s.Prefix, a.Name)
			}
			if !slices.Contains(levels, a.AccessLevel) {
				t.Errorf("%s:%s: access level %q", s.Prefix, a.Name, a.AccessLevel)
			}
			for _, r := range a.ResourceTypes {
				if _, ok := s.ResourceType(r.Name); !ok {
					t.Errorf("%s:%s: resource type %s is not the service's", s.Prefix, a.Name, r.Name)
				}
			}
			for _, k := range a.ConditionKeys {
				if _, ok := s.ConditionKey(k); !ok {
					t.Errorf("%s:%s: condition key %s is not the service's", s.Prefix, a.Name, k)
				}
			}
		}
		if !slices.IsSorted(names) {
			t.Errorf("the actions of %s are not in order", s.Prefix)
		}
		actions += len(names)
		for r := range s.ResourceTypes() {
			if again, ok := s.ResourceType(r.Name); !ok || again != r || !strings.HasPrefix(r.ARN, "arn:${Partition}:") {
				t.Errorf("%s: resource type %+v", s.Prefix, r)
			}
		}
		for k, kind := range s.ConditionKeys() {
			if again, ok := s.ConditionKey(k); !ok || again != kind {
				t.Errorf("%s: condition key %s is not found by its name", s.Prefix, k)
			}
			if global, ok := ConditionKeyType(k); !ok || global != kind && !strings.HasPrefix(k, "identitystore:") {
				t.Errorf("%s: condition key %s has type %s, but %q for all", s.Prefix, k, kind, global)
			}
		}
	}
	if len(prefixes) < 400 || actions < 20000 {
		t.Errorf("%d services, %d actions", len(prefixes), actions)
	}
	if !slices.IsSorted(prefixes) {
		t.Error("services are not in order")
	}
	for range Services() {
		break // a caller may stop
	}
}
