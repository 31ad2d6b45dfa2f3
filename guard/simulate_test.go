package guard_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

func everything(guard.Source) bool { return true }

// TestSimulationOf: every policy of each kind of entity has its say, under the
// name that the answer calls it by.
func TestSimulationOf(t *testing.T) {
	const put = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}`
	a, caller := bob(t, put)
	a = change(t, a, func(d *iam.Draft) error {
		_, err := d.CreateGroup("Devs", "/")
		return errors.Join(err,
			d.AddUserToGroup("Devs", "Bob"),
			d.PutInlinePolicy(iam.Entity{Kind: iam.KindGroup, Name: "Devs"}, "g", put),
			d.AttachPolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "arn:aws:iam::aws:policy/AmazonS3FullAccess"),
			d.PutUserPermissionsBoundary("Bob", "arn:aws:iam::aws:policy/AmazonSQSFullAccess"),
		)
	})
	for _, c := range []struct {
		arn, keep, want string
		bounded         bool
	}{
		{caller.ARN, "", "user_Bob_p arn:aws:iam::aws:policy/AmazonS3FullAccess group_Devs_g", true},
		{caller.ARN, "boundary", "user_Bob_p arn:aws:iam::aws:policy/AmazonS3FullAccess group_Devs_g", false},
		{caller.ARN, "p", "arn:aws:iam::aws:policy/AmazonS3FullAccess group_Devs_g", true},
		{"arn:aws:iam::" + account + ":group/Devs", "", "group_Devs_g", false},
	} {
		s := guard.NewSimulation(account, clock)
		if err := s.Of(a, c.arn, func(p guard.Source) bool { return p.Name != c.keep && (c.keep != "boundary" || !p.Boundary) }); err != nil {
			t.Fatal(err)
		}
		x := s.Explain("s3:PutObject", "*", account)
		var ids []string
		for _, m := range x.Matched {
			ids = append(ids, m.PolicyID)
		}
		if got := strings.Join(ids, " "); got != c.want || s.Bounded() != c.bounded || x.Allowed == c.bounded {
			t.Errorf("%s without %q: %s, bounded %v, allowed %v", c.arn, c.keep, got, s.Bounded(), x.Allowed)
		}
	}
	var refused *iam.Error
	if err := guard.NewSimulation(account, clock).Of(a, caller.ARN+"x", everything); !errors.As(err, &refused) || refused.Code != "NoSuchEntity" {
		t.Errorf("nobody: %v", err)
	}
}

// TestSimulationCaller: who is simulated brings what is known of it; who is
// only named brings no more than its name.
func TestSimulationCaller(t *testing.T) {
	a, caller := bob(t, when("Bool", "aws:SecureTransport", "true"))
	role := ""
	a = change(t, a, func(d *iam.Draft) error {
		r, err := d.CreateRole(iam.NewRole{Name: "R", Path: "/", Tags: []iam.Tag{{Key: "team", Value: "red"}},
			Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}}`})
		if err == nil {
			role = d.RoleARN(r)
		}
		return err
	})
	as := func(arn string) func(*guard.Simulation) error {
		return func(s *guard.Simulation) error { return s.CalledAs(a, arn) }
	}
	by := func(arn string) func(*guard.Simulation) error {
		return func(s *guard.Simulation) error { return s.CalledBy(arn) }
	}
	const foreign = "arn:aws:iam::999999999999:user/a/Al"
	for _, c := range []struct {
		call       func(*guard.Simulation) error
		key, value string
		allowed    bool
		missing    bool
	}{
		{as(caller.ARN), "aws:userid", caller.UserID, true, false},
		{as(caller.ARN), "aws:username", "Bob", true, false},
		{as(caller.ARN), "aws:PrincipalArn", caller.ARN, true, false},
		{as(caller.ARN), "aws:PrincipalTag/team", "red", true, false},
		{as(caller.ARN), "aws:CurrentTime", "2026-11-01T12:00:00Z", true, false},
		{as(role), "aws:PrincipalArn", role, true, false},
		{as(role), "aws:PrincipalTag/team", "red", true, false},
		{as(role), "aws:userid", "", false, true},
		{as(role), "aws:username", "R", false, true},
		{by(caller.ARN), "aws:username", "Bob", true, false},
		{by(caller.ARN), "aws:PrincipalTag/team", "red", false, true},
		{by(caller.ARN), "aws:userid", caller.UserID, false, true},
		{by(foreign), "aws:PrincipalAccount", "999999999999", true, false},
		{by(foreign), "aws:username", "Al", true, false},
		{by("arn:aws:iam::" + account + ":group/Devs"), "aws:username", "Devs", false, true},
		{as(caller.ARN), "aws:SourceIp", "192.0.2.7", false, true},
	} {
		s := guard.NewSimulation(account, clock)
		if err := c.call(s); err != nil {
			t.Fatal(err)
		}
		if err := s.Add(policy.Identity, guard.Input{ID: "in", Text: when("StringEquals", c.key, c.value)}); err != nil {
			t.Fatal(err)
		}
		x := s.Explain("s3:GetObject", "*", s.Account())
		if missing := slices.Contains(x.MissingContextKeys, c.key); x.Allowed != c.allowed || missing != c.missing {
			t.Errorf("%s %s: allowed %v, missing %v", c.key, c.value, x.Allowed, x.MissingContextKeys)
		}
		s.Set(c.key, false, []string{"other"})
		if s.Explain("s3:GetObject", "*", s.Account()).Allowed {
			t.Errorf("%s: what is set by hand does not count", c.key)
		}
	}
	if err := guard.NewSimulation(account, clock).CalledBy("arn:aws:sts::" + account + ":assumed-role/R/s"); err == nil {
		t.Error("a session may call")
	}
}

