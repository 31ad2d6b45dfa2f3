package console

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/sts"
)

// TestOtherKeysGetNothing: what only sign-ins may do, no other keys may, whosever
// they are and whatever they are allowed.
func TestOtherKeysGetNothing(t *testing.T) {
	f := newFront(t)
	f.allow(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	var role *iam.Role
	f.change(corp, func(d *iam.Draft) (err error) {
		role, err = d.CreateRole(iam.NewRole{Name: "R", Path: "/", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + corp + `"},"Action":"sts:AssumeRole"}}`})
		return err
	})
	bob, login := f.bob().ID, f.bob().Login.Generation
	for what, s := range map[string]sts.Session{
		"GetSessionToken":             {Kind: sts.SessionToken, UniqueID: bob, MFA: f.now},
		"GetSessionToken of the root": {Kind: sts.SessionToken, MFA: f.now},
		"a role":                      {Kind: sts.AssumedRole, UniqueID: role.ID, Name: "s", Login: login},
		"a federated user":            {Kind: sts.Federation, UniqueID: bob, Name: "Fred"},
		"of the root":                 {Kind: sts.Federation, Name: "Fred"},
		"AssumeRoot":                  {Kind: sts.AssumedRoot, Delegate: shut, PolicyARNs: []string{"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}},
		"a delegate":                  {Kind: sts.Delegated, UniqueID: bob, Request: "x"},
		"another generation":          {Kind: sts.Console, UniqueID: bob, Login: "another"},
		"root's other generation":     {Kind: sts.Console, Login: login},
		"a kind that is none":         {Kind: "console", UniqueID: bob, Login: login},
	} {
		s.Account, s.Issued, s.Expires = corp, f.now, f.now.Add(time.Hour)
		given, err := f.c.cfg.STS.Issue(s, 0)
		f.must(err)
		by := sigv4.Credentials{KeyID: given.AccessKeyID, Secret: given.SecretAccessKey, Token: given.SessionToken}
		for path, in := range map[string]any{"renew": nothing{}, "root-password": rootPasswordRequest{rootWord, otherWord}} {
			if got := f.signed(by, path, in); got.status != http.StatusForbidden || got.code() != iam.CodeAccessDenied && got.code() != "InvalidClientTokenId" {
				t.Errorf("%s: %s: %d %s", what, path, got.status, got.text)
			}
		}
	}
	f.enter(asRoot()) // by the password it had
}

// TestNothingSecretIsKept: whatever people send, and get, neither the history nor
// the log has a password, a code, a secret or a token of it.
func TestNothingSecretIsKept(t *testing.T) {
	f := newFront(t)
	f.allow(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}}`)
	var log strings.Builder
	f.c.cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	serial, code := f.phone("Phone", new("Bob"))
	const typed = "Typed-1nto-the-wrong-field"
	secrets := []string{rootWord, bobWord, otherWord, nextWord, typed, code(0), code(1), "246810"}
	keep := func(by sigv4.Credentials) sigv4.Credentials {
		secrets = append(secrets, by.Secret, by.Token)
		return by
	}
	root := keep(f.enter(asRoot()))
	for _, in := range []*signInRequest{
		asBob(), asBob(with("246810", serial)), asBob(func(in *signInRequest) { in.Password = otherWord }), asBob(func(in *signInRequest) { in.User = typed }),
		{Type: typeRoot, Email: typed, Password: otherWord}, {Type: typeRoot, Email: "root@corp.example", Password: otherWord},
		asBob(with(code(0), serial), func(in *signInRequest) { in.NewPassword = otherWord }),
	} {
		f.post("signin", in)
	}
	f.mustReset()
	bob := keep(f.enter(asBob(with(code(0), serial), func(in *signInRequest) { in.NewPassword = nextWord })))
	for _, by := range []sigv4.Credentials{root, bob} {
		keep(f.keysOf(f.signed(by, "renew", nothing{})))
		f.signed(by, "root-password", rootPasswordRequest{otherWord, nextWord})
		f.signed(by, "root-password", rootPasswordRequest{rootWord, nextWord})
		f.signed(by, "passkeys/begin", beginPasskey{new(typed), "key"})
		f.signed(by, "passkeys/finish", finishPasskey{beginPasskey{nil, "key"}, typed, json.RawMessage(`{"a":"` + typed + `"}`)})
		f.signed(by, "renew", map[string]string{"password": otherWord})
	}
	events := f.events(corp)
	names := map[string]bool{}
	for _, e := range events {
		text, err := json.Marshal(e)
		f.must(err)
		names[e["eventName"].(string)] = true
		for _, secret := range secrets {
			// A user name that was asked for by keys is one.
			if strings.Contains(string(text), secret) && !(secret == typed && strings.Contains(string(text), "PasskeyRegistration")) {
				t.Errorf("%q is in %s", secret, text)
			}
		}
	}
	for _, want := range []string{consoleLogin, checkMFA, passwordUpdated, "RenewConsoleSession", "BeginPasskeyRegistration", "EnableMFADevice"} {
		if !names[want] {
			t.Errorf("no event %s among %d", want, len(events))
		}
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestLongNamesAreNobodys: what a caller sends for a user name is no more than one
// before it comes into a trace or the history.
func TestLongNamesAreNobodys(t *testing.T) {
	f := newFront(t)
	by := f.enter(asBob())
	for _, name := range []string{"", strings.Repeat("x", 60<<10)} {
		if got := f.signed(by, "passkeys/begin", beginPasskey{&name, "key"}); got.status != http.StatusBadRequest || len(got.text) > 1000 {
			t.Errorf("%.10q: %d %.200s", name, got.status, got.text)
		}
	}
	for _, e := range f.events(corp) {
		if text, err := json.Marshal(e); err != nil || len(text) > 4<<10 {
			t.Errorf("an event of %d bytes, %v", len(text), err)
		}
	}
}

// TestSpentLoadsNothing: an address that has guessed too much makes nothing be read.
func TestSpentLoadsNothing(t *testing.T) {
	f := newFront(t)
	for range sourceGuessing.Tries {
		f.c.sources.Begin(f.from.SourceIP, f.now)
	}
	before := f.loads.Load()
	for i := range 20 {
		in := asBob(func(in *signInRequest) { in.Account = fmt.Sprintf("%012d", i) })
		if got := f.post("signin", in); got.status != http.StatusTooManyRequests || got.code() != "TooManyTries" {
			t.Fatalf("%d %s", got.status, got.text)
		}
	}
	if n := f.loads.Load() - before; n != 0 {
		t.Errorf("%d accounts were asked for", n)
	}
}

// TestObserved: each call is told of by its row and its code, whatever a stranger
// puts into its path.
func TestObserved(t *testing.T) {
	f := newFront(t)
	var told []string
	f.c.cfg.Observe = func(_ context.Context, action, code string, _ *guard.Caller, took time.Duration) {
		if took < 0 {
			t.Errorf("%s took %v", action, took)
		}
		told = append(told, action+" "+code)
	}
	f.enter(asBob())
	f.post("signin", &signInRequest{Type: typeRoot, Email: "x", Password: "y"})
	f.post("renew", nothing{})
	f.post("strange/"+strings.Repeat("x", 1000), nothing{})
	f.do(page("about"))
	f.do(page("reference/services/none"))
	r := request("signin", nil)
	r.Header.Set("Origin", "null")
	f.do(r)
	want := []string{
		"console:signin ", "console:signin AuthenticationFailed", "console:renew MissingAuthenticationToken", " NotFound", "console:about ",
		"console:reference/services/{prefix} NotFound", "console:signin CrossSiteRequest",
	}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

// TestStrangersKeepNobodyFromChanging: guesses at the sign-in close it, and not what
// the person does by keys.
func TestStrangersKeepNobodyFromChanging(t *testing.T) {
	f := newFront(t)
	root := f.enter(asRoot())
	in := asRoot()
	in.Password = otherWord
	for range 6 {
		f.post("signin", in)
	}
	if got := f.post("signin", in); got.status != http.StatusTooManyRequests {
		t.Fatalf("%d %s", got.status, got.text)
	}
	if got := f.signed(root, "root-password", rootPasswordRequest{rootWord, nextWord}); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// TestFoldedNames: names that are the same to the account are so to whoever counts
// guesses, and letters that fold into others make no second person.
func TestFoldedNames(t *testing.T) {
	f := newFront(t)
	names := []string{"Bob", "BOB", "bob", "bOb"}
	for i := range 5 {
		f.post("signin", asBob(func(in *signInRequest) { in.User, in.Password = names[i%len(names)], otherWord }))
	}
	if got := f.post("signin", asBob()); got.status != http.StatusTooManyRequests {
		t.Errorf("in other letters: %d", got.status)
	}
	for i := range 5 { // nobody's, in letters that ToLower takes together
		f.post("signin", asBob(func(in *signInRequest) { in.User, in.Password = []string{"K", "\u212a", "k"}[i%3], otherWord }))
	}
	if got := f.post("signin", asBob(func(in *signInRequest) { in.User = "K" })); got.status != http.StatusTooManyRequests {
		t.Errorf("nobody's: %d", got.status)
	}
	in := asRoot()
	in.Email = "ROOT@CORP.EXAMPLE"
	by := f.enter(in)
	if c, err := f.caller(by); err != nil || c.Kind != policy.Root {
		t.Errorf("%v %v", c, err)
	}
	for _, email := range []string{" root@corp.example", "root@corp.example ", "root@corp.example\x00", "root@corp.example.", "ro\u0000ot@corp.example"} {
		in.Email = email
		if got := f.post("signin", in); got.status != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", email, got.status, got.text)
		}
	}
}
