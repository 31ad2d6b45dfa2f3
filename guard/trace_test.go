package guard_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

const getUser = "iam:GetUser"

// deny asks for what c may not do, and gives the denial's trace.
func deny(t testing.TB, g *guard.Guard, c *guard.Caller, a *iam.Account, check guard.Check) (*guard.Trace, error) {
	t.Helper()
	err := g.Authorize(c, a, check)
	if err == nil {
		t.Fatal("allowed")
	}
	return g.Trace(c, "request-1", check.Action, err), err
}

// pack packs a trace for which there is room.
func pack(t *guard.Trace) []byte {
	return t.Pack(func(principal string) bool { return principal == t.Principal.UniqueID })
}

// kept is a trace as it is read again.
func kept(t testing.TB, trace *guard.Trace) *guard.Trace {
	t.Helper()
	back, err := guard.UnpackTrace(pack(trace))
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func onAl() guard.Check {
	return guard.Check{Action: getUser, Resource: "arn:aws:iam::" + account + ":user/Al", Named: "user Al", Tags: []iam.Tag{{Key: "Stage", Value: "prod"}}}
}

// TestTraceOfADeny: who, what, where and when; of each kind of policy what it
// says, and of each statement what settled it.
func TestTraceOfADeny(t *testing.T) {
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:*","Resource":"*"},
		{"Effect":"Allow","Action":"s3:*","Resource":"*"},
		{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::*:user/Bob"},
		{"Sid":"NotFromHome","Effect":"Deny","Action":"iam:Get*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}},
		{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:FederatedProvider":"x"}}}]}`)
	a = change(t, a, func(d *iam.Draft) error {
		return d.PutUserPermissionsBoundary("Bob", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")
	})
	trace, err := deny(t, newGuard(t, accounts{account: a}), caller, a, onAl())
	got, line := kept(t, trace), 1
	says := func(index int, effect string, applies bool, element, detail, sid string) guard.TracedStatement {
		return guard.TracedStatement{Policy: "user_Bob_p", Index: index, Line: line + 1 + index, SID: sid, Effect: effect, Applies: applies, Element: element, Detail: detail}
	}
	want := &guard.Trace{
		RequestID: "request-1", Time: clock, Action: getUser, Resource: "arn:aws:iam::" + account + ":user/Al", ResourceAccount: account,
		Principal: guard.TracedCaller{ARN: caller.ARN, ID: caller.UserID, UniqueID: caller.UniqueID, Name: "Bob", Account: account, AccessKeyID: "AKIAEXAMPLE"},
		Message:   err.Error(), Reason: "Statement 4 of the identity-based policy user_Bob_p denies it.", Explicit: true,
		DecidedBy: "identity-based policy", Policy: "user_Bob_p", Statement: 3, Missing: []string{"aws:FederatedProvider"},
		Types: []guard.TracedType{{Type: "identity-based policy", Result: "explicitDeny", Statements: []guard.TracedStatement{
			says(0, "Allow", true, "", "", ""), says(1, "Allow", false, "Action", "the action is not covered", ""),
			says(2, "Allow", false, "Resource", "the resource is not covered", ""), says(3, "Deny", true, "", "", "NotFromHome"),
			says(4, "Deny", false, "Condition", "StringEquals aws:FederatedProvider: the request has no such key", ""),
		}}},
	}
	if len(got.Types) != 2 || got.Types[1].Type != "permissions boundary" || got.Types[1].Result != "allowed" {
		t.Errorf("types %+v", got.Types)
	}
	keys := map[string]string{}
	for _, k := range got.Context {
		keys[k.Key] = strings.Join(k.Values, " ")
	}
	for key, value := range map[string]string{
		"aws:PrincipalArn": caller.ARN, "aws:SourceIp": "192.0.2.7", "aws:PrincipalTag/team": "red", "aws:ResourceTag/stage": "prod",
		"iam:ResourceTag/stage": "prod", "aws:CurrentTime": "2026-11-01T12:00:00Z", "aws:RequestedRegion": "us-east-1",
	} {
		if keys[key] != value {
			t.Errorf("%s is %q, want %q", key, keys[key], value)
		}
	}
	got.Types, got.Context = got.Types[:1], nil
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(guard.Trace{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTraceReasons: what settled a denial, in words, be it policies or not.
func TestTraceReasons(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	g := newGuard(t, accounts{account: a})
	edit := func(a *iam.Account, fn func(*iam.Draft, iam.Entity) error) *iam.Account {
		return change(t, a, func(d *iam.Draft) error { return fn(d, iam.Entity{Kind: iam.KindUser, Name: "Bob"}) })
	}
	none := edit(a, func(d *iam.Draft, e iam.Entity) error { return d.DeleteInlinePolicy(e, "p") })
	bounded := edit(a, func(d *iam.Draft, e iam.Entity) error {
		return errors.Join(d.PutInlinePolicy(e, "p", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`),
			d.PutUserPermissionsBoundary("Bob", "arn:aws:iam::aws:policy/AmazonS3FullAccess"))
	})
	gone := edit(none, func(d *iam.Draft, _ iam.Entity) error { return d.DeleteUser("Bob") })
	session := *caller
	session.Session = &sts.Session{Kind: sts.SessionToken, Issued: clock}
	trust := onAl()
	trust.Action, trust.HasTrust = "sts:AssumeRole", true
	for name, c := range map[string]struct {
		caller       *guard.Caller
		account      *iam.Account
		check        guard.Check
		reason, kind string
	}{
		"no statement fits": {caller, a, onAl(), "None of the statements of the identity-based policy allows it (policies: 1).", "identity-based policy"},
		"nothing granted":   {caller, none, onAl(), "There is no identity-based policy, and so nothing allows it.", "identity-based policy"},
		"bounded":           {caller, bounded, onAl(), "None of the statements of the permissions boundary allows it (policies: 1).", "permissions boundary"},
		"no trust":          {caller, bounded, trust, "There is no role trust policy, and so nothing allows it.", "role trust policy"},
		"the user is gone":  {caller, gone, onAl(), "Refused before any policy was looked at: the user is gone.", ""},
		"a session without MFA": {&session, a, onAl(),
			"Refused before any policy was looked at: GetSessionToken credentials without MFA may not call IAM.", ""},
	} {
		trace, err := deny(t, g, c.caller, c.account, c.check)
		if trace == nil || trace.Reason != c.reason || trace.DecidedBy != c.kind || trace.Message == "" || trace.Statement != -1 || len(trace.Context) < 8 {
			t.Errorf("%s: %+v (%v)", name, trace, err)
		}
	}
	session.Service = "sts"
	trace := g.Trace(&session, "r", "sts:GetSessionToken", g.Open(&session, "sts:GetSessionToken"))
	if trace == nil || trace.Reason != "Refused by a rule that no policy can change: Cannot call GetSessionToken with session credentials" || trace.Resource != "" {
		t.Errorf("got %+v", trace)
	}
}

// TestNoTrace: of strangers nothing is written, and what is no denial has none.
func TestNoTrace(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	g := newGuard(t, accounts{account: a})
	nobody := guard.Anonymous(guard.Origin{Time: clock})
	denied := g.Authorize(caller, a, onAl())
	for name, trace := range map[string]*guard.Trace{
		"nobody":       g.Trace(nobody, "r", getUser, g.Authorize(nobody, nil, onAl())),
		"unknown":      g.Trace(nil, "r", getUser, denied),
		"no error":     g.Trace(caller, "r", getUser, nil),
		"a failure":    g.Trace(caller, "r", getUser, errors.New("the disk is full")),
		"no such user": g.Trace(caller, "r", getUser, iam.Errorf(iam.CodeNoSuchEntity, "no")),
	} {
		if trace != nil {
			t.Errorf("%s: %+v", name, trace)
		}
	}
	if g.Message(nil) != "" {
		t.Error("a message of nothing")
	}
}

// TestTraceTellsNoSecret: neither the session's secret nor its token is in it.
func TestTraceTellsNoSecret(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	caller.Session = &sts.Session{Kind: sts.SessionToken, Issued: clock, MFA: clock, Secret: "very-secret", Policies: []string{"policy-text"}}
	trace, _ := deny(t, newGuard(t, accounts{account: a}), caller, a, onAl())
	text, err := json.Marshal(kept(t, trace))
	if err != nil || strings.Contains(string(text), "secret") || strings.Contains(string(text), "policy-text") {
		t.Errorf("%s, %v", text, err)
	}
}

// heavy makes a check of a resource with a policy of so many statements, attached
// so many times: those have no quota here.
func heavy(t testing.TB, times, count int, statement func(i int) string) guard.Check {
	t.Helper()
	list := make([]string, count)
	for i := range list {
		list[i] = statement(i)
	}
	text := `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	check := onAl()
	check.Text = text
	check.Policies = slices.Repeat([]policy.Attached{{ID: "resource", Policy: policy.Compile(doc, policy.CompileOptions{})}}, times)
	return check
}

// TestTraceIsBounded: whatever is attached and whatever a request brings, a trace
// is short, says what it leaves out, and keeps what decided.
func TestTraceIsBounded(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(33 + random.IntN(90))
		}
		return strings.NewReplacer(`"`, "x", `\`, "y", "$", "z", "*", "k", "?", "q").Replace(string(b))
	}
	other := func(int) string {
		return fmt.Sprintf(`{"Effect":"Allow","Principal":"*","Action":"s3:%s","Resource":"*"}`, "Get")
	}
	matching := func(int) string { return `{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}` }
	longWords := func(i int) string {
		return fmt.Sprintf(`{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:%s":"%d"}}}`, noise(900), i)
	}
	caller.UserAgent, caller.Referer = noise(60000), noise(60000)
	for name, c := range map[string]struct {
		check    guard.Check
		resource int // its length
		omitted  string
	}{
		"many others":      {heavy(t, 1, 1000, other), 200, "Statements that don't apply because of their element Action: 1000."},
		"many that match":  {heavy(t, 1, 500, matching), 200, "Statements that apply, beyond the first of each kind of policy."},
		"more than bounds": {heavy(t, 20, 1000, matching), 50000, "What else the policies say: there is too much of them to explain it."},
		"long words":       {heavy(t, 1, 200, longWords), 200, "Statements that don't apply because of their element Condition: 201."},
	} {
		for i := range 50 {
			c.check.Tags = append(c.check.Tags, iam.Tag{Key: noise(120), Value: noise(250)})
			c.check.RequestTags = append(c.check.RequestTags, iam.Tag{Key: fmt.Sprint(i, noise(120)), Value: noise(250)})
		}
		c.check.Resource += noise(c.resource)
		trace, _ := deny(t, newGuard(t, accounts{account: a}), caller, a, c.check)
		packed, keys := pack(trace), len(trace.Context)
		if len(packed) > 32<<10 {
			t.Errorf("%s: %d bytes", name, len(packed))
		}
		back, err := guard.UnpackTrace(packed)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(back.Omitted, "\n"), c.omitted) || back.Reason == "" || back.RequestID != "request-1" {
			t.Errorf("%s: left out %q, reason %q", name, back.Omitted, back.Reason)
		}
		if again := pack(back); !bytes.Equal(again, packed) {
			t.Errorf("%s: what is read packs to %d bytes, and was of %d", name, len(again), len(packed))
		}
		// The trace itself is as it was, for whoever asks it for more.
		if again := pack(trace); !bytes.Equal(again, packed) || len(trace.Context) != keys || trace.Context[0].Values == nil || trace.Omitted != nil {
			t.Errorf("%s: packing changes the trace", name)
		}
	}
}

// TestNothingIsExplainedInVain: what finds no room is not packed.
func TestNothingIsExplainedInVain(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	trace, _ := deny(t, newGuard(t, accounts{account: a}), caller, a, onAl())
	asked := ""
	if packed := trace.Pack(func(principal string) bool { asked = principal; return false }); packed != nil || asked != caller.UniqueID {
		t.Errorf("asked for %q, packed %d bytes", asked, len(packed))
	}
	if trace.Types != nil {
		t.Error("the policies were asked")
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, packed := range []string{"", "\x00", "\x02{}", "\x01{}", "\x01\xff\xff\xff"} {
		if trace, err := guard.UnpackTrace([]byte(packed)); err == nil {
			t.Errorf("%q: %+v", packed, trace)
		}
	}
}
