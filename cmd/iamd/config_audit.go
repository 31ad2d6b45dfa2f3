package main

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"iamd/audit/sink"
	"iamd/server"
)

// auditConfig says which events are kept, and where they go besides.
type auditConfig struct {
	History days         `yaml:"history"`
	Record  string       `yaml:"record"` // all, writes
	Node    string       `yaml:"node"`
	Sinks   []sinkConfig `yaml:"sinks"`
}

// sinkConfig is one sink: a file, stdout, or http.
type sinkConfig struct {
	Name string `yaml:"name"`

	File     string    `yaml:"file"`
	MaxSize  *byteSize `yaml:"max_size"`
	Keep     *int      `yaml:"keep"`
	Compress bool      `yaml:"compress"`

	Stdout bool `yaml:"stdout"`

	HTTP        string         `yaml:"http"`
	HeadersFile string         `yaml:"headers_file"`
	Timeout     *time.Duration `yaml:"timeout"`
	Batch       *int           `yaml:"batch"`
	Gzip        bool           `yaml:"gzip"`
}

func (c *config) auditSettings() []setting {
	return []setting{
		{"audit.history", &c.Audit.History},
		{"audit.record", &c.Audit.Record},
		{"audit.node", &c.Audit.Node},
		{"audit.sinks", &c.Audit.Sinks},
	}
}

// auditing sets what is kept. Where events go besides is for serve alone: other
// commands end at once, and what they wrote is read by the next server.
func (c *config) auditing(out *server.Config) error {
	a := c.Audit
	out.Audit = server.Audit{History: time.Duration(a.History), Node: a.Node}
	switch a.Record {
	case "", "all":
	case "writes":
		out.Audit.WritesOnly = true
	default:
		return usagef("audit.record %q is none: write all or writes", a.Record)
	}
	if h := out.Audit.History; h != 0 && (h < server.LeastHistory || h > server.MostHistory) {
		return usagef("audit.history: %s is not from %s to %s", h, server.LeastHistory, server.MostHistory)
	}
	if a.Node != "" && (len(a.Node) > 255 || strings.ContainsFunc(a.Node, func(r rune) bool { return r < ' ' || r > '~' })) {
		return usagef("audit.node is no name of up to 255 visible ASCII characters")
	}
	return nil
}

// sinks are the sinks of a server that prints to w once ready is closed.
func (a *auditConfig) sinks(w io.Writer, ready <-chan struct{}) ([]sink.Spec, error) {
	var list []sink.Spec
	for i := range a.Sinks {
		spec, err := a.Sinks[i].spec(w, ready)
		if err != nil {
			return nil, usagef("audit.sinks: number %d: %w", i+1, err)
		}
		list = append(list, spec)
	}
	return list, nil
}

func (s *sinkConfig) spec(w io.Writer, ready <-chan struct{}) (sink.Spec, error) {
	out := sink.Spec{Name: s.Name}
	kinds := 0
	for _, there := range []bool{s.File != "", s.Stdout, s.HTTP != ""} {
		if there {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return out, usagef("it leads to one of file: PATH, stdout: true and http: URL")
	case s.File == "" && (s.MaxSize != nil || s.Keep != nil || s.Compress):
		return out, usagef("max_size, keep and compress are a file's")
	case s.HTTP == "" && (s.HeadersFile != "" || s.Timeout != nil || s.Batch != nil || s.Gzip):
		return out, usagef("headers_file, timeout, batch and gzip are those of http")
	case len(s.Name) > 255:
		return out, usagef("its name is longer than 255 bytes")
	}
	switch {
	case s.File != "":
		f := &sink.File{Path: s.File, Compress: s.Compress}
		if s.MaxSize != nil {
			if f.MaxSize = int64(*s.MaxSize); f.MaxSize < sink.MinSize {
				return out, usagef("max_size: %d bytes are less than %d", f.MaxSize, sink.MinSize)
			}
		}
		if s.Keep != nil {
			if f.Keep = *s.Keep; f.Keep < 1 || f.Keep > sink.MaxKeep {
				return out, usagef("keep: %d is not from 1 to %d", f.Keep, sink.MaxKeep)
			}
		}
		out.File = f
	case s.Stdout:
		out.Writer = &sink.Writer{Name: "stdout", To: w, Ready: ready}
	default:
		h := &sink.HTTP{URL: s.HTTP, HeadersFile: s.HeadersFile, Gzip: s.Gzip}
		if s.Timeout != nil {
			if h.Timeout = *s.Timeout; h.Timeout < time.Millisecond || h.Timeout > time.Hour {
				return out, usagef("timeout: %s is not from 1ms to 1h", h.Timeout)
			}
		}
		if s.Batch != nil {
			if h.Batch = *s.Batch; h.Batch < 1 || h.Batch > sink.MaxBatch {
				return out, usagef("batch: %d is not from 1 to %d", h.Batch, sink.MaxBatch)
			}
		}
		out.HTTP = h
	}
	return out, nil
}

// days is a time that may be written in days: 90d, or 2160h.
type days time.Duration

// UnmarshalYAML takes either form.
func (d *days) UnmarshalYAML(text []byte) error {
	var s string
	if err := yaml.Unmarshal(text, &s); err != nil {
		return err
	}
	if number, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(number, 10, 16); err == nil {
			*d = days(n) * days(24*time.Hour)
			return nil
		}
	}
	span, err := time.ParseDuration(s)
	if err != nil {
		return usagef("%q is no time: write 90d or 2160h", s)
	}
	*d = days(span)
	return nil
}

// byteSize is a number of bytes that may be written with a unit: 100MB, 64MiB.
type byteSize int64

// UnmarshalYAML takes either form.
func (b *byteSize) UnmarshalYAML(text []byte) error {
	var s string
	if err := yaml.Unmarshal(text, &s); err != nil {
		return err
	}
	number := strings.TrimRight(s, "KMGTiB")
	unit, known := map[string]int64{
		"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[s[len(number):]]
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 62)
	if err != nil || !known || int64(n) > (1<<62)/unit {
		return usagef("%q is no size: write 100MB, 64MiB or a number of bytes", s)
	}
	*b = byteSize(int64(n) * unit)
	return nil
}
