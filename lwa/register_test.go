package lwa_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"iamd/iam"
	"iamd/lwa"
)

func TestRegister(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	for what, form := range map[string]string{
		a.ClientID:      `^amzn1\.application-oa2-client\.[0-9a-f]{32}$`,
		a.ApplicationID: `^amzn1\.sp\.solution\.[0-9a-f-]{36}$`,
		a.secret:        `^amzn1\.oa2-cs\.v1\.[0-9a-f]{64}$`,
	} {
		if !regexp.MustCompile(form).MatchString(what) {
			t.Errorf("%s is not %s", what, form)
		}
	}
	if a.UniqueID != w.signer(home).UniqueID || a.Authorizations[0].SellingPartner != "A2EXAMPLE12345" {
		t.Errorf("%+v", a.Application)
	}
	b := w.register(t, home, lwa.Registration{Name: "Bestellungen für später", IAMARN: arn(home, "user/dev")})
	if p := b.Authorizations[0].SellingPartner; !regexp.MustCompile(`^A[A-Z2-7]{13}$`).MatchString(p) || !strings.HasPrefix(b.UniqueID, "AIDA") {
		t.Errorf("made up %s, signed by %s", p, b.UniqueID)
	}
	all, err := w.View(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range all.All() {
		n++
	}
	if again, err := all.Application(a.ClientID); n != 2 || err != nil || again.Name != "orders" {
		t.Errorf("%d applications, %+v, %v", n, again, err)
	}
	for key, row := range w.rows[home] { // whatever is kept, no secret is
		if bytes.Contains(row.Data, []byte(strings.TrimPrefix(a.secret, "amzn1.oa2-cs.v1."))) || !json.Valid(row.Data) {
			t.Errorf("row %s: %s", key, row.Data)
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	w := newWorld(t)
	good := lwa.Registration{Name: "orders", IAMARN: arn(home, "role/apps/seller")}
	with := func(change func(*lwa.Registration)) lwa.Registration { in := good; change(&in); return in }
	for what, in := range map[string]lwa.Registration{
		"no name":           with(func(in *lwa.Registration) { in.Name = "" }),
		"spaces":            with(func(in *lwa.Registration) { in.Name = "  " }),
		"a line":            with(func(in *lwa.Registration) { in.Name = "a\nb" }),
		"written backwards": with(func(in *lwa.Registration) { in.Name = "a\u202eb" }),
		"not UTF-8":         with(func(in *lwa.Registration) { in.Name = "a\xff" }),
		"long":              with(func(in *lwa.Registration) { in.Name = strings.Repeat("ä", 129) }),
		"no ARN":            with(func(in *lwa.Registration) { in.IAMARN = "" }),
		"another account":   with(func(in *lwa.Registration) { in.IAMARN = arn(other, "role/apps/seller") }),
		"another path":      with(func(in *lwa.Registration) { in.IAMARN = arn(home, "role/seller") }),
		"a session":         with(func(in *lwa.Registration) { in.IAMARN = "arn:aws:sts::" + home + ":assumed-role/seller/s" }),
		"root":              with(func(in *lwa.Registration) { in.IAMARN = arn(home, "root") }),
		"a partner's form":  with(func(in *lwa.Registration) { in.SellingPartner = "a seller" }),
	} {
		err := w.Write(t.Context(), home, func(d *lwa.Draft, of *iam.Draft) error {
			_, _, err := d.Register(of.Account, in)
			return err
		})
		if codeOf(err) != lwa.CodeValidation {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.quotas = lwa.Quotas{Applications: 1, Authorizations: 1}
	a := w.register(t, home, good)
	err := w.Write(t.Context(), home, func(d *lwa.Draft, of *iam.Draft) error {
		_, _, err := d.Register(of.Account, good)
		return err
	})
	if codeOf(err) != lwa.CodeQuota {
		t.Errorf("one application too many: %v", err)
	}
	err = w.Update(t.Context(), home, func(d *lwa.Draft) error { _, _, err := d.Authorize(a.ClientID, ""); return err })
	if codeOf(err) != lwa.CodeQuota {
		t.Errorf("one authorization too many: %v", err)
	}
}

// TestRotate: the old secret works seven days, and no more than two ever do.
func TestRotate(t *testing.T) {
	w := newWorld(t)
	a := w.orders(t)
	works := func(what, secret string, want bool) {
		t.Helper()
		c, err := w.Authenticate(t.Context(), a.ClientID, secret)
		if (err == nil) != want || err == nil && c.ClientID != a.ClientID || err != nil && !errors.Is(err, lwa.ErrClient) {
			t.Errorf("%s: %v", what, err)
		}
	}
	rotate := func() (secret string) {
		w.write(t, home, func(d *lwa.Draft) (err error) {
			var ends time.Time
			if secret, ends, err = d.RotateSecret(a.ClientID); !ends.Equal(w.now.Add(7 * 24 * time.Hour)) {
				t.Errorf("the old secret ends %v", ends)
			}
			return err
		})
		return secret
	}
	works("the first", a.secret, true)
	works("none", "", false)
	works("another", a.secret+"0", false)
	second := rotate()
	works("the first, just rotated", a.secret, true)
	works("the second", second, true)
	w.now = w.now.Add(7*24*time.Hour - time.Second)
	works("the first, at the end", a.secret, true)
	w.now = w.now.Add(time.Second)
	works("the first, after it", a.secret, false)
	works("the second, then", second, true)
	third, fourth := rotate(), rotate()
	works("the second, replaced twice", second, false)
	works("the third", third, true)
	works("the fourth", fourth, true)
	w.write(t, home, func(d *lwa.Draft) error { return d.Delete(a.ClientID) })
	works("of an application that is gone", fourth, false)
	err := w.Update(t.Context(), home, func(d *lwa.Draft) error { _, _, err := d.RotateSecret(a.ClientID); return err })
	if codeOf(err) != lwa.CodeNotFound || len(w.owners) != 0 {
		t.Errorf("after it is gone: %v, names left: %v", err, w.owners)
	}
}

// TestStrangersLoadNothing: what has not the form of a client id is not looked up,
// and one that nobody has loads no account.
func TestStrangersLoadNothing(t *testing.T) {
	w := newWorld(t)
	w.orders(t)
	w.views = 0
	for _, id := range []string{"", "x", strings.Repeat("a", 1<<20), "amzn1.application-oa2-client." + strings.Repeat("0", 32)} {
		if _, err := w.Authenticate(t.Context(), id, "secret"); !errors.Is(err, lwa.ErrClient) {
			t.Errorf("%.40q: %v", id, err)
		}
	}
	for _, token := range []string{"Atza|", "Atza|AAAA", "Atzr|x", "Atz.sprdt|x", "Atza|" + strings.Repeat("A", 1<<20), "x", "Atc|\x00"} {
		if _, err := w.Admit(t.Context(), lwa.Call{Token: token}); err == nil {
			t.Errorf("%.40q is let in", token)
		} else if kind, ok := kindOf(err); !ok || kind != lwa.BadToken {
			t.Errorf("%.40q: %v", token, err)
		}
	}
	if w.views != 0 {
		t.Errorf("%d loads", w.views)
	}
}
