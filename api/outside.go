package api

import (
	"context"
	"crypto/sha1" // AWS's thumbprints are made by it
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"iamd/iam"
	"iamd/limits"
)

// Outside says how other people's servers are reached. The zero value is the
// system's own network, with its certificate authorities.
type Outside struct {
	// Dial opens a connection to host:port; nil: by the system, and never to a
	// loopback address or one of a link, where metadata services are.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are whose certificates are believed; nil: those that the system has.
	Roots *x509.CertPool
}

const (
	// outsideTime is how long one connection may take, outsideCalls how many are
	// made at once, and accountOutside how many of them for one account: requests
	// choose whom they lead to, and whom they wait for.
	outsideTime    = 5 * time.Second
	outsideCalls   = 8
	accountOutside = 2
)

// outside makes connections to whom requests name.
type outside struct {
	Outside
	now   func() time.Time
	turns *limits.Turns
}

func newOutside(cfg Outside, now func() time.Time) *outside {
	if cfg.Dial == nil {
		d := &net.Dialer{Timeout: outsideTime, ControlContext: elsewhere}
		cfg.Dial = d.DialContext
	}
	return &outside{cfg, now, limits.NewTurns(outsideCalls, accountOutside)}
}

// elsewhere refuses, once a name was resolved, addresses at which a caller has
// no business: those of the loopback and of a link, and those that are nobody's.
// Private networks stay open: providers of one's own live there.
func elsewhere(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("api: address %q: %w", address, err)
	}
	ip := to.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return errors.New("api: no address that may be called: " + address)
	}
	return nil
}

// thumbprint is that of the last certificate which the host of a URL shows, its
// topmost authority's. The host must prove itself by a certificate that is
// believed here: a thumbprint that somebody on the way put forward would be
// trusted from then on. Whatever fails reads the same to the caller, so that
// nobody maps a network by it. The account is whose call it is.
func (o *outside) thumbprint(ctx context.Context, account, address string) (thumbprint string, err error) {
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
	err = o.turns.Do(ctx, account, func() error {
		ctx, cancel := context.WithTimeout(ctx, outsideTime)
		defer cancel()
		last, err := o.lastCertificate(ctx, host)
		if err != nil {
			return &iam.Error{Code: iam.CodeOpenIDIdpCommunication, Message: "Could not connect to " + address, Err: err}
		}
		sum := sha1.Sum(last.Raw)
		thumbprint = hex.EncodeToString(sum[:])
		return nil
	})
	return thumbprint, err
}

func (o *outside) lastCertificate(ctx context.Context, host string) (_ *x509.Certificate, err error) {
	plain, err := o.Dial(ctx, "tcp", net.JoinHostPort(host, "443"))
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, &tls.Config{ServerName: host, RootCAs: o.Roots, Time: o.now, MinVersion: tls.VersionTLS12})
	err = conn.HandshakeContext(ctx)
	shown := conn.ConnectionState().PeerCertificates
	// Nothing is sent: an error in closing loses nothing.
	_ = plain.Close()
	if err != nil {
		return nil, err
	}
	return shown[len(shown)-1], nil
}
