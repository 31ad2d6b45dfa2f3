package guard_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/store"
	"iamd/sts"
)

var clock = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const account = "123456789012"

// accounts are the guard's view of a few accounts held in memory.
type accounts map[string]*iam.Account

func (a accounts) View(_ context.Context, id string) (*iam.Account, error) {
	if v, ok := a[id]; ok {
		return v, nil
	}
	return nil, store.ErrNotFound
}

func (a accounts) Loaded(id string) (*iam.Account, bool) { v, ok := a[id]; return v, ok }

func (a accounts) Owner(_ context.Context, u store.Unique) (string, error) {
	for id, v := range a {
		if _, _, ok := v.AccessKey(u.Key); ok {
			return id, nil
		}
	}
	return "", store.ErrNotFound
}

func newEnv() *iam.Env {
	return &iam.Env{
		Now: func() time.Time { return clock }, Rand: rand.Reader, Quotas: iam.DefaultQuotas(), PasswordCost: iam.PasswordCost{Memory: 64, Passes: 1},
		Seal:      func(_, _, secret string) []byte { return []byte(secret) },
		Unseal:    func(_, _ string, sealed []byte) (string, error) { return string(sealed), nil },
		Principal: func(string) (string, bool, bool) { return "", false, false },
		Named:     func(string, string) (string, bool) { return "", false },
	}
}

// change applies a write to an account as the store would.
func change(t testing.TB, a *iam.Account, fn func(*iam.Draft) error) *iam.Account {
	t.Helper()
	d := a.Draft()
	if err := fn(d); err != nil {
		t.Fatal(err)
	}
	next, _ := d.Seal()
	return next
}

