package scenario_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"iamd/policy/scenario"
)

const defaults = `About boundaries.

-- defaults --
{
  "principals": {
    "alice": {"kind": "user", "account": "111122223333", "arn": "arn:aws:iam::111122223333:user/alice"}
  },
  "principal": "alice",
  "action": "s3:GetObject",
  "resource": "arn:aws:s3:::bucket/key"
}
-- all.json --
{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
`

const good = defaults + `-- limits --
{
  "page": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
  "policies": {"identity": "all.json"},
  "cases": [
    {"decision": "allowed"},
    {"decision": "implicitDeny", "by": "boundary", "special": true, "policies": {"boundary": []}}
  ]
}
-- fits --
{
  "page": "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html", "source": "assumed", "says": "Teams have tags.",
  "statement": {"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "red"}}},
  "context": {"aws:principaltag/team": "red"},
  "cases": [
    {"fits": "yes"},
    {"fits": "no", "context": {"aws:PrincipalTag/Team": null}},
    {"fits": "unclear", "context": {"aws:PrincipalTag/Team": ["red"]}}
  ]
}
`

func load(src string) ([]*scenario.Case, error) {
	return scenario.Load(fstest.MapFS{"a/b.txtar": {Data: []byte(src)}, "README": {Data: []byte("no scenario")}})
}

