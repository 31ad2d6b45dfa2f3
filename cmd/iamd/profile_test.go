package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var keyEntries = []entry{{"aws_access_key_id", "AKIA1"}, {"aws_secret_access_key", "s3cret"}}

const keySection = "[me]\naws_access_key_id = AKIA1\naws_secret_access_key = s3cret\n"

// A secret goes to files only that nobody else can open.
func TestAppendSection(t *testing.T) {
	const before = "# mine\r\n[other]\n\tkey=\xff"
	for _, c := range []struct {
		name    string
		mode    fs.FileMode // 0: there is no file
		private bool
		was     fs.FileMode
		want    fs.FileMode
	}{
		{"all may read", 0o644, true, 0o644, 0o600},
		{"all may write", 0o666, true, 0o666, 0o600},
		{"the group may read", 0o640, true, 0o640, 0o600},
		{"closed", 0o600, true, 0, 0o600},
		{"new", 0, true, 0, 0o600},
		{"no secret", 0o644, false, 0, 0o644},
		{"new, no secret", 0, false, 0, 0o600},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, text := filepath.Join(t.TempDir(), "aws", "file"), ""
			if c.mode != 0 {
				text = before
				put(t, path, text, c.mode)
			}
			was, err := appendSection(path, []byte(text), "me", keyEntries, c.private)
			if err != nil || was != c.was {
				t.Errorf("was %04o, want %04o; %v", was, c.was, err)
			}
			want := keySection
			if text != "" {
				want = before + "\n\n" + keySection
			}
			holds(t, path, want, c.want)
		})
	}
}

// The user's own link is followed, and it is what it leads to that is closed.
func TestAppendSectionByLink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "dotfiles", "credentials"), filepath.Join(dir, "credentials")
	put(t, file, "[other]\n", 0o644)
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if was, err := appendSection(link, []byte("[other]\n"), "me", keyEntries, true); err != nil || was != 0o644 {
		t.Errorf("was %04o; %v", was, err)
	}
	holds(t, file, "[other]\n\n"+keySection, 0o600)
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link leads to %q; %v", to, err)
	}
}

// What is no file takes no secret, as its mode says nothing of who reads it.
func TestAppendSectionNoFile(t *testing.T) {
	if _, err := appendSection(os.DevNull, nil, "me", keyEntries, true); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a device: %v", err)
	}
	if _, err := appendSection(os.DevNull, nil, "me", nil, false); err != nil && strings.Contains(err.Error(), "regular") {
		t.Errorf("a device, without a secret: %v", err)
	}
	path := filepath.Join(t.TempDir(), "credentials")
	put(t, path, "", 0o644)
	if _, err := appendSection(path, nil, "me", []entry{{"k", "a\n[default]"}}, true); err == nil {
		t.Error("a value of two lines was written")
	}
	holds(t, path, "", 0o644)
}

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Errorf("%s holds %q, want %q; %v", path, got, text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
		t.Errorf("%s: %v, want mode %04o; %v", path, info, mode, err)
	}
}
