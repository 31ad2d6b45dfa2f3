package main

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/spf13/pflag"
)

// TestStandInSettings: file, environment and flags reach the server.
func TestStandInSettings(t *testing.T) {
	t.Setenv("IAMD_TLS_LISTEN", "127.0.0.1:1")
	t.Setenv("IAMD_STAND_IN_DOCUMENTS", "[a, b]")
	var f flags
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.bind(set, true)
	file := write(t, "tls_listen: 127.0.0.1:2\nstand_in: {authorization: LWA, documents: models, resource_policy: {Version: '2012-10-17'}}")
	if err := set.Parse([]string{"--config", file, "--stand-in", "sp-api"}); err != nil {
		t.Fatal(err)
	}
	c, err := f.config()
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	in := got.StandIn
	if got.TLSListen != "127.0.0.1:1" || in.Name != "sp-api" || in.Authorization != "LWA" || !slices.Equal(in.Documents, []string{"a", "b"}) ||
		in.ResourcePolicy != `{"Version":"2012-10-17"}` {
		t.Errorf("%q %+v", got.TLSListen, in)
	}
	for text, want := range map[string][]string{"models": {"models"}, "[models]": {"models"}, "[]": {}, "''": nil} {
		c, err := load(write(t, "stand_in: {documents: "+text+"}"), nil)
		if err != nil || !slices.Equal(c.StandIn.Documents, want) {
			t.Errorf("%s: %q %v", text, c.StandIn.Documents, err)
		}
	}
	if _, err := load(write(t, "stand_in: {documents: {a: b}}"), nil); err == nil {
		t.Error("a mapping is a list of paths")
	}
}
