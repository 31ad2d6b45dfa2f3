package catalog

import (
	"regexp"
	"strings"
	"testing"

	"iamd/catalog/internal/layout"
)

func TestConditionKeyType(t *testing.T) {
	for key, want := range map[string]string{
		"aws:SourceIp":                                 "IPAddress",
		"AWS:sourceip":                                 "IPAddress",
		"aws:PrincipalArn":                             "ARN",
		"aws:PrincipalOrgPaths":                        "ArrayOfString",
		"aws:CurrentTime":                              "Date",
		"aws:EpochTime":                                "Date",
		"aws:MultiFactorAuthAge":                       "Numeric",
		"aws:MultiFactorAuthPresent":                   "Bool",
		"aws:SecureTransport":                          "Bool",
		"aws:TagKeys":                                  "ArrayOfString",
		"aws:RequestTag/team":                          "String",
		"aws:principaltag/a/b:c":                       "String",
		"aws:ResourceTag/ключ":                         "String",
		"iam:PassedToService":                          "String",
		"iam:PermissionsBoundary":                      "ARN",
		"sts:ExternalId":                               "String",
		"sts:DurationSeconds":                          "Numeric",
		"sts:TransitiveTagKeys":                        "ArrayOfString",
		"saml:aud":                                     "String",
		"accounts.google.com:aud":                      "String",
		"token.actions.githubusercontent.com:ref":      "String",
		"token.actions.githubusercontent.com/octo:ref": "String",
		"codebuild:environment.environmentVariables/A.value": "String",
		"execute-api:viaDomainArn":                           "ARN",
		"s3:prefix":                                          "String",
		"s3:ExistingObjectTag/stage":                         "String",
		"secretsmanager:ResourceTag/stage":                   "String",
		"kms:EncryptionContext:app":                          "String",
		"ec2:SourceInstanceArn":                              "ARN",
		"identitystore:UserId":                               "String", // services disagree; the global list decides

		"":                     "",
		":":                    "",
		"aws:":                 "",
		"aws:Nothing":          "",
		"aws:RequestTag":       "",
		"aws:RequestTag/":      "",
		"xaws:RequestTag/team": "",
		"PrincipalArn":         "",
		"iam:PassedToServic":   "",
		"token.actions.githubusercontent.com/:ref":          "",
		"codebuild:environment.environmentVariables/.value": "",
		"aws:To\u212AenIssueTime":                           "",
		"login.example.com:sub":                             "",
	} {
		if got, ok := ConditionKeyType(key); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", key, got, ok, want)
		}
	}
}

func TestEveryConditionKey(t *testing.T) {
	k, err := readKeys(conditionKeysFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(k.Exact) < 1000 || len(k.Templates) < 100 {
		t.Errorf("%d keys, %d templates", len(k.Exact), len(k.Templates))
	}
	for _, e := range k.Exact {
		if got, ok := k.typeOf(strings.ToUpper(e.Name)); !ok || got != e.Type {
			t.Errorf("%s: %q, %v, want %s", e.Name, got, ok, e.Type)
		}
	}
	for _, e := range k.Templates {
		if got, ok := k.typeOf(strings.Join(e.Literals, "x")); !ok || got != e.Type {
			t.Errorf("%q: %q, %v, want %s", e.Literals, got, ok, e.Type)
		}
		if len(e.Literals) < 2 || len(e.Literals[0]) < 5 {
			t.Errorf("%q matches nearly anything", e.Literals)
		}
	}
}

// FuzzMatches holds the matcher against regular expressions.
func FuzzMatches(f *testing.F) {
	f.Add("aws:requesttag/|", "aws:requesttag/x")
	f.Add("a|b|c", "axbbxc")
	f.Add("a|aa|a", "aaaaaa")
	f.Add("|", "")
	f.Fuzz(func(t *testing.T, template, key string) {
		literals := strings.Split(template, "|")
		if len(literals) < 2 {
			return
		}
		var quoted []string
		for _, l := range literals {
			quoted = append(quoted, regexp.QuoteMeta(l))
		}
		// Bytes above 0x7F would make one rune of several, or none.
		for _, s := range []string{template, key} {
			if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
				return
			}
		}
		want := regexp.MustCompile(`(?s)\A` + strings.Join(quoted, `.+`) + `\z`).MatchString(key)
		if got := matches(literals, key); got != want {
			t.Errorf("%q, %q: %v, want %v", literals, key, got, want)
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"": "", "abc/1": "abc/1", "aBC": "abc", "Ä\u212AZ@[": "Ä\u212Az@["} {
		if got := layout.Fold(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	words := []string{"", "a", "A", "ab", "B", "[", "Z", "z", "_", "\xff", "é"}
	for _, a := range words {
		for _, b := range words {
			got, want := layout.CompareFold(a, b), strings.Compare(layout.Fold(a), layout.Fold(b))
			if got < 0 != (want < 0) || got > 0 != (want > 0) {
				t.Errorf("%q, %q: %d, want %d", a, b, got, want)
			}
		}
	}
}
