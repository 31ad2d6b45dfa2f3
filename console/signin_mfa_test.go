package console

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
	"iamd/limits"
)

// with adds a code to a sign-in.
func with(code, serial string) func(*signInRequest) {
	return func(in *signInRequest) { in.Code, in.Serial = code, serial }
}

// TestSecondFactorIsAsked: whoever has a device needs it, after the password was
// right; a code is good once, and the session knows of it.
func TestSecondFactorIsAsked(t *testing.T) {
	f := newFront(t)
	serial, code := f.phone("Phone", new("Bob"))
	_, others := f.phone("Root", nil)
	got := f.post("signin", asBob())
	want := map[string]any{"next": "mfa", "devices": []any{map[string]any{"serial": serial, "kind": "totp", "name": "Phone"}}}
	if diff := cmp.Diff(want, got.member); got.status != http.StatusOK || diff != "" {
		t.Fatalf("%d %s", got.status, diff)
	}
	for what, in := range map[string]*signInRequest{
		"a wrong code":        asBob(with("000000", serial)),
		"an old one":          asBob(with(code(-1), serial)),
		"no code":             asBob(with("x", "")),
		"another's device":    asBob(with(others(0), "arn:aws:iam::"+corp+":mfa/Root")),
		"no device at all":    asBob(with(code(0), "arn:aws:iam::"+corp+":mfa/Nothing")),
		"one of another kind": asBob(with(code(0), "x")),
	} {
		if got := f.post("signin", in); got.status != http.StatusOK || got.next() != "mfa" || got.fault() != noCode || got.member["credentials"] != nil {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
		f.wait(limits.Guessing.Span)
		f.now = f.now.Truncate(time.Minute)
	}
	c, err := f.caller(f.enter(asBob(with(code(0), serial))))
	if err != nil || !c.Session.MFA.Equal(f.now) {
		t.Errorf("%+v, %v", c, err)
	}
	if got := f.post("signin", asBob(with(code(0), serial))); got.next() != "mfa" || got.fault() != noCode {
		t.Errorf("the same code again: %s", got.text)
	}
	f.enter(asBob(with(code(1), ""))) // there is one device
	root := asRoot()
	if got := f.post("signin", root); got.next() != "mfa" {
		t.Errorf("root: %s", got.text)
	}
	with(others(0), "")(root)
	f.enter(root)

	second, more := f.phone("Second", new("Bob"))
	f.wait(time.Minute)
	if got := f.post("signin", asBob(with(more(0), ""))); got.status != http.StatusBadRequest {
		t.Errorf("a code of one of two: %s", got.text)
	}
	f.enter(asBob(with(more(0), second)))
}

// TestCodesAreGuessedSeldom: wrong codes close the device at all doors, to the right
// one too, and those of the wrong password are none.
func TestCodesAreGuessedSeldom(t *testing.T) {
	f := newFront(t)
	serial, code := f.phone("Phone", new("Bob"))
	wrongWord := asBob(with("000000", serial))
	wrongWord.Password = otherWord
	for range limits.Guessing.Tries - 1 {
		f.post("signin", wrongWord)
	}
	for range limits.Guessing.Tries {
		if got := f.post("signin", asBob(with("000000", serial))); got.next() != "mfa" {
			t.Fatalf("%d %s", got.status, got.text)
		}
	}
	if got := f.post("signin", asBob(with(code(0), serial))); got.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", got.status, got.text)
	}
	if f.c.cfg.Guesses.Begin("mfa "+serial, f.now) {
		t.Error("the API counts by itself")
	}
	f.wait(limits.Guessing.Span)
	f.enter(asBob(with(code(0), serial)))
}

// TestCodeIsUsedOnce: of many who bring the same code at once, one gets in.
func TestCodeIsUsedOnce(t *testing.T) {
	f := newFront(t)
	serial, code := f.phone("Phone", new("Bob"))
	at, err := f.c.find(f.call(), asBob(with(code(0), serial)))
	f.must(err)
	proof, next, err := f.c.secondFactor(f.call(), at)
	if err != nil || next != nil {
		t.Fatal(next, err)
	}
	var let, asked atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			next, err := f.c.enter(f.call(), at, proof)
			switch asks, ok := next.(*mfaNext); {
			case err == nil && next == nil:
				let.Add(1)
			case err == nil && ok && asks.Error == noCode:
				asked.Add(1)
			}
		})
	}
	all.Wait()
	if let.Load() != 1 || asked.Load() != 15 {
		t.Errorf("%d got in, %d were asked again", let.Load(), asked.Load())
	}
}

// TestDeviceIsGone: a code for a device that was taken away since it was asked for is
// no harm, and none for whoever is gone in between lets anybody in.
func TestDeviceIsGone(t *testing.T) {
	f := newFront(t)
	if got := f.post("signin", asBob(with("000000", ""))); got.status != http.StatusBadRequest || got.code() != "ValidationError" {
		t.Errorf("no device: %d %s", got.status, got.text)
	}
	serial, code := f.phone("Phone", new("Bob"))
	at, err := f.c.find(f.call(), asBob(with(code(0), serial)))
	f.must(err)
	proof, _, err := f.c.secondFactor(f.call(), at)
	f.must(err)
	f.changeBob(func(d *iam.Draft, u *iam.User) error { return d.DeleteLoginProfile(u) })
	if _, err := f.c.enter(f.call(), at, proof); refusalOf(err).status != http.StatusUnauthorized {
		t.Errorf("the password is gone: %v", err)
	}
}
