package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// buildShell puts the shell's source together for Node, which does not read
// TypeScript by itself.
func buildShell(t *testing.T) (node, program string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("Node is not on PATH: `make test` installs it: %v", err)
	}
	dir := t.TempDir()
	cmd := exec.Command(node, "node_modules/rolldown/bin/cli.mjs", "src/cloudshell/node.mjs", "--platform", "node", "--format", "esm", "--dir", dir, "--log-level", "silent")
	cmd.Dir = "../web"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the console's source cannot be built: `make test` installs what it needs (npm ci, in web): %v\n%s", err, out)
	}
	// Without it, Node takes the program for a script of the older kind.
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return node, filepath.Join(dir, "node.js")
}

// typed is a command for the shell.
type typed struct {
	Words       []string          `json:"words"`
	Endpoint    string            `json:"endpoint"`
	Credentials map[string]string `json:"credentials"`
	Without     []string          `json:"without,omitempty"` // members that are not to be seen
}

// printed is what came of it.
type printed struct {
	Stdout, Stderr string
	Code           int
	Files          map[string][]byte
}

// shellInNode is the shell, which runs one command after the other.
type shellInNode struct {
	turn sync.Mutex
	asks io.Writer
	says *bufio.Reader
}

func startShell(t *testing.T) *shellInNode {
	t.Helper()
	node, program := buildShell(t)
	cmd := exec.Command(node, program)
	cmd.Env = append(plainEnv(), "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in := must[io.WriteCloser](t)(cmd.StdinPipe())
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		rest := errors.Join(in.Close(), func() error { _, err := io.Copy(io.Discard, out); return err }())
		if err := errors.Join(rest, cmd.Wait()); err != nil || errs.Len() > 0 {
			t.Errorf("node ended with %v, and said: %s", err, &errs)
		}
	})
	return &shellInNode{asks: in, says: bufio.NewReader(out)}
}

func (s *shellInNode) run(what typed) (out printed, err error) {
	line, err := json.Marshal(what)
	if err != nil {
		return out, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	if _, err := fmt.Fprintf(s.asks, "%s\n", line); err != nil {
		return out, err
	}
	if line, err = s.says.ReadBytes('\n'); err != nil {
		return out, fmt.Errorf("node: %w", err)
	}
	return out, json.Unmarshal(line, &out)
}
