package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"iamd/keyring"
)

// TestKeyringRotate rotates the keyring of a server while it serves.
func TestKeyringRotate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "d")
	file := write(t, `
listen: 127.0.0.1:0
gateway:
  listen: 127.0.0.1:0
  apis:
    - {id: orders, account: 000000000012, upstream: "http://127.0.0.1:1"}
`)
	t.Setenv("IAMD_ACCOUNT_ID", "000000000012")
	serving(t, "--config", file, "--data-dir", data)
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := command(t.Context(), &out, append(append([]string{"keyring"}, args...), "--config", file, "--data-dir", data)...); err != nil {
			t.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
		return out.String()
	}
	says := func(out string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !strings.Contains(out, line) {
				t.Errorf("%q is not in %s", line, out)
			}
		}
	}
	says(run("list"), "Keyring  "+filepath.Join(data, "keyring"), "1    seals")
	says(run("rotate"), "Key 2 of", "Every secret in the store is sealed by it.")
	out := run("list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[3], "2    seals") || !strings.HasSuffix(lines[3], " 1") || !strings.HasPrefix(lines[4], "1    opens") || !strings.HasSuffix(lines[4], " 0") {
		t.Errorf("listed:\n%s", out)
	}
	says(run("rotate", "--step", "add"), "Key 3 is in", "The server has taken the file over.")
	says(run("rotate", "--step", "activate"), "Key 3 of", "Every secret in the store is sealed by it.")

	var none bytes.Buffer
	fails := func(why string, args ...string) {
		t.Helper()
		if err := command(t.Context(), &none, append(append([]string{"keyring", "rotate"}, args...), "--config", file, "--data-dir", data)...); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", strings.Join(args, " "), err)
		}
	}
	fails("there are 2 keys that seal no more", "--step", "retire")
	fails("may last for 36 hours", "--step", "retire", "--key", "1")
	says(run("rotate", "--step", "retire", "--key", "1", "--force"), "Key 1 is gone", "The server has taken the file over.")

	// Another file than the server's.
	other := filepath.Join(t.TempDir(), "other")
	if err := keyring.Create(other, keyring.Generate(bytes.NewReader(make([]byte, 32)))); err != nil {
		t.Fatal(err)
	}
	fails("rotate that one", other)
	content, err := os.ReadFile(filepath.Join(data, "keyring"))
	if err != nil || strings.Count(string(content), "# made ") != 2 || strings.Contains(run("list", "--json"), strings.Fields(string(content))[3]) {
		t.Errorf("left: %v", err)
	}
}
