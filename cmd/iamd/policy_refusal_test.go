package main

import (
	"fmt"
	"strings"
	"testing"

	"iamd/analyzer"
)

// TestToldBy: a refusal stands where the finding about the same fault does, is one
// with it if that is an error, and with no other; without one it stands at the
// statement's brace.
func TestToldBy(t *testing.T) {
	in := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	const good = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	for _, c := range []struct{ kind, text, want string }{
		{"identity", in(`{"Effect":"Permit","Action":"s3:GetObject","Resource":"*"}`), `"Permit" INVALID_EFFECT`},
		{"identity", in(good, `{"Action":"s3:GetObject","Resource":"*"}`), `{"Action":"s3:GetObject" MISSING_EFFECT`},
		{"identity", `{"Version":"2012-10-17","Statement":{"Action":"s3:GetObject","Resource":"*"}}`, `{"Action":"s3:GetObject" MISSING_EFFECT`},
		{"identity", in(`{"Effect":"Allow","Action":"s3:GetObject"}`), `{"Effect" MISSING_RESOURCE`},
		{"identity", in(good, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEqualz":{"aws:PrincipalArn":"x"}}}`),
			`"StringEqualz" INVALID_CONDITION_OPERATOR`},
		{"identity", in(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}`), `"soon" -`}, // only a warning
		{"identity", in(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"NumericEquals":{"s3:max-keys":"many"}}}`), `"many" -`},
		// The statement's other error, which IAM would take, comes first and is another one.
		{"identity", in(`{"Effect":"Allow","Action":["s3:NoSuch","getobject"],"Resource":"*"}`), `"getobject" INVALID_ACTION`},
		{"identity", in(`{"Sid":"a-b","Effect":"Allow","Action":"s3:NoSuch","Resource":"*"}`), `"a-b" UNSUPPORTED_SID`},
		{"identity", in(`{"Effect":"Allow","Action":"s3:NoSuch","Action":"s3:GetObject","Resource":"*"}`), `"Action":"s3:GetObject" JSON_SYNTAX_ERROR`},
		{"identity", in(`{"Effect":"Allow","Action":"s3:GetObject","NotAction":"s3:NoSuch","Resource":"*"}`), `"Action" UNSUPPORTED_ELEMENT_COMBINATION`},
		{"identity", in(`{"Sid":"a","Effect":"Allow","Action":"s3:NoSuch","Resource":"*"}`, `{"Sid":"a",`+good[1:]), `"a","Effect":"Allow","Action":"s3:NoSuch" UNIQUE_SIDS_REQUIRED`},
		{"identity", `{"Version":"2012-10-18","Statement":` + good + `}`, `"2012-10-18" INVALID_VERSION`},
		{"identity", `{"Version":"2012-10-17","Statement":[]}`, `[] MISSING_STATEMENT`},
		{"identity", `{"Version":"2012-10-17","Statment":[]}`, `"Statment" INVALID_POLICY_ELEMENT`},
		{"identity", in(`{"Effect":"Allow","Action":7,"Resource":"*"}`), `7 DATA_TYPE_MISMATCH`},
		{"identity", in(good) + `]`, `] JSON_SYNTAX_ERROR`},
		{"rcp", in(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`), `"Allow" RCP_SYNTAX_ERROR_ALLOW`},
		{"trust", in(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","s3:GetObject"]}`), `"s3:GetObject" UNSUPPORTED_ACTION_IN_POLICY`},
		{"trust", in(`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`), `"*" ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL`},
		// Told by no error.
		{"rcp", in(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`), `{"Effect" -`},
		{"identity", "\n" + in(good), "\n -"},
		{"identity", in(good), ""},
	} {
		kind, err := policyKindOf(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		got, f := "", checkedOf(c.text, kind)
		if r := f.Refusal; r != nil {
			code := "-"
			if f.Told != nil {
				code = f.Told.Code
			}
			line := strings.SplitAfter(c.text, "\n")[r.Line-1]
			got = fmt.Sprintf("%s %s", line[r.Column-1:], code)
		}
		i := max(strings.LastIndex(c.want, " "), 0)
		text, code := c.want[:i], c.want[i:]
		if !strings.HasPrefix(got, text) || !strings.HasSuffix(got, code) || (got == "") != (c.want == "") {
			t.Errorf("%s:\n got %s\nwant %s\n%v", c.text, got, c.want, codesOf(f.Findings))
		}
	}
}

func codesOf(findings []analyzer.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return out
}
