package guard_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/policy"
)

// sealing makes a guard whose messages are sealed by a keyring of its own; now
// may be moved.
func sealing(t testing.TB, a accounts) (g *guard.Guard, now *time.Time) {
	t.Helper()
	return sealingIn(t, a, nil)
}

// sealingIn is sealing with organizations.
func sealingIn(t testing.TB, a accounts, o guard.Organizations) (g *guard.Guard, now *time.Time) {
	t.Helper()
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	at := clock
	g, err = guard.New(guard.Config{
		Accounts: a, Now: func() time.Time { return at }, Organizations: o,
		Seal: func(account string, plain []byte) []byte {
			return ring.Seal(keyring.AuthorizationMessage, plain, []byte(account))
		},
		Unseal: func(account string, sealed []byte) ([]byte, error) {
			return ring.Open(keyring.AuthorizationMessage, sealed, []byte(account))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, &at
}

// pretty lays JSON out, to be compared.
func pretty(t testing.TB, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestMessageForm: a decoded message has the form that AWS's documents show.
func TestMessageForm(t *testing.T) {
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Sid":"VisualEditor0","Effect":"Deny","Action":["iam:Get*","iam:List*"],"NotResource":"arn:aws:iam::*:user/Bob","Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","198.51.100.0/24"]}}}]}`)
	caller.UserAgent, caller.Referer = "", ""
	g, _ := sealing(t, accounts{account: a})
	trace, _ := deny(t, g, caller, a, guard.Check{Action: getUser, Resource: "arn:aws:iam::" + account + ":user/Al", RequestTags: []iam.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}})
	got, err := g.DecodeMessage(account, g.Message(trace))
	if err != nil {
		t.Fatal(err)
	}
	condition := func(key string, values ...string) string {
		list := make([]string, len(values))
		for i, v := range values {
			list[i] = fmt.Sprintf(`{"value":%q}`, v)
		}
		return fmt.Sprintf(`{"key":%q,"values":{"items":[%s]}}`, key, strings.Join(list, ","))
	}
	want := fmt.Sprintf(`{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"VisualEditor0","effect":"DENY",
		"principals":{"items":[{"value":%q}]},"principalGroups":{"items":[]},"actions":{"items":[{"value":"iam:Get*"},{"value":"iam:List*"}]},
		"resources":{"items":[]},"notResources":{"items":[{"value":"arn:aws:iam::*:user/Bob"}]},"conditions":{"items":[%s]}}]},
		"failures":{"items":[]},"context":{"principal":{"id":%q,"name":"Bob","arn":%q},"action":"iam:GetUser","resource":%q,"conditions":{"items":[%s]}}}`,
		caller.UniqueID, condition("aws:SourceIp", "192.0.2.0/24", "198.51.100.0/24"), caller.UserID, caller.ARN, "arn:aws:iam::"+account+":user/Al",
		strings.Join([]string{
			condition("aws:ViaAWSService", "false"), condition("aws:PrincipalIsAWSService", "false"), condition("aws:PrincipalAccount", account),
			condition("aws:userid", caller.UserID), condition("aws:PrincipalArn", caller.ARN), condition("aws:PrincipalType", "User"),
			condition("aws:username", "Bob"), condition("aws:PrincipalTag/team", "red"), condition("aws:CurrentTime", "2026-11-01T12:00:00Z"),
			condition("aws:EpochTime", "1793534400"), condition("aws:SecureTransport", "true"), condition("aws:SourceIp", "192.0.2.7"),
			condition("aws:RequestedRegion", "us-east-1"), condition("aws:ResourceAccount", account),
			condition("aws:RequestTag/a", "1"), condition("aws:RequestTag/b", "2"), condition("aws:TagKeys", "a", "b"),
		}, ","))
	if diff := cmp.Diff(pretty(t, want), pretty(t, got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMessageStatements: the statement that denied is shown, from whichever
// policy, and none when none did.
func TestMessageStatements(t *testing.T) {
	const deny1 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"No","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	allow := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	plain, caller := bob(t, allow)
	e := iam.Entity{Kind: iam.KindUser, Name: "Bob"}
	resource := onAl()
	resource.Text = `{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Principal":{"AWS":"` + account + `"},"Action":"iam:*","Resource":"*"}]}`
	doc, err := policy.Parse([]byte(resource.Text))
	if err != nil {
		t.Fatal(err)
	}
	resource.Policies = []policy.Attached{{ID: "api", Policy: policy.Compile(doc, policy.CompileOptions{})}}
	trusting := resource
	trusting.Policies, trusting.Trust, trusting.HasTrust = nil, resource.Policies, true
	untold := resource
	untold.Text = ""
	for name, c := range map[string]struct {
		change func(*iam.Draft) error
		check  guard.Check
		want   string
	}{
		"inline": {func(d *iam.Draft) error { return d.PutInlinePolicy(e, "p", deny1) }, onAl(), caller.UniqueID},
		"managed": {func(d *iam.Draft) error {
			p, err := d.CreatePolicy(iam.NewPolicy{Name: "Never", Path: "/", Document: deny1})
			return errors.Join(err, d.AttachPolicy(e, p.ARN))
		}, onAl(), caller.UniqueID},
		"group": {func(d *iam.Draft) error {
			_, err := d.CreateGroup("Devs", "/")
			return errors.Join(err, d.AddUserToGroup("Devs", "Bob"), d.PutInlinePolicy(iam.Entity{Kind: iam.KindGroup, Name: "Devs"}, "g", deny1))
		}, onAl(), caller.UniqueID},
		"boundary": {func(d *iam.Draft) error {
			p, err := d.CreatePolicy(iam.NewPolicy{Name: "Never", Path: "/", Document: deny1})
			return errors.Join(err, d.PutUserPermissionsBoundary("Bob", p.ARN))
		}, onAl(), caller.UniqueID},
		"resource": {func(*iam.Draft) error { return nil }, resource, account},
		"trust":    {func(*iam.Draft) error { return nil }, trusting, account},
		"unknown":  {func(*iam.Draft) error { return nil }, untold, ""},
		"implicit": {func(d *iam.Draft) error { return d.DeleteInlinePolicy(e, "p") }, onAl(), ""},
	} {
		a := change(t, plain, c.change)
		g, _ := sealing(t, accounts{account: a})
		trace, _ := deny(t, g, caller, a, c.check)
		text, err := g.DecodeMessage(account, g.Message(trace))
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			ExplicitDeny      bool
			MatchedStatements struct {
				Items []struct {
					StatementID, Effect string
					Principals          struct{ Items []struct{ Value string } }
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		list := m.MatchedStatements.Items
		if c.want == "" {
			if len(list) != 0 || m.ExplicitDeny != (name == "unknown") {
				t.Errorf("%s: %s", name, text)
			}
			continue
		}
		if !m.ExplicitDeny || len(list) != 1 || list[0].StatementID != "No" || list[0].Effect != "DENY" || list[0].Principals.Items[0].Value != c.want {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestMessageSays: every message is equally long, and so opaque even by its
// length; what does not fit is left out, values of condition keys first.
func TestMessageSays(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	g, _ := sealing(t, accounts{account: a})
	short := len(g.Message(func() *guard.Trace { trace, _ := deny(t, g, caller, a, onAl()); return trace }()))
	if short > 3400 {
		t.Errorf("%d characters", short)
	}
	tags := func(n, size int) (list []iam.Tag) {
		for i := range n {
			list = append(list, iam.Tag{Key: fmt.Sprint("key", i), Value: strings.Repeat("\x01", size)})
		}
		return list
	}
	for name, c := range map[string]struct {
		tags     []iam.Tag
		resource string
		omitted  string
		kept     string
	}{
		"short":           {nil, "arn:aws:iam::1:user/u", "", "192.0.2.7"},
		"long values":     {tags(5, 200), "arn:aws:iam::1:user/u", "values of condition keys", "192.0.2.7"},
		"many keys":       {tags(500, 1), "arn:aws:iam::1:user/u", "condition keys", "arn:aws:iam::1:user/u"},
		"a long resource": {nil, strings.Repeat("x", 60000), "", strings.Repeat("x", 512) + "…"},
		"an odd resource": {nil, strings.Repeat("\x01", 60000), "condition keys, the statement and the resource", caller.ARN},
	} {
		check := onAl()
		check.Resource, check.Tags = c.resource, c.tags
		trace, _ := deny(t, g, caller, a, check)
		message := g.Message(trace)
		text, err := g.DecodeMessage(account, message)
		if err != nil || len(message) != short {
			t.Errorf("%s: %d characters instead of %d, %v", name, len(message), short, err)
		}
		var m struct{ Omitted string }
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.Omitted != c.omitted || !strings.Contains(text, c.kept) {
			t.Errorf("%s: omitted %q, %v: %s", name, m.Omitted, err, text)
		}
	}
}

// TestMessageIsSealed: only the account that it is for opens it, for a week, and
// no byte of it may change.
func TestMessageIsSealed(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	g, now := sealing(t, accounts{account: a})
	foreign, _ := sealing(t, accounts{account: a})
	trace, _ := deny(t, g, caller, a, onAl())
	message := g.Message(trace)
	if _, err := g.DecodeMessage(account, message); err != nil {
		t.Fatal(err)
	}
	if again := g.Message(trace); again == message {
		t.Error("two messages are the same")
	}
	if strings.ContainsAny(message, "+/=\n") {
		t.Errorf("%s would have to be escaped", message)
	}
	invalid := func(what string, g *guard.Guard, account, message string) {
		t.Helper()
		_, err := g.DecodeMessage(account, message)
		var refused *iam.Error
		if !errors.As(err, &refused) || refused.Code != "InvalidAuthorizationMessageException" || refused.Message != "Message is not valid" {
			t.Errorf("%s: %v", what, err)
		}
	}
	invalid("another account", g, "210987654321", message)
	invalid("another keyring", foreign, account, message)
	invalid("no keyring", newGuard(t, accounts{account: a}), account, message)
	for _, other := range []string{"", "x", "AAAA", message[:len(message)-1], message + "A", message + "=", message + "\n", " " + message, strings.ToLower(message)} {
		invalid(fmt.Sprintf("%.20q…%d", other, len(other)), g, account, other)
	}
	for i := 0; i < len(message); i += 7 {
		swapped := []byte(message)
		if swapped[i]++; swapped[i] == message[i] {
			continue
		}
		invalid(fmt.Sprint("character ", i), g, account, string(swapped))
	}
	*now = clock.Add(7 * 24 * time.Hour)
	if _, err := g.DecodeMessage(account, message); err != nil {
		t.Errorf("after a week: %v", err)
	}
	*now = now.Add(time.Second)
	invalid("after more than a week", g, account, message)
}

// BenchmarkDenial compares a denial that is told to nobody with one that is
// traced, packed and sealed, and with a call that is allowed.
func BenchmarkDenial(b *testing.B) {
	a, caller := bob(b, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"arn:aws:iam::*:user/A*"},
		{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:user/Root*"}]}`)
	g, _ := sealing(b, accounts{account: a})
	denied := onAl()
	denied.Resource = "arn:aws:iam::" + account + ":user/Rooted"
	b.Run("allowed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := g.Authorize(caller, a, onAl()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("denied", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := g.Authorize(caller, a, denied); err == nil {
				b.Fatal("allowed")
			}
		}
	})
	for name, room := range map[string]bool{"traced": true, "no room": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				trace := g.Trace(caller, "r", getUser, g.Authorize(caller, a, denied))
				packed := trace.Pack(func(string) bool { return room })
				if (packed == nil) == room || g.Message(trace) == "" {
					b.Fatal("nothing")
				}
			}
		})
	}
}
