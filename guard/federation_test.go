package guard_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/store"
	"iamd/sts"
)

const (
	anything  = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	reads     = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}`
	federated = "arn:aws:sts::" + account + ":federated-user/Fred"
)

// door is a guard with session tokens, before accounts that a test may change.
type door struct {
	accounts accounts
	guard    *guard.Guard
	tokens   *sts.Service
	now      time.Time
}

func newDoor(t testing.TB, a *iam.Account) *door {
	t.Helper()
	d := &door{accounts: accounts{account: a}, now: clock}
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return d.now }
	d.tokens = sts.New(sts.Config{Ring: ring, Now: now, Rand: rand.Reader})
	if d.guard, err = guard.New(guard.Config{
		Accounts: d.accounts, STS: d.tokens, Now: now,
		Seal:   func(_ string, plain []byte) []byte { return plain },
		Unseal: func(_ string, sealed []byte) ([]byte, error) { return sealed, nil },
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

// fred asks for the federated user Fred, by a user's id or, if it is empty, root.
func (d *door) fred(t testing.TB, by string, policies ...string) sigv4.Credentials {
	t.Helper()
	request := sts.FederationToken{Account: account, UserID: by, Name: "Fred", Tags: []iam.Tag{{Key: "TEAM", Value: "blue"}}}
	for _, p := range policies {
		if strings.HasPrefix(p, "arn:") {
			request.PolicyARNs = append(request.PolicyARNs, p)
		} else {
			request.Policy = p
		}
	}
	session, err := request.Session(clock)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.tokens.Issue(session, 0)
	if err != nil {
		t.Fatal(err)
	}
	return sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}
}

// caller is who signs with these credentials.
func (d *door) caller(t testing.TB, cred sigv4.Credentials) (*guard.Caller, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://s3.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	o := sigv4.Options{Service: "s3", Region: "us-east-1", MaxSkew: guard.SkewQuery}
	if err := sigv4.Sign(r, sha256.Sum256(nil), cred, d.now, o); err != nil {
		t.Fatal(err)
	}
	return d.guard.Authenticate(t.Context(), r, sha256.Sum256(nil), guard.Door{Options: o}, guard.Origin{Time: d.now})
}

func refusedAs(t *testing.T, what string, err error, kind guard.RefusedKind) {
	t.Helper()
	var refused *guard.Refused
	if !errors.As(err, &refused) || refused.Kind != kind {
		t.Errorf("%s: %v", what, err)
	}
}

// TestFederatedUserGoesWithItsUser: its credentials are none once they ended, the
// user was deleted, or their sessions were revoked; a user who has the name later
// is another.
func TestFederatedUserGoesWithItsUser(t *testing.T) {
	a, user := bob(t, anything)
	d := newDoor(t, a)
	own, ofRoot := d.fred(t, user.UniqueID, anything), d.fred(t, "", anything)
	for what, cred := range map[string]sigv4.Credentials{"a user's": own, "root's": ofRoot} {
		if _, err := d.caller(t, cred); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	swapped := own
	swapped.Token = ofRoot.Token
	_, err := d.caller(t, swapped)
	refusedAs(t, "another's token", err, guard.BadToken)

	d.now = clock.Add(time.Hour)
	_, err = d.caller(t, ofRoot)
	refusedAs(t, "root's, after an hour", err, guard.ExpiredToken)
	d.now = clock.Add(12*time.Hour - time.Second)
	if _, err = d.caller(t, own); err != nil {
		t.Errorf("before twelve hours: %v", err)
	}
	d.now = clock.Add(12 * time.Hour)
	_, err = d.caller(t, own)
	refusedAs(t, "after twelve hours", err, guard.ExpiredToken)

	d.now = clock
	d.accounts[account] = change(t, a, func(w *iam.Draft) error { return w.UpdateUser("Bob", "Bobby", "") })
	if c, err := d.caller(t, own); err != nil || c.UserARN != "arn:aws:iam::"+account+":user/Bobby" {
		t.Errorf("the user has another name: %+v, %v", c, err)
	}
	gone := change(t, a, func(w *iam.Draft) error {
		return errors.Join(w.DeleteInlinePolicy(iam.Entity{Kind: iam.KindUser, Name: "Bob"}, "p"), w.DeleteUser("Bob"))
	})
	d.accounts[account] = gone
	_, err = d.caller(t, own)
	refusedAs(t, "the user is gone", err, guard.BadToken)
	if _, err := d.caller(t, ofRoot); err != nil {
		t.Errorf("root is not gone: %v", err)
	}
	d.accounts[account] = change(t, gone, func(w *iam.Draft) error {
		_, err := w.CreateUser(iam.NewUser{Name: "Bob", Path: "/"})
		return err
	})
	_, err = d.caller(t, own)
	refusedAs(t, "another user of the name", err, guard.BadToken)

	for since, let := range map[time.Time]bool{clock: true, clock.Add(time.Second): false} {
		d.accounts[account] = revoked(t, since)
		for what, cred := range map[string]sigv4.Credentials{"a user's": d.fred(t, "AIDAREVOKED", anything), "root's": ofRoot} {
			if _, err := d.caller(t, cred); !let {
				refusedAs(t, what+", revoked", err, guard.BadToken)
			} else if err != nil {
				t.Errorf("%s, none since %v: %v", what, since, err)
			}
		}
	}
	delete(d.accounts, account)
	_, err = d.caller(t, ofRoot)
	refusedAs(t, "the account is gone", err, guard.BadToken)
}

// revoked is an account in which sessions from before a time are none.
func revoked(t *testing.T, since time.Time) *iam.Account {
	t.Helper()
	a, err := iam.Load(newEnv(), account, []store.Row{
		stored(t, "user", "AIDAREVOKED", iam.User{ID: "AIDAREVOKED", Name: "Rita", Path: "/", SessionsNotBefore: since}),
		stored(t, "account", "", map[string]any{"root": iam.Root{SessionsNotBefore: since}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// stored is a row as the store keeps it.
func stored(t *testing.T, kind, key string, v any) store.Row {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return store.Row{Kind: kind, Key: key, Schema: 1, Data: data}
}

// TestFederatedUserMay: what the user may and the session policies leave; what a
// resource's policy gives to the federated user by name, or to the user.
func TestFederatedUserMay(t *testing.T) {
	const (
		denies   = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
		s3Reader = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
		session  = "because no session policy allows the s3:PutObject action"
		identity = "because no identity-based policy allows the s3:PutObject action"
		boundary = "because no permissions boundary allows the s3:PutObject action"
		explicit = "with an explicit deny in a session policy"
		red      = "because no identity-based policy allows the s3:GetObject action"
	)
	toFred, toBob := `{"AWS":"`+federated+`"}`, `{"AWS":"arn:aws:iam::`+account+`:user/Bob"}`
	for _, c := range []struct {
		what, identity, boundary string
		root                     bool
		session                  []string
		principal, action, want  string
	}{
		{"both allow", anything, "", false, []string{reads}, "", "s3:GetObject", ""},
		{"a managed session policy", anything, "", false, []string{s3Reader}, "", "s3:GetObject", ""},
		{"either session policy", anything, "", false, []string{reads, "arn:aws:iam::aws:policy/AdministratorAccess"}, "", "s3:PutObject", ""},
		{"no session policy", anything, "", false, nil, "", "s3:PutObject", session},
		{"a managed policy that is gone", anything, "", false, []string{"arn:aws:iam::" + account + ":policy/gone"}, "", "s3:PutObject", session},
		{"a narrow session policy", anything, "", false, []string{reads}, "", "s3:PutObject", session},
		{"a wide session policy", reads, "", false, []string{anything}, "", "s3:PutObject", identity},
		{"a boundary", anything, s3Reader, false, []string{anything}, "", "s3:PutObject", boundary},
		{"a denial", anything, "", false, []string{denies}, "", "s3:PutObject", explicit},
		{"the session's tag", when("StringEquals", "aws:PrincipalTag/team", "blue"), "", false, []string{anything}, "", "s3:GetObject", ""},
		{"the user's tag", when("StringEquals", "aws:PrincipalTag/team", "red"), "", false, []string{anything}, "", "s3:GetObject", red},
		{"its type", when("StringEquals", "aws:PrincipalType", "FederatedUser"), "", false, []string{anything}, "", "s3:GetObject", ""},
		{"its id", when("StringEquals", "aws:userid", account+":Fred"), "", false, []string{anything}, "", "s3:GetObject", ""},
		{"its ARN", when("ArnEquals", "aws:PrincipalArn", federated), "", false, []string{anything}, "", "s3:GetObject", ""},
		{"no user name", when("Null", "aws:username", "false"), "", false, []string{anything}, "", "s3:GetObject", red},
		{"no provider", when("Null", "aws:FederatedProvider", "false"), "", false, []string{anything}, "", "s3:GetObject", red},
		{"root's", denies, "", true, []string{reads}, "", "s3:GetObject", ""},
		{"root's, narrowed", anything, "", true, []string{reads}, "", "s3:PutObject", session},
		{"root's, without a policy", anything, "", true, nil, "", "s3:PutObject", session},
		{"named by a resource", reads, s3Reader, false, nil, toFred, "s3:PutObject", ""},
		{"root's, named by a resource", reads, "", true, nil, toFred, "s3:PutObject", ""},
		{"the user is named", reads, "", false, []string{anything}, toBob, "s3:PutObject", ""},
		{"the user is named, session narrow", reads, "", false, []string{reads}, toBob, "s3:PutObject", session},
		{"the user is named, boundary", reads, s3Reader, false, []string{anything}, toBob, "s3:PutObject", boundary},
		{"root's, the user is named", reads, "", true, nil, toBob, "s3:PutObject", session},
	} {
		a, user := bob(t, c.identity)
		if c.boundary != "" {
			a = change(t, a, func(w *iam.Draft) error { return w.PutUserPermissionsBoundary("Bob", c.boundary) })
		}
		d, by := newDoor(t, a), user.UniqueID
		if c.root {
			by = ""
		}
		caller, err := d.caller(t, d.fred(t, by, c.session...))
		if err != nil {
			t.Fatal(err)
		}
		check := guard.Check{Action: c.action, Resource: "arn:aws:s3:::b/o"}
		if c.principal != "" {
			check.Policies = resourcePolicy(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":`+c.principal+`,"Action":"*","Resource":"*"}}`)
		}
		err = d.guard.Authorize(caller, a, check)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		if err == nil || err.Error() != "User: "+federated+" is not authorized to perform: "+c.action+" on resource: arn:aws:s3:::b/o "+c.want {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestFederatedUserIsToldWhy: a message about its denial names the statement, of
// its user's policy or of the session's.
func TestFederatedUserIsToldWhy(t *testing.T) {
	const shut = `{"Version":"2012-10-17","Statement":{"Sid":"Shut","Effect":"Deny","Action":"*","Resource":"*"}}`
	for _, c := range []struct{ identity, session string }{{shut, anything}, {anything, shut}} {
		a, user := bob(t, c.identity)
		d := newDoor(t, a)
		caller, err := d.caller(t, d.fred(t, user.UniqueID, c.session))
		if err != nil {
			t.Fatal(err)
		}
		err = d.guard.Authorize(caller, a, guard.Check{Action: "s3:GetObject", Resource: "*"})
		text, err := d.guard.DecodeMessage(account, d.guard.Message(d.guard.Trace(caller, "id", "s3:GetObject", err)))
		if err != nil || !strings.Contains(text, `"statementId":"Shut"`) || !strings.Contains(text, federated) {
			t.Errorf("%s, %s: %s, %v", c.identity, c.session, text, err)
		}
	}
}

func resourcePolicy(t *testing.T, text string) []policy.Attached {
	t.Helper()
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []policy.Attached{{ID: "r", Policy: policy.Compile(doc, policy.CompileOptions{})}}
}

// TestFederatedUserMayNot: no operation of IAM, and of STS only GetCallerIdentity,
// whatever policies say.
func TestFederatedUserMayNot(t *testing.T) {
	a, user := bob(t, anything)
	d := newDoor(t, a)
	for _, by := range []string{user.UniqueID, ""} {
		c, err := d.caller(t, d.fred(t, by, anything))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.guard.Open(c, "sts:GetCallerIdentity"); err != nil {
			t.Errorf("GetCallerIdentity: %v", err)
		}
		for _, action := range []string{"iam:GetUser", "iam:CreateUser", "iam:ListAccountAliases"} {
			refusedAs(t, action, d.guard.Authorize(c, a, guard.Check{Action: action, Resource: "*"}), guard.BadToken)
		}
		for _, name := range []string{"AssumeRole", "GetSessionToken", "GetFederationToken", "GetAccessKeyInfo", "DecodeAuthorizationMessage", "TagSession"} {
			var rule *iam.Error
			err := d.guard.Authorize(c, a, guard.Check{Action: "sts:" + name, Resource: "*"})
			if !errors.As(err, &rule) || rule.Code != iam.CodeAccessDenied || rule.Message != "Cannot call "+name+" with session credentials" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := d.guard.Authorize(c, nil, guard.Check{Action: "s3:GetObject", Resource: "*"}); err == nil {
			t.Error("let in without a view of the account")
		}
		c.Session = nil
		if err := d.guard.Authorize(c, a, guard.Check{Action: "s3:GetObject", Resource: "*"}); err == nil {
			t.Error("let in without a session")
		}
	}
}

// TestFederatedUserIsAudited as CloudTrail does, and its use counts for the user.
func TestFederatedUserIsAudited(t *testing.T) {
	a, user := bob(t, anything)
	d := newDoor(t, a)
	for _, c := range []struct {
		by, entity string
		issuer     audit.SessionIssuer
	}{
		{user.UniqueID, user.UniqueID, audit.SessionIssuer{
			Type: "IAMUser", PrincipalID: user.UniqueID, ARN: user.ARN, AccountID: account, UserName: "Bob",
		}},
		{"", "", audit.SessionIssuer{Type: "Root", PrincipalID: account, ARN: a.RootARN(), AccountID: account}},
	} {
		cred := d.fred(t, c.by, anything)
		caller, err := d.caller(t, cred)
		if err != nil {
			t.Fatal(err)
		}
		want := audit.Identity{
			Type: "FederatedUser", PrincipalID: account + ":Fred", ARN: federated, AccountID: account, AccessKeyID: cred.KeyID,
			SessionContext: &audit.SessionContext{
				SessionIssuer: &c.issuer,
				Attributes:    audit.SessionAttributes{CreationDate: clock, MFAAuthenticated: "false"},
			},
		}
		if diff := cmp.Diff(want, caller.Identity()); diff != "" {
			t.Error(diff)
		}
		if got := caller.Attempt("s3:GetObject"); got.EntityID != c.entity || got.KeyID != "" || got.RoleID != "" || got.ARN != federated {
			t.Errorf("%+v", got)
		}
	}
}