func TestLoad(t *testing.T) {
	cases, err := load(good)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range cases {
		got = append(got, c.Name+" "+c.Want.Decision+" "+c.Source)
		for _, fault := range c.Run() {
			t.Errorf("%s: %s", c.Name, fault)
		}
	}
	want := []string{
		"a/b/limits/1 allowed documented", "a/b/limits/2 implicitDeny documented",
		"a/b/fits/1/allow allowed assumed", "a/b/fits/1/deny explicitDeny assumed",
		"a/b/fits/2/allow implicitDeny assumed", "a/b/fits/2/deny allowed assumed",
		"a/b/fits/3/allow implicitDeny assumed", "a/b/fits/3/deny explicitDeny assumed",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if c := cases[1]; c.Line != 20 || !c.Special || c.File != "a/b.txtar" || !c.Policies.HasBoundary || c.Says != "" {
		t.Errorf("%+v", c)
	}
	if c := cases[2]; c.Says != "Teams have tags." || !strings.HasSuffix(c.Page, "/x.html") {
		t.Errorf("%+v", c)
	}
}

// TestStrict: whatever is wrong with a file is told, with its line.
func TestStrict(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field of a scenario", `"page"`, `"pages"`, `a/b.txtar:16: unknown field "pages"`},
		{"unknown field of a case", `"special": true`, `"specail": true`, `a/b.txtar:20: unknown field "specail"`},
		{"field in another case", `"decision": "allowed"`, `"Decision": "allowed"`, `unknown field "Decision"`},
		{"field twice", `{"decision": "allowed"}`, `{"decision": "allowed", "decision": "implicitDeny"}`, `:19: the field "decision" stands twice`},
		{"unknown kind of policy", `"boundary": []`, `"boundry": []`, `unknown field "boundry"`},
		{"unknown decision", `"allowed"`, `"permitted"`, `"permitted" is none of allowed, explicitDeny, implicitDeny`},
		{"unknown kind that decides", `"by": "boundary"`, `"by": "bound"`, `"bound" is no kind of policy`},
		{"no kind that decides", `"by": "boundary", `, ``, `:20: a denial needs "by"`},
		{"neither decision nor fits", `{"decision": "allowed"}`, `{"says": "x"}`, `:19: a case has either "decision" or "fits"`},
		{"fits without a statement", `{"decision": "allowed"}`, `{"fits": "yes"}`, `:19: "fits" goes with a "statement"`},
		{"decision with a statement", `{"fits": "yes"}`, `{"decision": "allowed"}`, `"fits" goes with a "statement"`},
		{"index beside fits", `{"fits": "yes"}`, `{"fits": "yes", "index": 1}`, `have no place beside "fits"`},
		{"index no number", `{"decision": "allowed"}`, `{"decision": "allowed", "index": "one"}`, `the index is no whole number`},
		{"unknown fit", `"fits": "yes"`, `"fits": "Yes"`, `"Yes" is none of yes, no, unclear`},
		{"statement with an effect", `"statement": {`, `"statement": {"Effect": "Deny", `, `without Effect and Sid`},
		{"no twin", `"special": true, "policies": {"boundary": []}`, `"special": true, "action": "iam:GetUser", "policies": {"boundary": []}`, `:20: the special case has no twin`},
		{"special false", `"special": true`, `"special": false`, `true is wanted here`},
		{"no page", `"page": "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html", `, ``, `the scenario lacks page`},
		{"page no URL", `"page": "https`, `"page": "http`, `the page is no https:// URL`},
		{"no cases", `"cases": [
    {"decision": "allowed"},
    {"decision": "implicitDeny", "by": "boundary", "special": true, "policies": {"boundary": []}}
  ]`, `"cases": []`, `:18: cases are a list of one case at least`},
		{"no action", `"action": "s3:GetObject",`, ``, `:19: the case has no action`},
		{"unknown source", `"source": "assumed"`, `"source": "guessed"`, `"guessed" is none of documented, recorded, assumed`},
		{"unknown document", `"identity": "all.json"`, `"identity": "al.json"`, `the file has no document "al.json"`},
		{"unused document", `"identity": "all.json"`, `"identity": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`, `:13: nothing uses "all.json"`},
		{"no policy", `"Effect": "Allow", "Action"`, `"Effects": "Allow", "Action"`, `a/b.txtar:13: the document is no policy`},
		{"unknown principal", `"principal": "alice"`, `"principal": "bob"`, `the defaults have no principal "bob"`},
		{"unknown kind of principal", `"kind": "user"`, `"kind": "User"`, `unknown kind of principal "User"`},
		{"principal without ARN", `, "arn": "arn:aws:iam::111122223333:user/alice"`, ``, `the principal lacks "arn"`},
		{"principal with too much", `"kind": "user"`, `"kind": "user", "service": "x"`, `the principal has "service", which a user has not`},
		{"nothing to take away", `"aws:PrincipalTag/Team": null`, `"aws:PrincipalTag/Teams": null`, `there is no context aws:principaltag/teams to take away`},
		{"key twice", `"context": {"aws:principaltag/team": "red"}`, `"context": {"aws:principaltag/team": "red", "aws:PrincipalTag/Team": "red"}`, `stands twice`},
		{"key no string", `"aws:principaltag/team": "red"`, `"aws:principaltag/team": 1`, `a string or a list of strings`},
		{"broken JSON", `"says": "Teams have tags.",`, `"says": "Teams have tags.`, `a/b.txtar:25: fits: control character in a string`},
		{"member twice", `-- fits --`, `-- limits --`, `there is a member "limits" already`},
		{"no comment", `About boundaries.`, ``, `no words before the first member`},
	} {
		src := strings.Replace(good, c.old, c.new, 1)
		if src == good {
			t.Errorf("%s: the test changes nothing", c.name)
		}
		_, err := load(src)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if e := new(scenario.Error); err != nil && (!errors.As(err, &e) || e.Line < 1 || e.File != "a/b.txtar") {
			t.Errorf("%s: no place in %v", c.name, err)
		}
	}
	if _, err := load(defaults); err == nil || !strings.Contains(err.Error(), "the file has no scenario") {
		t.Error(err)
	}
	if _, err := scenario.Load(fstest.MapFS{"README": {}}); err == nil || !strings.Contains(err.Error(), "no .txtar file") {
		t.Error(err)
	}
	if _, err := scenario.Load(os.DirFS("testdata/nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestRunFails: a case that wants what is not so fails, whatever part of it is wrong.
func TestRunFails(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"decision", `{"decision": "allowed"}`, `{"decision": "implicitDeny", "by": "scp"}`, "want implicitDeny by scp, got allowed by identity"},
		{"kind", `"by": "boundary"`, `"by": "session"`, "want implicitDeny by session, got implicitDeny by boundary"},
		{"kind that allows", `{"decision": "allowed"}`, `{"decision": "allowed", "by": "resource"}`, "want allowed by resource, got allowed by identity"},
		{"policy", `{"decision": "allowed"}`, `{"decision": "allowed", "policy": "identity[1]"}`, `by the policy identity[1], got "identity[0]"`},
		{"index", `{"decision": "allowed"}`, `{"decision": "allowed", "index": 1}`, "by statement 1, got 0"},
		{"reason", `"by": "boundary"`, `"by": "boundary", "reason": "because"`, `got "because no permissions boundary allows the s3:GetObject action"`},
		{"fits", `{"fits": "yes"}`, `{"fits": "no"}`, "want implicitDeny by identity, got allowed by identity"},
		{"unclear", `"fits": "unclear"`, `"fits": "no"`, "want allowed by identity, got explicitDeny by identity"},
	} {
		src := strings.Replace(good, c.old, c.new, 1)
		src = strings.Replace(src, `"special": true, `, "", 1)
		cases, err := load(src)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var all []string
		for _, one := range cases {
			all = append(all, one.Run()...)
		}
		if !strings.Contains(strings.Join(all, "\n"), c.want) {
			t.Errorf("%s: got %q, want %q", c.name, all, c.want)
		}
	}
}
