package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestAuditSettings: what the file says is what the server gets.
func TestAuditSettings(t *testing.T) {
	c, err := load(write(t, `audit:
  history: 30d
  record: writes
  node: n1
  sinks:
    - file: /var/log/iamd/audit.log
      max_size: 64MiB
      keep: 3
      compress: true
    - stdout: true
    - http: https://collector.example/in
      name: collector
      headers_file: headers
      timeout: 3s
      batch: 50
      gzip: true
    - file: other
      max_size: 2000000
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
	if err != nil || got.Audit.History != 720*time.Hour || !got.Audit.WritesOnly || got.Audit.Node != "n1" || got.Audit.Sinks != nil {
		t.Errorf("%+v %v", got.Audit, err)
	}
	list, err := c.Audit.sinks(io.Discard, nil)
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	if f := list[0].File; f.Path != "/var/log/iamd/audit.log" || f.MaxSize != 64<<20 || f.Keep != 3 || !f.Compress {
		t.Errorf("the file: %+v", f)
	}
	if list[1].Writer == nil || list[3].File.MaxSize != 2_000_000 {
		t.Errorf("%+v", list)
	}
	if h := list[2].HTTP; list[2].Name != "collector" || h.URL != "https://collector.example/in" || h.HeadersFile != "headers" || h.Timeout != 3*time.Second || h.Batch != 50 || !h.Gzip {
		t.Errorf("http: %+v", h)
	}
	c, err = load("", []string{`IAMD_AUDIT_SINKS=[{"stdout": true}]`, "IAMD_AUDIT_HISTORY=48h"})
	if err != nil || len(c.Audit.Sinks) != 1 || time.Duration(c.Audit.History) != 48*time.Hour {
		t.Errorf("%+v %v", c.Audit, err)
	}
}

// TestAuditMistakes: each is told of in words that say what to write.
func TestAuditMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"record: reads":                            `audit.record "reads" is none: write all or writes`,
		"history: 10":                              `is no time: write 90d or 2160h`,
		"history: 30m":                             "audit.history: 30m0s is not from 1h0m0s to",
		"history: -1d":                             "is no time",
		"history: 65000d":                          "is not from",
		"node: \"a\\nb\"":                          "audit.node is no name",
		"sinks: [{}]":                              "number 1: it leads to one of file: PATH, stdout: true and http: URL",
		"sinks: [{stdout: true, file: a}]":         "it leads to one of",
		"sinks: [{stdout: false}]":                 "it leads to one of",
		"sinks: [{stdout: true, keep: 3}]":         "max_size, keep and compress are a file's",
		"sinks: [{file: a, batch: 3}]":             "headers_file, timeout, batch and gzip are those of http",
		"sinks: [{file: a, max_size: 10}]":         "are less than 1000000",
		"sinks: [{file: a, max_size: 10XB}]":       "is no size: write 100MB, 64MiB or a number of bytes",
		"sinks: [{file: a, max_size: 9999999TB}]":  "is no size",
		"sinks: [{file: a, keep: 0}]":              "keep: 0 is not from 1 to",
		"sinks: [{http: 'http://a', batch: 0}]":    "batch: 0 is not from 1 to",
		"sinks: [{http: 'http://a', timeout: 0s}]": "timeout: 0s is not from",
		"sinks: [{fil: a}]":                        "unknown field",
		"sink: []":                                 "unknown field",
	} {
		c, err := load(write(t, "audit: {"+text+"}"), nil)
		if err == nil {
			_, err = c.server(func(string) string { return "" }, slog.New(slog.DiscardHandler))
		}
		if err == nil {
			_, err = c.Audit.sinks(io.Discard, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
