package gateway_test

import (
	"net/http"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/sigv4"
	"iamd/sts"
)

// federated are the keys of a federated user, by the user with that id.
func (w *world) federated(tb testing.TB, by, name, policy string) sigv4.Credentials {
	tb.Helper()
	session, err := sts.FederationToken{Account: owner, UserID: by, Name: name, Policy: policy}.Session(noon)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := w.tokens.Issue(session, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}
}

// TestFederatedUsers: an API lets in the federated user whom its policy names,
// whoever asked for the credentials, and any whose user and session policy allow
// it; the upstream is told who calls.
func TestFederatedUsers(t *testing.T) {
	const arn = "arn:aws:sts::" + owner + ":federated-user/"
	w := newWorld(t, func(c *gateway.Config) {
		c.APIs[0].ResourcePolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + arn + `Fred"},
			"Action":"execute-api:Invoke","Resource":"execute-api:/*/GET/orders"},{"Effect":"Deny","Principal":{"AWS":"` + arn + `Dora"},
			"Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`
	})
	const (
		allowed  = "" // words of a call that goes through
		other    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
		identity = "because no identity-based policy allows the execute-api:Invoke action"
		session  = "because no session policy allows the execute-api:Invoke action"
		explicit = "with an explicit deny in a resource-based policy"
	)
	for _, c := range []struct {
		what, by, name, policy, path, words string
	}{
		{"named", "AIDABOB", "Fred", "", "/orders", allowed},
		{"named, and its session policy has nothing of it", "AIDABOB", "Fred", other, "/orders", allowed},
		{"named for another path", "AIDABOB", "Fred", "", "/other", identity},
		{"named otherwise", "AIDABOB", "Fredo", allowAll, "/orders", identity},
		{"allowed by the user's policy", "AIDAALICE", "Fredo", allowAll, "/orders", allowed},
		{"not by the session's", "AIDAALICE", "Fredo", other, "/orders", session},
		{"without a session policy", "AIDAALICE", "Fredo", "", "/orders", session},
		{"denied by the user's policy", "AIDADAVE", "Fred", allowAll, "/orders/secret", "with an explicit deny in an identity-based policy"},
		{"denied by name", "AIDAALICE", "Dora", allowAll, "/orders", explicit},
		{"by nobody who is there", "AIDANOBODY", "Fred", "", "/orders", "The security token included in the request is invalid."},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := w.signed(t, w.federated(t, c.by, c.name, c.policy), http.MethodGet, c.path, nil)
			if c.words == allowed {
				if got := do(t, r); got.status != http.StatusAccepted {
					t.Fatalf("%d %s", got.status, got.body)
				}
				h := w.last(t).Header
				if h.Get("X-Iamd-Principal-Arn") != arn+c.name || h.Get("X-Iamd-Account") != owner || h.Get("X-Iamd-User-Id") != owner+":"+c.name {
					t.Errorf("the upstream got %v", h)
				}
				return
			}
			kind := "AccessDeniedException"
			if c.by == "AIDANOBODY" {
				kind = "UnrecognizedClientException"
			}
			w.refusedWith(t, r, http.StatusForbidden, kind, c.words)
		})
	}
	cred := w.federated(t, "AIDABOB", "Fred", "")
	later := noon.Add(12 * time.Hour)
	w.now.Store(&later)
	w.refusedWith(t, w.signed(t, cred, http.MethodGet, "/orders", nil), http.StatusForbidden, "ExpiredTokenException", "expired")
}
