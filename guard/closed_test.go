package guard_test

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
)

// TestClosedAccounts: nobody is let into a closed account, whatever its policies
// give away, and nobody of it gets in.
func TestClosedAccounts(t *testing.T) {
	const other = "999999999999"
	a, user := bob(t, allowAll)
	check := guard.Check{Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:eu-west-1:" + other + ":x", Account: other}
	given, trusted := check, check
	given.Policies = level(t, allowAnyone)
	trusted.Trust, trusted.HasTrust = level(t, allowAnyone), true
	root := *user
	root.Kind, root.ARN, root.UniqueID = policy.Root, a.RootARN(), a.ID
	for _, closed := range []bool{false, true} {
		g := organizedGuard(t, accounts{account: a}, tree{other: {Closed: closed}})
		for who, caller := range map[string]*guard.Caller{"user": user, "root": &root, "anonymous": guard.Anonymous(user.Origin)} {
			for what, check := range map[string]guard.Check{"resource-based policy": given, "role trust policy": trusted} {
				err := g.Authorize(caller, a, check)
				var denied *guard.Denied
				if closed != errors.As(err, &denied) || !closed && err != nil {
					t.Errorf("closed %v, %s by %s: %v", closed, who, what, err)
				}
				// The caller's own policies allow, so that they aren't to blame.
				if why := " because no " + what + " allows the execute-api:Invoke action"; closed && !strings.HasSuffix(denied.Error(), why) {
					t.Errorf("%s: %v; want …%s", who, denied, why)
				}
			}
		}
	}

	var key iam.AccessKey
	var secret string
	a = change(t, a, func(d *iam.Draft) (err error) {
		u, err := d.User("Bob")
		if err == nil {
			key, secret, err = d.CreateAccessKey(u)
		}
		return err
	})
	for _, closed := range []bool{false, true} {
		if closed {
			a = change(t, a, func(d *iam.Draft) error { d.Close(clock); return nil })
		}
		g := newGuard(t, accounts{account: a})
		o := sigv4.Options{Service: "iam", Region: "us-east-1", MaxSkew: guard.SkewQuery}
		r, err := http.NewRequest(http.MethodGet, "https://iam.amazonaws.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := sigv4.Sign(r, sha256.Sum256(nil), sigv4.Credentials{KeyID: key.ID, Secret: secret}, clock, o); err != nil {
			t.Fatal(err)
		}
		_, err = g.Authenticate(t.Context(), r, sha256.Sum256(nil), guard.Door{Options: o}, user.Origin)
		for door, err := range map[string]error{"Authenticate": err, "Known": g.Known(t.Context(), r, guard.Origin{})} {
			var refused *guard.Refused
			if closed != (errors.As(err, &refused) && refused.Code == "InvalidClientTokenId") || !closed && err != nil {
				t.Errorf("closed %v, %s: %v", closed, door, err)
			}
		}
	}
}
