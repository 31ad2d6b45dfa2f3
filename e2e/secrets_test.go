package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secrets are the secret keys and session tokens that a run saw.
type secrets struct{ all []string }

func (s *secrets) add(list ...string) {
	for _, text := range list {
		if text != "" {
			s.all = append(s.all, text)
		}
	}
}

// in tells whether any of them stands in data, as it is or in one of the forms
// that it could be written in by mistake.
func (s *secrets) in(data []byte) bool {
	for _, text := range s.all {
		raw := []byte(text)
		for _, form := range []string{text, hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), strings.ReplaceAll(text, "/", `\/`)} {
			if bytes.Contains(data, []byte(form)) {
				return true
			}
		}
	}
	return false
}

// absent checks that no secret stands in the data directory, but in the files
// that are for handing out, nor in what the program printed after its greeting.
func (s *secrets) absent(t *testing.T, p *process, dir, keyID string) {
	t.Helper()
	if len(s.all) < 4 {
		t.Fatalf("the run saw %d secrets only", len(s.all))
	}
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found = found || bytes.Contains(data, []byte(keyID))
		handedOut := strings.HasSuffix(path, ".csv")
		if handedOut != s.in(data) {
			t.Errorf("%s holds secrets: %v", path, !handedOut)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Were rows unreadable as they stand, the search would prove nothing.
	if !found {
		t.Errorf("no file of %s holds the key id %s", dir, keyID)
	}
	if s.in(p.stderr.Bytes()) {
		t.Error("the log holds secrets")
	}
	for line := range strings.Lines(p.stdout.String()) {
		if s.in([]byte(line)) && !strings.Contains(line, "export AWS_SECRET_ACCESS_KEY=") && !strings.HasPrefix(line, "  Password  ") {
			t.Error("the program printed a secret besides the root key and password on its first start")
		}
	}
}
