package keyring_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iamd/keyring"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func line(id int) string {
	key := bytes.Repeat([]byte{byte(id)}, 32)
	return fmt.Sprintf("%d:%s\n", id, base64.StdEncoding.EncodeToString(key))
}

func ring(t testing.TB, keys string) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(keyring.Config{Keys: keys, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealOpen(t *testing.T) {
	r := ring(t, line(1))
	bound := []byte("123456789012/AKIAEXAMPLE")
	sealed := r.Seal(keyring.Secret, []byte("secret"), bound)
	if got, err := r.Open(keyring.Secret, sealed, bound); err != nil || string(got) != "secret" {
		t.Fatalf("got %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("the plain text shows")
	}
	if bytes.Equal(sealed, r.Seal(keyring.Secret, []byte("secret"), bound)) {
		t.Error("two seals are alike")
	}
	refused := func(what string, r *keyring.Ring, p keyring.Purpose, sealed, bound []byte) {
		t.Helper()
		if _, err := r.Open(p, sealed, bound); !errors.Is(err, keyring.ErrSealed) || err.Error() != keyring.ErrSealed.Error() {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("another purpose", r, keyring.SessionToken, sealed, bound)
	refused("a purpose that is none", r, keyring.Purpose(99), sealed, bound)
	refused("bound to another key", r, keyring.Secret, sealed, []byte("123456789012/AKIAOTHER"))
	refused("another ring", ring(t, line(2)), keyring.Secret, sealed, bound)
	refused("another ring's key of that number", ring(t, "1:"+strings.SplitN(line(2), ":", 2)[1]), keyring.Secret, sealed, bound)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		refused(fmt.Sprintf("byte %d", i), r, keyring.Secret, changed, bound)
		refused(fmt.Sprintf("cut at %d", i), r, keyring.Secret, sealed[:i], bound)
	}
}

// TestPurposes: no purpose opens what another sealed.
func TestPurposes(t *testing.T) {
	r := ring(t, line(1))
	for p := range keyring.SeenVersion + 1 { // the last one
		sealed := r.Seal(p, []byte("x"), nil)
		for q := range keyring.SeenVersion + 1 {
			if _, err := r.Open(q, sealed, nil); (err == nil) != (p == q) {
				t.Errorf("purpose %d opened as %d: %v", p, q, err)
			}
		}
	}
}

func TestRotation(t *testing.T) {
	before, after := ring(t, line(1)), ring(t, "# new\n"+line(2)+"\n"+line(1))
	old := before.Seal(keyring.Secret, []byte("x"), nil)
	if _, err := after.Open(keyring.Secret, old, nil); err != nil {
		t.Errorf("a retired key does not open: %v", err)
	}
	if _, err := before.Open(keyring.Secret, after.Seal(keyring.Secret, []byte("x"), nil), nil); err == nil {
		t.Error("the first key of the ring does not seal")
	}
}

func TestBadRings(t *testing.T) {
	for what, keys := range map[string]string{
		"empty": "", "comments only": "# none\n", "no number": "x:" + strings.SplitN(line(1), ":", 2)[1],
		"number 0": "0:" + strings.SplitN(line(1), ":", 2)[1], "short key": "1:AAAA", "not base64": "1:!!!", "twice": line(1) + line(1),
	} {
		_, err := keyring.New(keyring.Config{Keys: keys, Rand: rand.Reader})
		if err == nil || strings.Contains(err.Error(), "AQEB") {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := ring(t, line(1))
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(form, r); !strings.HasPrefix(s, "keyring of 1 keys") {
			t.Errorf("%s prints %s", form, s)
		}
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring")
	first, err := keyring.LoadOrCreate(path, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keyring.LoadOrCreate(path, rand.Reader, now); err != nil || again != first {
		t.Errorf("again: %q, %v", again, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.LoadOrCreate(path, rand.Reader, now); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
	if _, err := keyring.LoadOrCreate(filepath.Join(path, "none"), rand.Reader, now); err == nil {
		t.Error("made in a place that is none")
	}
}

func FuzzOpen(f *testing.F) {
	r := ring(f, line(1))
	f.Add(r.Seal(keyring.Secret, []byte("secret"), nil))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := r.Open(keyring.SessionToken, sealed, nil); err == nil {
			t.Fatalf("%x opened for another purpose", sealed)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	r, plain := ring(b, line(1)), make([]byte, 256)
	b.ReportAllocs()
	for b.Loop() {
		r.Seal(keyring.SessionToken, plain, nil)
	}
}
