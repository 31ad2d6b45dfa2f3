package main

import (
	"log/slog"
	"testing"

	"github.com/spf13/pflag"
)

// TestPublicURL: by file, environment and flag, the last one ruling.
func TestPublicURL(t *testing.T) {
	t.Setenv("IAMD_CONFIG", write(t, "public_url: https://file.example.com"))
	known := func(args ...string) string {
		t.Helper()
		var f flags
		f.bind(pflag.NewFlagSet("", pflag.ContinueOnError), true)
		if err := f.set.Parse(args); err != nil {
			t.Fatal(err)
		}
		c, err := f.config()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return out.PublicURL
	}
	if got := known(); got != "https://file.example.com" {
		t.Errorf("by file: %q", got)
	}
	t.Setenv("IAMD_PUBLIC_URL", "https://env.example.com")
	if got := known(); got != "https://env.example.com" {
		t.Errorf("by environment: %q", got)
	}
	if got := known("--public-url", "https://flag.example.com"); got != "https://flag.example.com" {
		t.Errorf("by flag: %q", got)
	}
}
