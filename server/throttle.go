package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"

	"iamd/guard"
	"iamd/iam"
	"iamd/limits"
	"iamd/policy"
)

// Limits say how often clients may call, and how many may be connected. The zero
// value sets no bound.
type Limits struct {
	// PerAddress is the rate of a client's address, whoever signs; of IPv6 that of its
	// /64 network. This machine's own addresses have none.
	PerAddress limits.Rate
	// PerPrincipal and PerAccount are those of who was verified, for each service:
	// of the user or role, and of its account.
	PerPrincipal, PerAccount limits.Rate
	// Exempt are networks whose addresses have no bounds of their own.
	Exempt []string
	// MaxConnections is how many may be open, ConnectionsPerAddress how many of them
	// one address's. Proxies that are trusted count as exempt.
	MaxConnections, ConnectionsPerAddress int
}

// guessCost is as how many requests a signature counts that no key makes.
const guessCost = 10

// throttle says who calls too often.
type throttle struct {
	from        *origin
	exempt      []netip.Prefix
	addresses   *limits.Rates[netip.Addr]
	principals  *limits.Rates[throttled]
	accounts    *limits.Rates[throttled]
	connections *limits.Connections
	// streams are requests of HTTP/2 under way, of which a connection has many: they
	// have the bounds of connections.
	streams *limits.Connections
	// refused are requests, and connections, by what they were too many of.
	refused struct{ address, principal, account, connection, body atomic.Uint64 }
}

// throttled is whose calls count together.
type throttled struct{ account, id, service string }

func newThrottle(l Limits, from *origin) (*throttle, error) {
	t := &throttle{
		from: from, addresses: limits.NewRates[netip.Addr](l.PerAddress),
		principals: limits.NewRates[throttled](l.PerPrincipal), accounts: limits.NewRates[throttled](l.PerAccount),
		connections: limits.NewConnections(l.MaxConnections, l.ConnectionsPerAddress),
		streams:     limits.NewConnections(l.MaxConnections, l.ConnectionsPerAddress),
	}
	for _, text := range l.Exempt {
		p, err := network(text)
		if err != nil {
			return nil, fmt.Errorf("limits.exempt: %w", err)
		}
		t.exempt = append(t.exempt, p)
	}
	return t, nil
}

// network reads a network, or an address as a network of one.
func network(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return p.Masked(), nil
}

// free tells whether an address has no bounds.
func (t *throttle) free(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	for _, p := range t.exempt {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// known tells whether an address has no bound of its own on connections.
func (t *throttle) known(a netip.Addr) bool { return t.free(a) || t.from.trusts(a.WithZone("")) }

// multiplexed serves h while the requests of HTTP/2 under way are no more than there
// may be connections: else who opens few connections could have many times as many
// requests waited for.
func (t *throttle) multiplexed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 {
			h.ServeHTTP(w, r)
			return
		}
		var a netip.Addr
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			a = at.Addr().Unmap()
		}
		client := limits.ClientOf(a)
		if !t.streams.Enter(client, t.known(a)) {
			t.refused.connection.Add(1)
			w.Header().Set("Retry-After", "1")
			text(w, http.StatusServiceUnavailable, "Too many requests are under way: try again.")
			return
		}
		defer t.streams.Leave(client)
		h.ServeHTTP(w, r)
	})
}

// arrive counts a request where it comes from. It fails with Throttling when there
// were too many.
func (t *throttle) arrive(from guard.Origin) error {
	if t.addresses == nil {
		return nil
	}
	if client, bounded := t.client(from); bounded && !t.addresses.Take(client, from.Time) {
		t.refused.address.Add(1)
		return errThrottling()
	}
	return nil
}

// guessed counts a signature that no key makes: that one request counts as ten, so
// that guessing is dear.
func (t *throttle) guessed(from guard.Origin) {
	if t.addresses == nil {
		return
	}
	if client, bounded := t.client(from); bounded {
		t.addresses.Charge(client, guessCost-1, from.Time)
	}
}

// client is for whom a request counts. Those of whom no address is known count
// together: they come by a trusted proxy that does not tell.
func (t *throttle) client(from guard.Origin) (client netip.Addr, bounded bool) {
	a, err := netip.ParseAddr(from.SourceIP)
	if err != nil {
		return netip.Addr{}, true
	}
	a = a.Unmap()
	if t.free(a) {
		return netip.Addr{}, false
	}
	return limits.ClientOf(a), true
}

// admit counts a call of who was verified, first for the account: a principal that
// calls too often uses its account's rate up, but no other account's.
func (t *throttle) admit(c *guard.Caller) error {
	if t.accounts == nil && t.principals == nil || c.Kind == policy.Anonymous {
		return nil
	}
	of := throttled{account: c.Account, service: class(c.Service)}
	if !t.accounts.Take(of, c.Time) {
		t.refused.account.Add(1)
		return errThrottling()
	}
	// Sessions count for their role, or one more session would be one more rate.
	if of.id = c.UniqueID; !t.principals.Take(of, c.Time) {
		t.refused.principal.Add(1)
		return errThrottling()
	}
	return nil
}

// class is the service whose calls count together: any name can be signed for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func class(service string) string {
	switch service {
	case "iam", "sts", "organizations", "access-analyzer", "cloudtrail", "execute-api", "signin", "sellingpartnerapi", "authzen":
		return service
	}
	return "other"
}

func errThrottling() error { return iam.Errorf(iam.CodeThrottling, "Rate exceeded") }

// limited serves h, a door that has no word of its own for who asks too often: AWS's
// actions and the gateway have.
func (t *throttle) limited(h http.Handler) http.Handler {
	if t.addresses == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := t.arrive(t.from.of(r))
		var rule *iam.Error
		if !errors.As(err, &rule) {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		// A client that has gone hears no answer.
		_ = json.NewEncoder(w).Encode(map[string]string{"code": rule.Code, "message": rule.Message})
	})
}

// attending accepts no more connections than there may be: one too many is closed
// at once, before a byte of it is read.
type attending struct {
	net.Listener
	t *throttle
}

// bounded is a listener within the bounds of connections; one that strangers can't
// reach stays as it is.
func (t *throttle) bounded(l net.Listener) net.Listener {
	if tcp, ok := l.(*net.TCPListener); ok {
		return &attending{tcp, t}
	}
	return l
}

// Accept gives the next connection that may be.
func (l *attending) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		var a netip.Addr
		if at, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			a = at.AddrPort().Addr().Unmap()
		}
		client := limits.ClientOf(a)
		if !l.t.connections.Enter(client, l.t.known(a)) {
			l.t.refused.connection.Add(1)
			_ = conn.Close() // which nobody has read from
			continue
		}
		return &attended{TCPConn: tcp, t: l.t, client: client}, nil
	}
}

// attended is a connection that counts until it is closed.
type attended struct {
	*net.TCPConn
	t      *throttle
	client netip.Addr
	closed atomic.Bool
}

// Close ends it.
func (c *attended) Close() error {
	if !c.closed.Swap(true) {
		c.t.connections.Leave(c.client)
	}
	return c.TCPConn.Close()
}
