package limits

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func taken(r *Rates[int], key int, at time.Time) (n int) {
	for r.Take(key, at) {
		n++
	}
	return n
}

// TestRates: a burst at once, then as many as time allows, and never more than a
// burst however long the pause; what is refused counts nothing.
func TestRates(t *testing.T) {
	r := NewRates[int](Rate{PerSecond: 10, Burst: 5})
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 5}, {50 * time.Millisecond, 0}, {100 * time.Millisecond, 1}, {400 * time.Millisecond, 3}, {time.Hour, 5}} {
		if n := taken(r, 1, noon.Add(c.after)); n != c.want {
			t.Errorf("after %v: %d, want %d", c.after, n, c.want)
		}
	}
	if n := taken(r, 2, noon.Add(time.Hour)); n != 5 {
		t.Errorf("another key has %d", n)
	}
	if NewRates[int](Rate{}) != nil || !(*Rates[int])(nil).Take(1, noon) {
		t.Error("no rate is a bound")
	}
	if n := taken(NewRates[int](Rate{PerSecond: 1}), 1, noon); n != 1 {
		t.Errorf("without a burst there are %d", n)
	}
}

// TestCharge: what is charged is waited for, and never for longer than a burst takes;
// a clock that was set back shuts nobody out for longer than that either.
func TestCharge(t *testing.T) {
	r := NewRates[int](Rate{PerSecond: 10, Burst: 20})
	r.Charge(1, 15, noon)
	if n := taken(r, 1, noon); n != 5 {
		t.Errorf("%d are left of 20 after 15", n)
	}
	r.Charge(1, 5, noon)
	if n := taken(r, 1, noon.Add(500*time.Millisecond)); n != 0 {
		t.Errorf("%d before the debt is paid", n)
	}
	if n := taken(r, 1, noon.Add(700*time.Millisecond)); n != 2 {
		t.Errorf("%d after the debt is paid", n)
	}
	r.Charge(1, 1e6, noon.Add(time.Second))
	if r.Take(1, noon.Add(3*time.Second)) || !r.Take(1, noon.Add(3100*time.Millisecond)) {
		t.Error("a debt is not bounded by a burst")
	}
	r.Charge(2, 1e6, noon.Add(100*time.Hour))
	if r.Take(2, noon) || !r.Take(2, noon.Add(4*time.Second)) {
		t.Error("a clock that was set back shuts out")
	}
	(*Rates[int])(nil).Charge(1, 1, noon)
}

// TestRatesAtOnce: many at once are no more than many in a row.
func TestRatesAtOnce(t *testing.T) {
	r, n, all := NewRates[int](Rate{PerSecond: 1, Burst: 50}), atomic.Int32{}, sync.WaitGroup{}
	for range 200 {
		all.Go(func() {
			if r.Take(1, noon) {
				n.Add(1)
			}
		})
	}
	all.Wait()
	if n.Load() != 50 {
		t.Errorf("%d were let in", n.Load())
	}
}

// TestRatesUnderFlood: a million other keys win nothing back for keys that are spent,
// keep nobody new out, and take no memory.
func TestRatesUnderFlood(t *testing.T) {
	r := NewRates[int](Rate{PerSecond: 0.01, Burst: 100})
	const spent = 1000
	for i := range spent {
		taken(r, -1-i, noon)
	}
	for i := range 1_000_000 {
		if !r.Take(i, noon) {
			t.Fatalf("key %d is kept out", i)
		}
	}
	for i := range spent {
		if n := taken(r, -1-i, noon); n != 0 {
			t.Fatalf("a spent key has %d again", n)
		}
	}
	if n := testing.AllocsPerRun(1000, func() { r.Take(7, noon) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestClient(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::",
		"fe80::1%eth0": "fe80::",
	} {
		if got := ClientOf(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%q: %v, want %s", address, got, want)
		}
	}
	if got := ClientOf(netip.Addr{}); got.IsValid() {
		t.Errorf("no address: %v", got)
	}
}

// TestConnections: so many of one client and so many of all, of which some are for
// those who are known; what is closed makes room, and leaves nothing.
func TestConnections(t *testing.T) {
	c := NewConnections(32, 3)
	client := func(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, n}) }
	for i := range 5 {
		if got := c.Enter(client(1), false); got != (i < 3) {
			t.Errorf("connection %d of one: %v", i, got)
		}
	}
	n := 3
	for i := byte(2); c.Enter(client(i), false); i++ {
		n++
	}
	if n != 30 {
		t.Errorf("strangers have %d of 32", n)
	}
	for i := range 3 {
		if got := c.Enter(client(200), true); got != (i < 2) {
			t.Errorf("connection %d of who is known: %v", i, got)
		}
	}
	c.Leave(client(1))
	if !c.Enter(client(200), true) || c.Enter(client(1), false) || c.Open() != 32 {
		t.Errorf("%d are open", c.Open())
	}
	for range 2 {
		c.Leave(client(1))
	}
	for i := byte(2); i < 29; i++ {
		c.Leave(client(i))
	}
	for range 3 {
		c.Leave(client(200))
	}
	if c.Open() != 0 || len(c.those) != 0 {
		t.Errorf("%d are open, of %v", c.Open(), c.those)
	}
	free := NewConnections(0, 0)
	for range 100_000 {
		if !free.Enter(client(1), false) {
			t.Fatal("there is a bound where none was set")
		}
	}
}

func BenchmarkRates(b *testing.B) {
	r := NewRates[netip.Addr](Rate{PerSecond: 1e6, Burst: 1e6})
	at := ClientOf(netip.MustParseAddr("2001:db8::1"))
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			r.Take(at, noon)
		}
	})
}
