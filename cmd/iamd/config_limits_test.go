package main

import (
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"iamd/limits"
	"iamd/server"
)

func limited(t *testing.T, file string, environ ...string) (server.Config, error) {
	t.Helper()
	c, err := load(write(t, file), environ)
	if err != nil {
		return server.Config{}, err
	}
	return c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
}

// TestLimits: nothing said is what the page tells, 0 is no bound, and what is said
// reaches the server.
func TestLimits(t *testing.T) {
	for file, want := range map[string]server.Limits{
		"{}": {PerAddress: limits.Rate{PerSecond: 2000, Burst: 4000}, MaxConnections: 10_000, ConnectionsPerAddress: 2000},
		"limits: {per_address: {rate: 0}, max_connections: 0, connections_per_address: 0}": {},
		"limits: {per_address: {rate: 5, burst: 7}, per_principal: {rate: 0.5}, per_account: {rate: 600, burst: 600}, exempt: [10.0.0.0/8], max_connections: 3, connections_per_address: 2}": {
			PerAddress: limits.Rate{PerSecond: 5, Burst: 7}, PerPrincipal: limits.Rate{PerSecond: .5, Burst: 1}, PerAccount: limits.Rate{PerSecond: 600, Burst: 600},
			Exempt: []string{"10.0.0.0/8"}, MaxConnections: 3, ConnectionsPerAddress: 2,
		},
	} {
		if got, err := limited(t, file); err != nil || !reflect.DeepEqual(got.Limits, want) {
			t.Errorf("%s: %+v, %v", file, got.Limits, err)
		}
	}
	got, err := limited(t, "tls: {cert_file: c, key_file: k, client_ca_file: a, min_version: '1.3'}", "IAMD_LIMITS_PER_ACCOUNT_RATE=3", "IAMD_LIMITS_MAX_CONNECTIONS=9", "IAMD_TLS_KEY_FILE=other")
	if err != nil || got.TLS != (server.TLS{CertFile: "c", KeyFile: "other", ClientCAFile: "a", MinVersion: "1.3"}) ||
		got.Limits.PerAccount != (limits.Rate{PerSecond: 3, Burst: 6}) || got.Limits.MaxConnections != 9 {
		t.Errorf("%+v %+v %v", got.TLS, got.Limits, err)
	}
	for file, want := range map[string]string{
		"limits: {per_address: {rate: -1}}":        "limits.per_address.rate",
		"limits: {per_account: {rate: .nan}}":      "limits.per_account.rate",
		"limits: {per_account: {rate: 0.001}}":     "limits.per_account.rate",
		"limits: {per_principal: {burst: 5}}":      "limits.per_principal.burst",
		"limits: {per_address: {burst: 0}}":        "limits.per_address.burst",
		"limits: {max_connections: -1}":            "limits.max_connections",
		"limits: {connections_per_addres: 1}":      "connections_per_addres",
		"limits: {per_address: {rate: 1, ton: 2}}": "ton",
	} {
		if _, err := limited(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