func newGuard(t testing.TB, a accounts) *guard.Guard {
	t.Helper()
	g, err := guard.New(guard.Config{Accounts: a, Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// bob makes an account with a user Bob who has one inline policy.
func bob(t testing.TB, document string) (*iam.Account, *guard.Caller) {
	t.Helper()
	a := change(t, iam.NewAccount(newEnv(), account), func(d *iam.Draft) error {
		if _, err := d.CreateUser(iam.NewUser{Name: "Bob", Path: "/", Tags: []iam.Tag{{Key: "team", Value: "red"}}}); err != nil {
			return err
		}
		return d.PutInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p", document)
	})
	u, err := a.User("Bob")
	if err != nil {
		t.Fatal(err)
	}
	return a, &guard.Caller{
		Principal: policy.Principal{Kind: policy.User, Account: account, ARN: a.UserARN(u), UniqueID: u.ID},
		KeyID:     "AKIAEXAMPLE", UserID: u.ID, UserName: u.Name, Region: "eu-west-1", Service: "iam",
		Origin: guard.Origin{SourceIP: "192.0.2.7", Secure: true, UserAgent: "agent/1", Referer: "https://example.com/", Time: clock},
	}
}

func when(operator, key, value string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{%q:{%q:%q}}}}`, operator, key, value)
}

// TestConditionKeys: every key that a server can know is known; the same
// condition with another value denies.
func TestConditionKeys(t *testing.T) {
	session := &sts.Session{
		Kind: sts.SessionToken, Issued: clock.Add(-time.Hour), MFA: clock.Add(-time.Minute), SourceIdentity: "Ann",
	}
	check := guard.Check{
		Action: "iam:CreateUser", Resource: "arn:aws:iam::" + account + ":user/New",
		Tags: []iam.Tag{{Key: "stage", Value: "prod"}}, RequestTags: []iam.Tag{{Key: "cost", Value: "7"}},
		Keys: []guard.Key{guard.Value("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")},
	}
	for _, c := range []struct{ operator, key, holds, other string }{
		{"StringEquals", "aws:PrincipalArn", "arn:aws:iam::" + account + ":user/Bob", "arn:aws:iam::" + account + ":user/Al"},
		{"StringEquals", "aws:PrincipalAccount", account, "999999999999"},
		{"StringEquals", "aws:PrincipalType", "User", "AssumedRole"},
		{"StringEquals", "aws:PrincipalTag/team", "red", "blue"},
		{"StringEquals", "aws:PrincipalTag/TEAM", "red", "blue"},
		{"StringEquals", "aws:username", "Bob", "Al"},
		{"Bool", "aws:PrincipalIsAWSService", "false", "true"},
		{"Bool", "aws:ViaAWSService", "false", "true"},
		{"IpAddress", "aws:SourceIp", "192.0.2.0/24", "198.51.100.0/24"},
		{"Bool", "aws:SecureTransport", "true", "false"},
		{"StringLike", "aws:UserAgent", "agent/*", "other/*"},
		{"StringEquals", "aws:Referer", "https://example.com/", "https://example.org/"},
		{"StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1"}, // IAM's, though signed for eu-west-1
		{"StringEquals", "aws:ResourceAccount", account, "999999999999"},
		{"StringEquals", "aws:ResourceTag/stage", "prod", "test"},
		{"StringEquals", "iam:ResourceTag/stage", "prod", "test"},
		{"StringEquals", "aws:RequestTag/cost", "7", "8"},
		{"ForAllValues:StringEquals", "aws:TagKeys", "cost", "price"},
		{"StringEquals", "iam:PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/Other"},
		{"DateGreaterThan", "aws:CurrentTime", "2026-11-01T11:59:59Z", "2026-11-01T12:00:01Z"},
		{"NumericEquals", "aws:EpochTime", fmt.Sprint(clock.Unix()), "1"},
		{"DateLessThan", "aws:TokenIssueTime", "2026-11-01T11:30:00Z", "2026-11-01T10:30:00Z"},
		{"Bool", "aws:MultiFactorAuthPresent", "true", "false"},
		{"NumericLessThan", "aws:MultiFactorAuthAge", "61", "59"},
		{"StringEquals", "aws:SourceIdentity", "Ann", "Al"},
	} {
		for value, want := range map[string]bool{c.holds: true, c.other: false} {
			a, caller := bob(t, when(c.operator, c.key, value))
			caller.Session = session
			err := newGuard(t, accounts{account: a}).Authorize(caller, a, check)
			var denied *guard.Denied
			if (err == nil) != want || err != nil && !errors.As(err, &denied) {
				t.Errorf("%s %s %s: %v", c.operator, c.key, value, err)
			}
		}
	}
	a, caller := bob(t, when("StringEquals", "aws:userid", "x"))
	u, err := a.User("Bob")
	if err != nil {
		t.Fatal(err)
	}
	a = change(t, a, func(d *iam.Draft) error {
		return d.PutInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p", when("StringEquals", "aws:userid", u.ID))
	})
	if err := newGuard(t, accounts{account: a}).Authorize(caller, a, check); err != nil {
		t.Errorf("aws:userid: %v", err)
	}
}

// TestRegionOfOthers: what is not global is asked for where it was signed for.
func TestRegionOfOthers(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "aws:RequestedRegion", "eu-west-1"))
	g := newGuard(t, accounts{account: a})
	if err := g.Authorize(caller, a, guard.Check{Action: "execute-api:Invoke", Resource: "*"}); err != nil {
		t.Error(err)
	}
	if err := g.Authorize(caller, a, guard.Check{Action: "iam:ListUsers", Resource: "*"}); err == nil {
		t.Error("IAM is in eu-west-1")
	}
}

// TestRoleTags: a role's tags are iam:ResourceTag for STS too.
func TestRoleTags(t *testing.T) {
	a, caller := bob(t, when("StringEquals", "iam:ResourceTag/env", "test"))
	g := newGuard(t, accounts{account: a})
	for env, want := range map[string]bool{"test": true, "prod": false} {
		err := g.Authorize(caller, a, guard.Check{Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + account + ":role/R", Tags: []iam.Tag{{Key: "env", Value: env}}})
		if (err == nil) != want {
			t.Errorf("%s: %v", env, err)
		}
	}
}

// TestSentences are AWS's words for why a call was denied.
func TestSentences(t *testing.T) {
	const deny = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	check := guard.Check{Action: "iam:GetUser", Resource: "arn:aws:iam::" + account + ":user/Al", Named: "user Al"}
	who := "User: arn:aws:iam::" + account + ":user/Bob is not authorized to perform: iam:GetUser on resource: "

	a, caller := bob(t, when("StringEquals", "aws:username", "Al"))
	g := newGuard(t, accounts{account: a})
	if got, want := g.Authorize(caller, a, check).Error(), who+"user Al because no identity-based policy allows the iam:GetUser action"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	check.Named = ""
	a, caller = bob(t, deny)
	if got, want := g.Authorize(caller, a, check).Error(), who+check.Resource+" with an explicit deny in an identity-based policy"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// A managed policy is named to callers of its account.
	a = change(t, a, func(d *iam.Draft) error {
		e := iam.Entity{Kind: iam.KindUser, Name: "Bob"}
		p, err := d.CreatePolicy(iam.NewPolicy{Name: "Never", Path: "/", Document: deny})
		if err != nil {
			return err
		}
		return errors.Join(d.DeleteInlinePolicy(e, "p"), d.AttachPolicy(e, p.ARN))
	})
	want := who + check.Resource + " with an explicit deny in an identity-based policy: arn:aws:iam::" + account + ":policy/Never"
	if got := g.Authorize(caller, a, check).Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	a = change(t, a, func(d *iam.Draft) error {
		return d.PutUserPermissionsBoundary("Bob", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
	})
	check.Action = "s3:PutObject"
	if got := g.Authorize(caller, a, check).Error(); !strings.HasSuffix(got, "because no permissions boundary allows the s3:PutObject action") {
		t.Errorf("got %s", got)
	}
}

// TestNothingIsRefused: no question, no view or somebody else's view is a no.
func TestNothingIsRefused(t *testing.T) {
	a, caller := bob(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	g := newGuard(t, accounts{account: a})
	check := guard.Check{Action: "iam:GetUser", Resource: "*"}
	if err := g.Authorize(caller, a, check); err != nil {
		t.Fatalf("allowed: %v", err)
	}
	other := iam.NewAccount(newEnv(), "999999999999")
	gone := change(t, a, func(d *iam.Draft) error {
		return errors.Join(d.DeleteInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p"), d.DeleteUser("Bob"))
	})
	root := &guard.Caller{Principal: policy.Principal{Kind: policy.Root, Account: account, ARN: a.RootARN(), UniqueID: account}}
	for what, err := range map[string]error{
		"no checks":              g.Authorize(caller, a),
		"no view":                g.Authorize(caller, nil, check),
		"another account's view": g.Authorize(caller, other, check),
		"a user that is gone":    g.Authorize(caller, gone, check),
		"nobody":                 g.Authorize(guard.Anonymous(guard.Origin{Time: clock}), nil, check),
		"nobody, open":           g.Open(guard.Anonymous(guard.Origin{Time: clock}), "sts:GetCallerIdentity"),
		"root of another view":   g.Authorize(root, other, check),
		"one of two denied":      g.Authorize(caller, a, check, guard.Check{Action: "iam:GetUser", Resource: "*", Account: "999999999999"}),
	} {
		if err == nil {
			t.Errorf("%s: let in", what)
		}
	}
	if err := g.Authorize(root, a, check); err != nil {
		t.Errorf("root: %v", err)
	}
}
