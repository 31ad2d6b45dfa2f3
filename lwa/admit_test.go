package lwa_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/keyring"
	"iamd/lwa"
	"iamd/store"
)

const (
	participations = "/sellers/v1/marketplaceParticipations"
	destinations   = "/notifications/v1/destinations"
	address        = "/orders/v0/orders/902-1/address"
	orders         = "/orders/v0/orders"
)

func TestAdmit(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	call := lwa.Call{Token: w.AccessToken(a.Client, &a.Authorizations[0]), Signer: w.signer(home), Method: "GET", Path: participations}
	in, err := w.Admit(t.Context(), call)
	if err != nil || in.ClientID != a.ClientID || in.Name != "orders" || in.Account != home || in.SellingPartner != "A2EXAMPLE12345" || in.Scope != "" || in.PII {
		t.Errorf("%+v, %v", in, err)
	}
	if len(call.Token) > 2048 {
		t.Errorf("a token of %d bytes", len(call.Token))
	}
	unsigned := call
	unsigned.Signer = nil
	if _, err := w.Admit(t.Context(), unsigned); err != nil {
		t.Errorf("where nobody signs: %v", err)
	}
	refused := func(what string, want lwa.Kind, call lwa.Call) {
		t.Helper()
		in, err := w.Admit(t.Context(), call)
		if kind, ok := kindOf(err); !ok || kind != want || in != nil {
			t.Errorf("%s: %+v, %v (kind %d)", what, in, err, kind)
		}
	}
	with := func(change func(*lwa.Call)) lwa.Call { c := call; change(&c); return c }
	refused("no token", lwa.MissingToken, with(func(c *lwa.Call) { c.Token = "" }))
	refused("a refresh token", lwa.BadToken, with(func(c *lwa.Call) { c.Token = w.RefreshToken(a.Client, &a.Authorizations[0]) }))
	refused("a code", lwa.BadToken, with(func(c *lwa.Call) { c.Token = w.Code(a.Client, &a.Authorizations[0]) }))
	refused("another kind's beginning", lwa.BadToken, with(func(c *lwa.Call) { c.Token = "Atc|" + strings.TrimPrefix(c.Token, "Atza|") }))
	refused("none at all", lwa.BadToken, with(func(c *lwa.Call) { c.Token = "secret" }))
	dev, err := w.accounts[home].User("dev")
	if err != nil {
		t.Fatal(err)
	}
	refused("another of the account", lwa.OtherSigner, with(func(c *lwa.Call) { c.Signer = &lwa.Signer{Account: home, UniqueID: dev.ID} }))
	refused("the role of that name elsewhere", lwa.OtherSigner, with(func(c *lwa.Call) { c.Signer = w.signer(other) }))
	refused("nobody", lwa.OtherSigner, with(func(c *lwa.Call) { c.Signer = &lwa.Signer{} }))
	refused("a grantless operation", lwa.OtherScope, with(func(c *lwa.Call) { c.Path = destinations }))
	w.now = w.now.Add(time.Hour)
	refused("after an hour", lwa.ExpiredToken, call)
	w.now = w.now.Add(-time.Second)
	if _, err := w.Admit(t.Context(), call); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	// The role is made anew under its name.
	before := w.signer(home)
	w.change(t, home, func(d *iam.Draft) error {
		r, err := d.Role("seller")
		if err != nil {
			return err
		}
		if err := d.DeleteRole(r.Name); err != nil {
			return err
		}
		_, err = d.CreateRole(iam.NewRole{Name: "seller", Path: "/apps/", Trust: trust})
		return err
	})
	if *before == *w.signer(home) {
		t.Fatal("the same role")
	}
	refused("a role of the old one's name", lwa.OtherSigner, with(func(c *lwa.Call) { c.Signer = w.signer(home) }))
}

