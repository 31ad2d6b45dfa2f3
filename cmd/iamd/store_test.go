package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupOfServer backs a server's store up, and serves from that.
func TestBackupOfServer(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "listen: 127.0.0.1:0\ngateway:\n  listen: 127.0.0.1:0\n  apis:\n    - {id: a, account: 000000000012, upstream: \"http://127.0.0.1:1\"}\n")
	data, restored := filepath.Join(dir, "d"), filepath.Join(dir, "restored")
	t.Setenv("IAMD_ACCOUNT_ID", "000000000012")
	serving(t, "--config", file, "--data-dir", data)
	if err := command(t.Context(), io.Discard, "account", "create", "second", "--data-dir", data); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(dir, "iamd.backup")
	if err := command(t.Context(), io.Discard, "store", "backup", backup, "--data-dir", data); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for _, left := range []string{filepath.Join(data, "*.backup"), filepath.Join(dir, ".iamd*")} {
		if list, err := filepath.Glob(left); err != nil || len(list) > 0 {
			t.Errorf("it left %v, %v", list, err)
		}
	}
	if err := command(t.Context(), io.Discard, "store", "backup", backup, "--data-dir", data); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("over a file: %v", err)
	}
	if err := command(t.Context(), io.Discard, "store", "copy", data, filepath.Join(dir, "copy")); err == nil || !strings.Contains(err.Error(), "another process (pid ") {
		t.Errorf("a copy of a store in use: %v", err)
	}

	keys, err := os.ReadFile(filepath.Join(data, "keyring"))
	if err == nil {
		err = errors.Join(os.Mkdir(restored, 0o700), os.Rename(backup, filepath.Join(restored, "iamd.db")), os.WriteFile(filepath.Join(restored, "keyring"), keys, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	var list bytes.Buffer
	if err := command(t.Context(), &list, "account", "list", "--data-dir", restored); err != nil || !strings.Contains(list.String(), "second") {
		t.Errorf("accounts: %s, %v", list.String(), err)
	}
}
