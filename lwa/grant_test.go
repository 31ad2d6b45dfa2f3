package lwa_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/lwa"
)

func (w *world) now5() { w.now = w.now.Add(lwa.CodeLife) }

// client is the application as it is kept now.
func (w *world) client(t testing.TB, a app) *lwa.Client {
	t.Helper()
	c, err := w.Authenticate(t.Context(), a.ClientID, a.secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRefreshToken(t *testing.T) {
	w := newWorld(t)
	a, b := w.orders(t), w.orders(t)
	token := w.RefreshToken(a.Client, &a.Authorizations[0])
	if !strings.HasPrefix(token, "Atzr|") || len(token) > 2048 {
		t.Errorf("%s", token)
	}
	w.now = w.now.Add(20 * 365 * 24 * time.Hour) // it has no end
	if z, err := w.OpenRefresh(w.client(t, a), token); err != nil || z.SellingPartner != "A2EXAMPLE12345" {
		t.Errorf("%+v, %v", z, err)
	}
	if _, err := w.OpenRefresh(w.client(t, b), token); !errors.Is(err, lwa.ErrOtherClient) {
		t.Errorf("another client's: %v", err)
	}
	access := w.AccessToken(a.Client, &a.Authorizations[0])
	code := w.Code(a.Client, &a.Authorizations[0])
	for what, text := range map[string]string{
		"": "", "an access token": access, "a code": code, "with another's beginning": "Atzr|" + strings.TrimPrefix(access, "Atza|"),
		"changed": token[:len(token)-2] + "AA", "longer": token + "A",
	} {
		if _, err := w.OpenRefresh(w.client(t, a), text); !errors.Is(err, lwa.ErrGrant) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Revoked, and given again: what was issued before stays revoked.
	w.write(t, home, func(d *lwa.Draft) error { return d.Revoke(a.ClientID, "A2EXAMPLE12345") })
	if _, err := w.OpenRefresh(w.client(t, a), token); !errors.Is(err, lwa.ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	w.write(t, home, func(d *lwa.Draft) error {
		_, z, err := d.Authorize(a.ClientID, "A2EXAMPLE12345")
		if err == nil && z.ID == a.Authorizations[0].ID {
			t.Error("the same authorization")
		}
		return err
	})
	if _, err := w.OpenRefresh(w.client(t, a), token); !errors.Is(err, lwa.ErrRevoked) {
		t.Errorf("authorized again: %v", err)
	}
	if err := w.Update(t.Context(), home, func(d *lwa.Draft) error { return d.Revoke(a.ClientID, "A9") }); codeOf(err) != lwa.CodeNotFound {
		t.Errorf("revoked without being there: %v", err)
	}
}

func TestAuthorizeTwice(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	w.write(t, home, func(d *lwa.Draft) error {
		app, z, err := d.Authorize(a.ClientID, "A2EXAMPLE12345")
		if err == nil && (z.ID != a.Authorizations[0].ID || len(app.Authorizations) != 1) {
			t.Errorf("two authorizations of one partner: %+v", app.Authorizations)
		}
		return err
	})
}

func TestClientToken(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	for _, scope := range []string{"sellingpartnerapi::notifications", "sellingpartnerapi::notifications sellingpartnerapi::migration"} {
		if token, err := w.ClientToken(a.Client, scope); err != nil || !strings.HasPrefix(token, "Atc|") {
			t.Errorf("%s: %s, %v", scope, token, err)
		}
	}
	for _, scope := range []string{"", " ", "profile", "sellingpartnerapi::notifications profile", strings.Repeat("sellingpartnerapi::notifications ", 9)} {
		if _, err := w.ClientToken(a.Client, scope); !errors.Is(err, lwa.ErrScope) {
			t.Errorf("%q: %v", scope, err)
		}
	}
}

func TestCode(t *testing.T) {
	w := newWorld(t)
	a, b := w.orders(t), w.orders(t)
	z := &a.Authorizations[0]
	code := w.Code(a.Client, z)
	if got, err := w.OpenCode(w.client(t, a), code); err != nil || got.ID != z.ID {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := w.UseCode(t.Context(), w.client(t, b), code); !errors.Is(err, lwa.ErrOtherClient) {
		t.Errorf("another client's: %v", err)
	}
	if err := w.UseCode(t.Context(), w.client(t, a), code); err != nil {
		t.Errorf("the first use: %v", err)
	}
	if err := w.UseCode(t.Context(), w.client(t, a), code); !errors.Is(err, lwa.ErrGrant) {
		t.Errorf("the second use: %v", err)
	}
	late := w.Code(a.Client, z)
	w.now5()
	if _, err := w.OpenCode(w.client(t, a), late); !errors.Is(err, lwa.ErrGrant) {
		t.Errorf("after five minutes: %v", err)
	}
	if err := w.UseCode(t.Context(), w.client(t, a), late); !errors.Is(err, lwa.ErrGrant) {
		t.Errorf("used after five minutes: %v", err)
	}
	// A node whose clock is behind may take that for good still: a use that was seen
	// elsewhere counts there too.
	again := w.Code(a.Client, z)
	if err := w.UseCode(t.Context(), w.client(t, a), again); err != nil {
		t.Fatal(err)
	}
	w.now5()
	if err := w.UseCode(t.Context(), w.client(t, a), w.Code(a.Client, z)); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(-time.Minute)
	if err := w.UseCode(t.Context(), w.client(t, a), again); !errors.Is(err, lwa.ErrGrant) {
		t.Errorf("the second use, by a clock that is behind: %v", err)
	}
	// Uses later on forget those that have ended.
	w.now5()
	w.now5()
	w.now5()
	if err := w.UseCode(t.Context(), w.client(t, a), w.Code(a.Client, z)); err != nil {
		t.Fatal(err)
	}
	used := 0
	for key := range w.rows[home] {
		if strings.HasPrefix(key, "code ") {
			used++
		}
	}
	if used != 1 {
		t.Errorf("%d used codes are kept", used)
	}
	w.quotas.UsedCodes = 1
	if err := w.UseCode(t.Context(), w.client(t, a), w.Code(a.Client, z)); codeOf(err) != lwa.CodeThrottling {
		t.Errorf("one too many: %v", err)
	}
	w.quotas.UsedCodes = 10
	pending := w.Code(a.Client, z)
	w.write(t, home, func(d *lwa.Draft) error { return d.Revoke(a.ClientID, z.SellingPartner) })
	// By an application that was read before: the commit looks again.
	if err := w.UseCode(t.Context(), a.Client, pending); !errors.Is(err, lwa.ErrGrant) {
		t.Errorf("revoked meanwhile: %v", err)
	}
}

// TestCodeRace: of many uses of one code exactly one counts.
func TestCodeRace(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	code := w.Code(a.Client, &a.Authorizations[0])
	var group sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		group.Go(func() { results[i] = w.UseCode(t.Context(), a.Client, code) })
	}
	group.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, lwa.ErrGrant):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d uses of one code", won)
	}
}
