package limits

import (
	"net/netip"
	"testing"
)

// TestRoom: one stranger has a sixteenth, all have half, and who is known finds the rest;
// what leaves is nobody's.
func TestRoom(t *testing.T) {
	r, of := NewRoom(160), func(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, n}) }
	for i, c := range []struct {
		client byte
		n      int64
		known  bool
		want   bool
	}{
		{1, 11, false, false}, {1, 6, false, true}, {1, 5, false, false}, {1, 4, false, true},
		{2, 10, false, true}, {1, 71, true, false}, {1, 60, true, true}, // half is held
		{3, 1, false, false}, {3, 81, true, false}, {3, 80, true, true}, {4, 1, true, false},
	} {
		if got := r.Enter(of(c.client), c.n, c.known); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	for _, c := range []struct {
		client byte
		n      int64
	}{{1, 6}, {1, 4}, {1, 60}, {2, 10}, {3, 80}} {
		r.Leave(of(c.client), c.n)
	}
	if r.held != 0 || len(r.those) != 0 {
		t.Errorf("%d bytes of %d clients are held", r.held, len(r.those))
	}
}
