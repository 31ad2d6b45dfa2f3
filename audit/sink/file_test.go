package sink

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func newFile(t *testing.T, cfg File) *file {
	t.Helper()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	f, err := openFile(cfg, func() time.Time { at = at.Add(time.Second); return at }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func put(t *testing.T, f *file, events ...string) {
	t.Helper()
	var list [][]byte
	for _, e := range events {
		list = append(list, []byte(e))
	}
	if err := f.Write(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestFileLines: each event is one line, whatever it was stored as, in a file that
// only its owner reads.
func TestFileLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	f := newFile(t, File{Path: path})
	put(t, f, `{"a":1}`, "{\n\"a\":\r\n2}", "no\njson")
	if got, want := read(t, path), "{\"a\":1}\n{\"a\":2}\n\"no\\njson\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if os.PathSeparator == '/' && info.Mode() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
}

// TestFileMoved: a file that was renamed, removed or truncated by others is made
// anew, or gone on with.
func TestFileMoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.log")
	f := newFile(t, File{Path: path})
	put(t, f, "1")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	put(t, f, "2")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, f, "3")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	put(t, f, "4")
	if old, now := read(t, path+".old"), read(t, path); old != "1\n" || now != "4\n" {
		t.Errorf("got %q and %q", old, now)
	}
}

// TestFileTorn: a line that a crash broke off is taken away, and whole ones stay.
func TestFileTorn(t *testing.T) {
	for before, want := range map[string]string{
		"": "new\n", "one\n": "one\nnew\n", "one\ntw": "one\nnew\n", "on": "new\n", "\n": "\nnew\n",
	} {
		path := filepath.Join(t.TempDir(), "audit.log")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		put(t, newFile(t, File{Path: path}), "new")
		if got := read(t, path); got != want {
			t.Errorf("after %q: %q, want %q", before, got, want)
		}
	}
}

// TestRotation: full files get names in the order of time, so many are kept, whole,
// and nobody else's are touched.
func TestRotation(t *testing.T) {
	for _, compress := range []bool{false, true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "audit.log")
		foreign := []string{"audit.log.bak", "audit.log.20200101", "audit.logs", "audit.log.20200101T000000.000000000Z.gz.partial"}
		for _, name := range foreign {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		left := path + ".20200101T000000.000000000Z.gz.part" // by a crash
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		f := newFile(t, File{Path: path, MaxSize: MinSize, Keep: 2, Compress: compress})
		long := strings.Repeat("x", MinSize*2/3)
		for i := range 6 {
			put(t, f, fmt.Sprintf(`"%d%s"`, i, long))
		}
		var full []string
		for _, name := range names(t, dir) {
			if name != "audit.log" && !slices.Contains(foreign, name) {
				full = append(full, name)
			}
		}
		if len(full) != 2 || len(names(t, dir)) != len(foreign)+3 {
			t.Fatalf("compress %v: %v", compress, names(t, dir))
		}
		for i, name := range full {
			if strings.HasSuffix(name, ".gz") != compress {
				t.Errorf("compress %v: %s", compress, name)
			}
			text := read(t, filepath.Join(dir, name))
			if compress {
				z, err := gzip.NewReader(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				whole, err := io.ReadAll(z)
				if err != nil {
					t.Fatal(err)
				}
				text = string(whole)
			}
			if want := fmt.Sprintf(`"%d%s"`+"\n", i+3, long); text != want {
				t.Errorf("%s holds %.10q…", name, text)
			}
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || os.PathSeparator == '/' && info.Mode() != 0o600 {
				t.Errorf("%s: %v %v", name, info, err)
			}
		}
		if got := read(t, path); !strings.HasPrefix(got, `"5x`) {
			t.Errorf("the file holds %.10q…", got)
		}
	}
}

// TestRotationOneMoment: full files of one moment all stay.
func TestRotationOneMoment(t *testing.T) {
	dir := t.TempDir()
	f, err := openFile(File{Path: filepath.Join(dir, "a"), MaxSize: MinSize}, func() time.Time { return time.Unix(0, 0) }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		put(t, f, strings.Repeat("x", MinSize))
	}
	if got := names(t, dir); len(got) != 4 {
		t.Errorf("got %v", got)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestFileAway: a directory that goes away is an error, and no end: what comes once
// it is back is written.
func TestFileAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "audit.log")
	f := newFile(t, File{Path: path})
	put(t, f, "1")
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(context.Background(), [][]byte{[]byte("2")}); err == nil {
		t.Error("written to nowhere")
	}
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	put(t, f, "2")
	if got := read(t, path); got != "1\n2\n" {
		t.Errorf("got %q", got)
	}
}

// TestFileRefused: what is no file to be written to is an error at the start.
func TestFileRefused(t *testing.T) {
	dir := t.TempDir()
	for want, cfg := range map[string]File{
		"no path":               {},
		"no regular file":       {Path: dir},
		fs.ErrNotExist.Error():  {Path: filepath.Join(dir, "none", "audit.log")},
		"the least is 1000000":  {Path: filepath.Join(dir, "a"), MaxSize: 10},
		"it goes from 1 to 100": {Path: filepath.Join(dir, "a"), Keep: -1},
	} {
		if _, err := openFile(cfg, time.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "no such file") {
			t.Errorf("%+v: %v, want %s", cfg, err, want)
		}
	}
}

// FuzzLine: whatever an event is, it is one line of JSON, if it was JSON or not.
func FuzzLine(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "{\n}", "\r", "", "{\"a\":\"\\n\"}", "\xff\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		line := appendLine(nil, event)
		if n := strings.Count(string(line), "\n"); n != 1 || strings.Contains(string(line), "\r") {
			t.Fatalf("%q has %d ends", line, n)
		}
		if json.Valid(event) && !json.Valid(line) {
			t.Fatalf("%q was JSON, and %q is none", event, line)
		}
	})
}
