package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// files are the AWS CLI's configuration files.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
type files struct{ credentials, config string }

func profileFiles(getenv func(string) string) (files, error) {
	f := files{getenv("AWS_SHARED_CREDENTIALS_FILE"), getenv("AWS_CONFIG_FILE")}
	if f.credentials != "" && f.config != "" {
		return f, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return f, fmt.Errorf("no home directory for .aws: set AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE: %w", err)
	}
	if f.credentials == "" {
		f.credentials = filepath.Join(home, ".aws", "credentials")
	}
	if f.config == "" {
		f.config = filepath.Join(home, ".aws", "config")
	}
	return f, nil
}

// entry is a key and a value of a section; a key that begins with spaces belongs
// to the one before it.
type entry struct{ key, value string }

// profiles writes the user's profile and the role's.
func (w *workflow) profiles(context.Context) error {
	name := w.flags.profile
	id, secret, err := readKeyFile(w.keyFile())
	switch {
	case err == nil:
		if err := w.section("profile "+name, w.files.credentials, name,
			[]entry{{"aws_access_key_id", id}, {"aws_secret_access_key", secret}}); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case w.flags.dryRun:
		w.wouldClose(w.files.credentials)
		w.say("would", "make profile %s in %s", name, w.files.credentials)
	default:
		w.say("skipped", "profile %s in %s: the secret key is not here", name, w.files.credentials)
	}
	common := []entry{{"region", w.region}}
	if w.endpoint != "" {
		common = append(common, entry{"endpoint_url", w.endpoint}, entry{"services", name})
		// The SDK for Go, and so Terraform, asks STS for a profile's role before
		// it reads endpoint_url; a service's own endpoint it does know by then.
		if err := w.section("endpoints of profile "+name, w.files.config, "services "+name,
			[]entry{{"sts", ""}, {"  endpoint_url", w.endpoint}}); err != nil {
			return err
		}
	}
	if err := w.section("settings of profile "+name, w.files.config, "profile "+name, common); err != nil {
		return err
	}
	return w.section("profile "+name+"-role", w.files.config, "profile "+name+"-role",
		append([]entry{{"role_arn", w.roleARN()}, {"source_profile", name}}, common...))
}

// section appends a section to a file, unless it is there.
func (w *workflow) section(what, path, name string, entries []entry) error {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	have, there := readSection(text, name)
	if !there {
		return w.add(what+" in "+path, path, text, name, entries)
	}
	w.say("exists", "%s in %s", what, path)
	for _, e := range entries {
		if key := strings.TrimSpace(e.key); have[key] != e.value {
			// The value may be a secret: it is not told.
			w.differs("%s in %s: %s is not what it should be", what, path, key)
		}
	}
	return nil
}

// readSection finds the values of a section of an INI file.
func readSection(text []byte, name string) (map[string]string, bool) {
	var have map[string]string
	in := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if head, ok := strings.CutPrefix(line, "["); ok {
			head, _, _ = strings.Cut(head, "]")
			if in = strings.Join(strings.Fields(head), " ") == name; in && have == nil {
				have = map[string]string{}
			}
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && in && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			have[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return have, have != nil
}

// add makes a section. A file that is to hold a secret is made the user's alone
// first, which is told.
func (w *workflow) add(what, path string, text []byte, name string, entries []entry) error {
	private := path == w.files.credentials
	if w.flags.dryRun && private {
		w.wouldClose(path)
	}
	return w.ensure(what, false, func() error {
		was, err := appendSection(path, text, name, entries, private)
		if was != 0 {
			w.say("closed", "%s: its mode is 0600 now; it was %04o, and others could open it", path, was)
		}
		return err
	})
}

func (w *workflow) wouldClose(path string) {
	if info, err := os.Stat(path); err == nil && opens(info) {
		w.say("would", "set the mode of %s to 0600: it is %04o, and others can open it", path, info.Mode().Perm())
	}
}

// opens tells whether a file's mode lets anyone in but its owner. Windows has no
// modes: who opens a file there is said by its directory.
func opens(info fs.FileInfo) bool { return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 }

// appendSection writes behind what is there, which stays as it is, byte for
// byte. A new file is the owner's alone; a private one is made so before
// anything is written, and nothing is when that can't be done. It tells the mode
// that the file had, or 0 when that was left as it was.
func appendSection(path string, text []byte, name string, entries []entry, private bool) (was fs.FileMode, err error) {
	var add bytes.Buffer
	if len(text) > 0 {
		if text[len(text)-1] != '\n' {
			add.WriteByte('\n')
		}
		add.WriteByte('\n')
	}
	fmt.Fprintf(&add, "[%s]\n", name)
	for _, e := range entries {
		if strings.ContainsAny(e.value, "\r\n") {
			return 0, fmt.Errorf("%s holds a line break", e.key)
		}
		add.WriteString(strings.TrimRight(e.key+" = "+e.value, " ") + "\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if private {
		if was, err = closeToOthers(f); err != nil {
			return was, err
		}
	}
	_, err = f.Write(add.Bytes())
	return was, errors.Join(err, f.Sync())
}

// closeToOthers makes an open file its owner's alone. It looks at what was
// opened and not at its path, which may lead elsewhere by now. Only the owner
// may change a mode, so that a file which someone else laid there is refused
// unless it is closed to them already.
func closeToOthers(f *os.File) (was fs.FileMode, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is no regular file: the secret key is not written to it", f.Name())
	}
	if !opens(info) {
		return 0, nil
	}
	if err := f.Chmod(0o600); err != nil {
		return 0, fmt.Errorf("others can open %s, so the secret key is not written to it: set its mode to 0600: %w", f.Name(), err)
	}
	after, err := f.Stat()
	if err != nil {
		return 0, err
	}
	// Some file systems take a mode and keep none.
	if opens(after) {
		return 0, fmt.Errorf("others can open %s, whose file system keeps no modes, so the secret key is not written to it: "+
			"name another file in AWS_SHARED_CREDENTIALS_FILE", f.Name())
	}
	return info.Mode().Perm(), nil
}