// TestSimulationTrust: a role's trust policy is asked as one.
func TestSimulationTrust(t *testing.T) {
	const role = "arn:aws:iam::" + account + ":role/R"
	const ann = "arn:aws:iam::" + account + ":user/Ann"
	for effect, want := range map[string]bool{"Allow": true, "Deny": false} {
		s := guard.NewSimulation(account, clock)
		if err := s.CalledBy(ann); err != nil {
			t.Fatal(err)
		}
		if err := s.Add(policy.Trust, guard.Input{ID: "trust", Text: fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":{"Effect":%q,"Principal":{"AWS":%q},"Action":"sts:AssumeRole"}}`, effect, ann)}); err != nil {
			t.Fatal(err)
		}
		if x := s.Explain("sts:AssumeRole", role, account); x.Allowed != want || x.Explicit == want {
			t.Errorf("%s: %+v", effect, x)
		}
	}
}

// weigh weighs one question to the end.
func weigh(t *testing.T, s *guard.Simulation) int {
	t.Helper()
	w, within := s.Weight("s3:GetObject", "*", account, math.MaxInt)
	if !within {
		t.Fatal("there is more work than can be told")
	}
	return w
}

// TestSimulationWeight: work grows with the policies that look at something, and
// with what they look at, and is never free.
func TestSimulationWeight(t *testing.T) {
	s := guard.NewSimulation(account, clock)
	weight := func() int { return weigh(t, s) }
	none := weight()
	pattern := "*" + strings.Repeat("x?", 1000) + "*"
	if err := s.Add(policy.Identity, guard.Input{ID: "in", Text: when("StringLike", "key:a", pattern)}); err != nil {
		t.Fatal(err)
	}
	long := weight()
	s.Set("key:other", false, []string{strings.Repeat("x", 4000)})
	other := weight()
	s.Set("key:a", false, []string{strings.Repeat("x", 4000)})
	one := weight()
	if err := s.Add(policy.Identity, guard.Input{ID: "in", Text: strings.Replace(when("StringLike", "key:a", pattern), `"*"`, `"sqs:*"`, 1)}); err != nil {
		t.Fatal(err)
	}
	unconcerned := weight()
	if none <= 0 || long <= none || other > long+100 || one < long+4000*len(pattern)/16 || unconcerned > one+1000 {
		t.Errorf("weights %d, %d, %d, %d, %d", none, long, other, one, unconcerned)
	}
}

func TestSimulationRefuses(t *testing.T) {
	const named = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Resource":"*"}}`
	for _, c := range []struct {
		kind       policy.Kind
		text, want string
	}{
		{policy.Identity, named, "Policy document should not specify a principal."},
		{policy.Boundary, named, "Policy document should not specify a principal."},
		{policy.Trust, named, "Has prohibited field Resource."},
		{policy.Identity, "{", "Syntax errors in policy. (line 1 column 2: "},
		{policy.Identity, strings.Replace(when("MadeUp", "key:a", "x"), "Bool", "MadeUp", 1), "Syntax errors in policy. (unknown condition operator MadeUp)"},
	} {
		err := guard.NewSimulation(account, clock).Add(c.kind, guard.Input{Text: when("Bool", "key:a", "true")}, guard.Input{Text: c.text})
		var unusable *guard.Unusable
		if c.kind == policy.Trust {
			err = guard.NewSimulation(account, clock).Add(c.kind, guard.Input{Text: c.text})
		}
		if !errors.As(err, &unusable) || !strings.HasPrefix(unusable.Reason, c.want) || unusable.Index != 1 && c.kind != policy.Trust {
			t.Errorf("%s: %v", c.kind, err)
		}
	}
}

// TestSimulationContextKeys: the keys of a user's own policies, its groups' and
// its boundary, each once, as first written.
func TestSimulationContextKeys(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:PrincipalTag/Own", "${aws:username}"))
	a = change(t, a, func(d *iam.Draft) error {
		_, err := d.CreateGroup("Devs", "/")
		p, perr := d.CreatePolicy(iam.NewPolicy{Name: "B", Path: "/", Document: when("StringEquals", "aws:PrincipalTag/Bound", "x")})
		if err = errors.Join(err, perr); err != nil {
			return err
		}
		return errors.Join(
			d.AddUserToGroup("Devs", "Bob"),
			d.PutInlinePolicy(iam.Entity{Kind: iam.KindGroup, Name: "Devs"}, "g", when("StringEquals", "AWS:USERNAME", "${aws:PrincipalTag/Shared}")),
			d.PutUserPermissionsBoundary("Bob", p.ARN),
		)
	})
	s := guard.NewSimulation(account, clock)
	if err := s.Of(a, caller.ARN, everything); err != nil {
		t.Fatal(err)
	}
	want := []string{"aws:PrincipalTag/Own", "aws:username", "aws:PrincipalTag/Shared", "aws:PrincipalTag/Bound"}
	if got := s.ContextKeys(); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

// TestSimulationControls: what service control policies miss is theirs to know,
// and asking twice is paid for.
func TestSimulationControls(t *testing.T) {
	s := guard.NewSimulation(account, clock)
	none := weigh(t, s)
	if err := s.Add(policy.Identity, guard.Input{ID: "in", Text: when("StringEquals", "key:own", "x")}); err != nil {
		t.Fatal(err)
	}
	before := weigh(t, s)
	if err := s.Add(policy.SCP, guard.Input{ID: "scp", Text: when("StringEquals", "key:scp", "x")}); err != nil {
		t.Fatal(err)
	}
	if x := s.Explain("s3:GetObject", "*", account); x.Allowed || !slices.Equal(x.MissingContextKeys, []string{"key:own"}) {
		t.Errorf("allowed %v, missing %v", x.Allowed, x.MissingContextKeys)
	}
	if after := weigh(t, s); after-none < 4*(before-none) {
		t.Errorf("weights %d, %d, and %d with control policies", none, before, after)
	}
}
