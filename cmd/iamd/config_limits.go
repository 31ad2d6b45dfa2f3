package main

import (
	"errors"
	"fmt"

	"iamd/limits"
	"iamd/server"
)

// limitsConfig bounds how often clients call, and how many are connected.
type limitsConfig struct {
	PerAddress   rateConfig `yaml:"per_address"`
	PerPrincipal rateConfig `yaml:"per_principal"`
	PerAccount   rateConfig `yaml:"per_account"`
	Exempt       []string   `yaml:"exempt"`
	// Connections are nil where nothing was said.
	ConnectionsPerAddress *int `yaml:"connections_per_address"`
	MaxConnections        *int `yaml:"max_connections"`
}

// rateConfig is a rate; nil where nothing was said, and no bound at 0.
type rateConfig struct {
	Rate  *float64 `yaml:"rate"` // a second
	Burst *int     `yaml:"burst"`
}

// tlsConfig is the certificate that the APIs and the gateway answer by.
type tlsConfig struct {
	CertFile     string `yaml:"cert_file"`
	KeyFile      string `yaml:"key_file"`
	ClientCAFile string `yaml:"client_ca_file"`
	MinVersion   string `yaml:"min_version"`
}

// Bounds unless the configuration says otherwise. They are far above what one client
// of AWS's own services may do, and this machine's own addresses have none: they are
// there so that one stranger takes neither all processors nor all memory.
const (
	defaultPerAddress            = 2000 // requests a second
	defaultMaxConnections        = 10_000
	defaultConnectionsPerAddress = 2000
)

func (c *config) limitSettings() []setting {
	l := &c.Limits
	return []setting{
		{"limits.per_address.rate", &l.PerAddress.Rate},
		{"limits.per_address.burst", &l.PerAddress.Burst},
		{"limits.per_principal.rate", &l.PerPrincipal.Rate},
		{"limits.per_principal.burst", &l.PerPrincipal.Burst},
		{"limits.per_account.rate", &l.PerAccount.Rate},
		{"limits.per_account.burst", &l.PerAccount.Burst},
		{"limits.exempt", &l.Exempt},
		{"limits.connections_per_address", &l.ConnectionsPerAddress},
		{"limits.max_connections", &l.MaxConnections},
		{"tls.cert_file", &c.TLS.CertFile},
		{"tls.key_file", &c.TLS.KeyFile},
		{"tls.client_ca_file", &c.TLS.ClientCAFile},
		{"tls.min_version", &c.TLS.MinVersion},
	}
}

// limiting hands the bounds and the certificate to the server.
func (c *config) limiting(out *server.Config) (err error) {
	out.TLS = server.TLS{CertFile: c.TLS.CertFile, KeyFile: c.TLS.KeyFile, ClientCAFile: c.TLS.ClientCAFile, MinVersion: c.TLS.MinVersion}
	in, to := c.Limits, &out.Limits
	to.Exempt = in.Exempt
	for _, r := range []struct {
		key  string
		in   rateConfig
		none float64
		to   *limits.Rate
	}{
		{"limits.per_address", in.PerAddress, defaultPerAddress, &to.PerAddress},
		{"limits.per_principal", in.PerPrincipal, 0, &to.PerPrincipal},
		{"limits.per_account", in.PerAccount, 0, &to.PerAccount},
	} {
		if *r.to, err = r.in.rate(r.none); err != nil {
			return usagef("%s%w", r.key, err)
		}
	}
	for _, n := range []struct {
		key  string
		in   *int
		none int
		to   *int
	}{
		{"limits.connections_per_address", in.ConnectionsPerAddress, defaultConnectionsPerAddress, &to.ConnectionsPerAddress},
		{"limits.max_connections", in.MaxConnections, defaultMaxConnections, &to.MaxConnections},
	} {
		*n.to = n.none
		if n.in != nil {
			*n.to = *n.in
		}
		if *n.to < 0 {
			return usagef("%s: %d is no number of connections: write 0 for no bound", n.key, *n.to)
		}
	}
	return nil
}

// rate is the rate as it is configured, or one of none a second.
func (r rateConfig) rate(none float64) (limits.Rate, error) {
	out := limits.Rate{PerSecond: none}
	if r.Rate != nil {
		out.PerSecond = *r.Rate
	}
	if s := out.PerSecond; s != 0 && !(s >= limits.MinPerSecond && s <= limits.MaxPerSecond) {
		return out, fmt.Errorf(".rate: %v a second is no rate: write a number from %v to %v, or 0 for no bound", s, limits.MinPerSecond, float64(limits.MaxPerSecond))
	}
	if r.Burst == nil {
		if out.PerSecond > 0 {
			out.Burst = int(max(2*out.PerSecond, 1))
		}
		return out, nil
	}
	if out.Burst = *r.Burst; out.Burst < 1 || out.Burst > limits.MaxBurst {
		return out, fmt.Errorf(".burst: %d is none: write a number from 1 to %d", out.Burst, int(limits.MaxBurst))
	}
	if out.PerSecond == 0 {
		return out, errors.New(".burst: without a rate there is no bound: write .rate too")
	}
	return out, nil
}
