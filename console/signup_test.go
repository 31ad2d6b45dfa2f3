package console

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"iamd/iam"
	"iamd/policy"
)

// registry makes accounts, as the server does.
type registry struct {
	f    *front
	made int
}

func (r *registry) signUp(ctx context.Context, name, email, hash string) (string, error) {
	if _, err := iam.OwnerOfEmail(ctx, r.f.c.cfg.Accounts, email); err == nil {
		return "", iam.Errorf(iam.CodeEntityAlreadyExists, "An account with the e-mail address %s exists already.", email)
	}
	r.made++
	id := fmt.Sprintf("%012d", r.made)
	return id, r.f.c.cfg.Accounts.Create(ctx, id, func(d *iam.Draft) error {
		d.BeginMember(name, email)
		d.SetRootPassword(hash)
		return nil
	})
}

// TestSignUp: off unless it is on; then an account whose root user is signed in, by
// a password as AWS wants it, few from one address.
func TestSignUp(t *testing.T) {
	f := newFront(t)
	in := signUpRequest{"Ann@new.example", rootWord, "New"}
	if got := f.post("signup", in); got.status != http.StatusForbidden || got.code() != "SignUpDisabled" {
		t.Errorf("off: %d %s", got.status, got.text)
	}
	registry := &registry{f: f}
	f.c.cfg.SignUp = registry.signUp
	for what, c := range map[string]struct {
		in   signUpRequest
		code string
	}{
		"no e-mail":             {signUpRequest{"", rootWord, "New"}, "ValidationError"},
		"a short password":      {signUpRequest{in.Email, "Pass-w0", "New"}, iam.CodePasswordPolicyViolation},
		"of two kinds":          {signUpRequest{in.Email, "password1", "New"}, iam.CodePasswordPolicyViolation},
		"the e-mail":            {signUpRequest{"Ann1@new.example", "ann1@new.example", "New"}, iam.CodePasswordPolicyViolation},
		"the account's name":    {signUpRequest{in.Email, "new-account-1", "New-Account-1"}, iam.CodePasswordPolicyViolation},
		"one that is too long":  {signUpRequest{in.Email, fmt.Sprintf("Pass-w0rd%0200d", 1), "New"}, iam.CodePasswordPolicyViolation},
		"an e-mail that is had": {signUpRequest{"ROOT@corp.example", rootWord, "New"}, iam.CodeEntityAlreadyExists},
	} {
		if got := f.post("signup", c.in); got.status < 400 || got.code() != c.code {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
	got := f.post("signup", in)
	by, err := f.caller(f.keysOf(got))
	if err != nil || by.Kind != policy.Root || by.Account != "000000000001" || got.member["account"].(map[string]any)["name"] != "New" {
		t.Fatalf("%+v, %v: %s", by, err, got.text)
	}
	f.enter(&signInRequest{Type: typeRoot, Email: "ann@NEW.example", Password: rootWord})
	if _, ok := f.view("000000000001").AnyKey(); ok {
		t.Error("the root user has a key")
	}
	if e := f.events("000000000001"); len(e) != 2 || e[0]["eventName"] != consoleLogin {
		t.Errorf("%v", e)
	}
	for i := 2; i < signingUp.Tries; i++ { // two were used
		in.Email = fmt.Sprint("ann", i, "@new.example")
		f.keysOf(f.post("signup", in))
	}
	in.Email = "late@new.example"
	if got := f.post("signup", in); got.status != http.StatusTooManyRequests || registry.made != signingUp.Tries-1 {
		t.Errorf("one too many: %d %s; %d were made", got.status, got.text, registry.made)
	}
	f.from.SourceIP = "192.0.2.9"
	f.keysOf(f.post("signup", in))
	f.from.SourceIP = "192.0.2.1"
	f.wait(time.Hour)
	in.Email = "later@new.example"
	f.keysOf(f.post("signup", in))
}
