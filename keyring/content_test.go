package keyring_test

import (
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/keyring"
)

// TestContent: a key is added, made the one that seals, and taken away, and what
// people wrote beside stays.
func TestContent(t *testing.T) {
	first := "# of the shop\n\n# made 2026-01-05\n" + line(1) + "# the end"
	added, id, err := keyring.Add(first, rand.Reader, now)
	if err != nil || id != 2 {
		t.Fatalf("%d, %v", id, err)
	}
	active, err := keyring.Activate(added, 2, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	list, err := keyring.Keys(active)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	if k := list[0]; k.ID != 2 || !k.Active || !k.Made.Equal(now) || !k.Retired.IsZero() || len(k.Fingerprint) != 16 {
		t.Errorf("the new key: %+v", k)
	}
	if k := list[1]; k.ID != 1 || k.Active || k.Made.Format(time.DateOnly) != "2026-01-05" || !k.Retired.Equal(now.Add(time.Hour)) || k.Fingerprint == list[0].Fingerprint {
		t.Errorf("the old key: %+v", k)
	}
	back, err := keyring.Activate(active, 1, now.Add(2*time.Hour))
	if err != nil || strings.Count(back, "# retired ") != 1 {
		t.Errorf("back again: %s, %v", back, err)
	}
	if same, err := keyring.Activate(active, 2, now); err != nil || same != active {
		t.Errorf("what is active changes: %v", err)
	}
	left, err := keyring.Remove(active, 1)
	if err != nil || strings.Contains(left, line(1)) || !strings.Contains(left, "# the end") {
		t.Errorf("left is %q, %v", left, err)
	}
	if again, err := keyring.Activate(left, 1, now); err == nil {
		t.Errorf("a key that is gone is active: %q", again)
	}
	if none, err := keyring.Remove(left, 2); err == nil {
		t.Errorf("the last key goes: %q", none)
	}
	if _, _, err := keyring.Add("4294967295:"+strings.SplitN(line(1), ":", 2)[1], rand.Reader, now); err == nil {
		t.Error("numbers do not end")
	}
	for _, broken := range []string{"x", line(1) + "2:short"} {
		if _, _, err := keyring.Add(broken, rand.Reader, now); err == nil {
			t.Errorf("%q is added to", broken)
		}
	}
}

// TestReplace: a ring takes other keys over while it is in use, unless something
// would be lost by it.
func TestReplace(t *testing.T) {
	r := ring(t, line(1))
	old := r.Seal(keyring.Secret, []byte("x"), nil)
	if id, ok := keyring.KeyOf(old); !ok || id != 1 {
		t.Errorf("sealed by %d, %v", id, ok)
	}
	refused := func(what, content string) {
		t.Helper()
		if err := r.Replace(content); err == nil || strings.Contains(err.Error(), "AQEB") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("nothing", "")
	refused("another key of the number", "1:"+strings.SplitN(line(2), ":", 2)[1])
	refused("the key that seals is gone", line(2))
	refused("half a line", line(2)+line(1)[:20])
	if err := r.Replace(line(1) + line(2)); err != nil || r.Active() != 1 || r.Len() != 2 {
		t.Fatalf("a key that only opens: %v, %v", r, err)
	}
	if err := r.Replace(line(2) + line(1)); err != nil || r.Active() != 2 || !r.Holds(1) {
		t.Fatalf("the other one seals: %v, %v", r, err)
	}
	if _, err := r.Open(keyring.Secret, old, nil); err != nil {
		t.Errorf("the old one opens no more: %v", err)
	}
	if gone, err := r.Dropped(line(2)); err != nil || len(gone) != 1 || gone[0] != 1 {
		t.Errorf("dropped: %v, %v", gone, err)
	}
	if err := r.Replace(line(2)); err != nil || r.Holds(1) {
		t.Errorf("the retired key goes: %v, %v", r, err)
	}
	if _, err := r.Open(keyring.Secret, old, nil); err == nil {
		t.Error("a key that has gone opens")
	}
	for _, none := range [][]byte{nil, {1, 0, 0, 0}, {2, 0, 0, 0, 1}, {1, 0, 0, 0, 0}} {
		if id, ok := keyring.KeyOf(none); ok {
			t.Errorf("%v was sealed by %d", none, id)
		}
	}
}

// TestReplaceInUse: what is sealed opens, whichever keys come and go meanwhile.
func TestReplaceInUse(t *testing.T) {
	r := ring(t, line(1)+line(2))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 500 {
				if _, err := r.Open(keyring.Secret, r.Seal(keyring.Secret, []byte("x"), nil), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 100 {
		content := line(1) + line(2)
		if i%2 == 0 {
			content = line(2) + line(1)
		}
		if err := r.Replace(content); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
}

func FuzzContent(f *testing.F) {
	f.Add("# made 2026-01-05\n" + line(1) + "# retired never\n" + line(2))
	f.Add("1:")
	f.Fuzz(func(t *testing.T, content string) {
		list, err := keyring.Keys(content)
		if err != nil {
			return
		}
		next, id, err := keyring.Add(content, rand.Reader, now)
		if err != nil {
			return
		}
		if next, err = keyring.Activate(next, id, now); err != nil {
			t.Fatal(err)
		}
		if next, err = keyring.Remove(next, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if after, err := keyring.Keys(next); err != nil || len(after) != len(list) || after[0].ID != id {
			t.Fatalf("%v became %v, %v", list, after, err)
		}
	})
}