// TestAdmitLooksUp: what a token says holds only as long as what it speaks of.
func TestAdmitLooksUp(t *testing.T) {
	for what, end := range map[string]func(*world, *testing.T, app){
		"revoked": func(w *world, t *testing.T, a app) {
			w.write(t, home, func(d *lwa.Draft) error { return d.Revoke(a.ClientID, "A2EXAMPLE12345") })
		},
		"revoked and given again": func(w *world, t *testing.T, a app) {
			w.write(t, home, func(d *lwa.Draft) error {
				if err := d.Revoke(a.ClientID, "A2EXAMPLE12345"); err != nil {
					return err
				}
				_, _, err := d.Authorize(a.ClientID, "A2EXAMPLE12345")
				return err
			})
		},
		"deleted": func(w *world, t *testing.T, a app) {
			w.write(t, home, func(d *lwa.Draft) error { return d.Delete(a.ClientID) })
		},
		"account closed": func(w *world, t *testing.T, _ app) {
			w.change(t, home, func(d *iam.Draft) error { d.Close(w.now); return nil })
		},
		"account gone":    func(w *world, _ *testing.T, _ app) { delete(w.accounts, home) },
		"rows gone":       func(w *world, _ *testing.T, _ app) { delete(w.rows, home) },
		"another keyring": func(w *world, t *testing.T, _ app) { w.rekey(t) },
	} {
		w := newWorld(t)
		a := w.orders(t)
		call := lwa.Call{Token: w.AccessToken(a.Client, &a.Authorizations[0]), Method: "GET", Path: participations}
		if _, err := w.Admit(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		end(w, t, a)
		if kind, ok := kindOf(second(w.Admit(t.Context(), call))); !ok || kind != lwa.BadToken {
			t.Errorf("%s: kind %d, %v", what, kind, ok)
		}
		if what == "account closed" {
			if _, err := w.Authenticate(t.Context(), a.ClientID, a.secret); !errors.Is(err, lwa.ErrClient) {
				t.Errorf("a closed account's secret: %v", err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func (w *world) rekey(t *testing.T) {
	t.Helper()
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if w.Service, err = lwa.NewService(lwa.Config{Store: w, Accounts: accountsOf{w}, Ring: ring, Now: w.clock, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
}

func TestGrantless(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	notifications, err := w.ClientToken(a.Client, "sellingpartnerapi::notifications")
	if err != nil {
		t.Fatal(err)
	}
	rotation, err := w.ClientToken(a.Client, "sellingpartnerapi::client_credential:rotation")
	if err != nil {
		t.Fatal(err)
	}
	seller := w.AccessToken(a.Client, &a.Authorizations[0])
	for _, c := range []struct {
		token, method, path string
		good                bool
	}{
		{notifications, "GET", destinations, true},
		{notifications, "POST", destinations, true},
		{notifications, "DELETE", destinations + "/x", true},
		{notifications, "DELETE", "/notifications/v1/subscriptions/ANY_OFFER_CHANGED/7", true},
		{notifications, "HEAD", destinations, true},
		{notifications, "GET", "/notifications/v1/subscriptions/ANY_OFFER_CHANGED", false},
		{notifications, "GET", participations, false},
		{notifications, "GET", address, false},
		{notifications, "POST", "/applications/2023-11-30/clientSecret", false},
		{rotation, "POST", "/applications/2023-11-30/clientSecret", true},
		{rotation, "GET", destinations, false},
		{seller, "GET", destinations, false},
		{seller, "GET", destinations + "/", false},
		{seller, "GET", "/Notifications/v1/destinations", false},
		{seller, "GET", "/notifications/v1/subscriptions/ANY_OFFER_CHANGED", true},
	} {
		in, err := w.Admit(t.Context(), lwa.Call{Token: c.token, Signer: w.signer(home), Method: c.method, Path: c.path})
		kind, _ := kindOf(err)
		if (err == nil) != c.good || err != nil && kind != lwa.OtherScope {
			t.Errorf("%.5s %s %s: %v", c.token, c.method, c.path, err)
		}
		if err == nil && strings.HasPrefix(c.token, "Atc|") && (in.SellingPartner != "" || in.Scope == "") {
			t.Errorf("%+v", in)
		}
	}
}

// TestAdmitUnread: when the store fails, it is no refusal of the caller.
func TestAdmitUnread(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	token := w.AccessToken(a.Client, &a.Authorizations[0])
	for key, r := range w.rows[home] {
		w.rows[home][key] = store.Row{Kind: r.Kind, Key: r.Key, Schema: 99, Data: r.Data}
	}
	_, err := w.Admit(t.Context(), lwa.Call{Token: token, Method: "GET", Path: participations})
	if _, refused := kindOf(err); err == nil || refused {
		t.Errorf("%v", err)
	}
}

func FuzzAdmit(f *testing.F) {
	w := newWorld(f)
	a := w.orders(f)
	z := &a.Authorizations[0]
	good := w.AccessToken(a.Client, z)
	f.Add(good, "GET", participations)
	f.Add(w.RefreshToken(a.Client, z), "GET", address)
	f.Add("Atz.sprdt|AAAA", "HEAD", "//")
	f.Fuzz(func(t *testing.T, token, method, path string) {
		in, err := w.Admit(t.Context(), lwa.Call{Token: token, Method: method, Path: path})
		if _, refused := kindOf(err); err != nil && !refused {
			t.Fatalf("%v", err)
		}
		if in != nil && token != good {
			t.Fatalf("%q is let in", token)
		}
	})
}

func BenchmarkAdmit(b *testing.B) {
	w := newWorld(b)
	a := w.orders(b)
	kept, err := w.View(b.Context(), home)
	if err != nil {
		b.Fatal(err)
	}
	s, err := lwa.NewService(lwa.Config{Store: inMemory{w, kept}, Accounts: accountsOf{w}, Ring: w.ring, Now: w.clock, Rand: rand.Reader})
	if err != nil {
		b.Fatal(err)
	}
	call := lwa.Call{Token: w.AccessToken(a.Client, &a.Authorizations[0]), Signer: w.signer(home), Method: "GET", Path: orders}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Admit(b.Context(), call); err != nil {
			b.Fatal(err)
		}
	}
}
