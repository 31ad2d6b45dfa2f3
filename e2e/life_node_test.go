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
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestLifeJS leads every life by the SDK for JavaScript.
func TestLifeJS(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("Node is not on PATH: `make test` installs it: %v", err)
	}
	if _, err := os.Stat("js/node_modules/@aws-sdk"); err != nil {
		t.Fatalf("the SDK for JavaScript is not there: `make test` installs it (npm ci, in e2e/js): %v", err)
	}
	leadLives(t, func(t *testing.T, url string) client { return newScript(t, node, url) })
}

// script is a Node program that makes the calls it is told, one after the other.
type script struct {
	asks io.Writer
	says *bufio.Reader
}

// newScript starts the program. By its end it must have said nothing beside its
// answers.
func newScript(t *testing.T, node, url string) script {
	t.Helper()
	cmd := exec.Command(node, "life.mjs", url, region)
	cmd.Dir = "js"
	// Which Node the SDK's next releases want says nothing of the server.
	cmd.Env = append(plainEnv(), "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		rest := errors.Join(in.Close(), func() error { _, err := io.Copy(io.Discard, out); return err }())
		if err := errors.Join(rest, cmd.Wait()); err != nil || errs.Len() > 0 {
			t.Errorf("node ended with %v, and said: %s", err, &errs)
		}
	})
	return script{in, bufio.NewReader(out)}
}

func (script) spares(step) bool { return false }

func (s script) do(what step, cred aws.Credentials) (any, string, error) {
	service, operation := what.named()
	kind := "call"
	if what.Pages != "" {
		kind = "pages"
	} else if what.Wait != "" {
		kind = "wait"
	}
	line, err := json.Marshal(map[string]any{
		"kind": kind, "service": service, "operation": operation, "input": what.With, "size": what.Size,
		"credentials": map[string]string{"accessKeyId": cred.AccessKeyID, "secretAccessKey": cred.SecretAccessKey, "sessionToken": cred.SessionToken},
	})
	if err != nil {
		return nil, "", err
	}
	if _, err := fmt.Fprintf(s.asks, "%s\n", line); err != nil {
		return nil, "", err
	}
	if line, err = s.says.ReadBytes('\n'); err != nil {
		return nil, "", fmt.Errorf("node: %w", err)
	}
	var said struct {
		Output   any
		Error    *struct{ Name, Message string }
		Warnings string
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return nil, "", fmt.Errorf("node: %w: %s", err, line)
	}
	if said.Error != nil {
		return nil, said.Warnings, &refusal{said.Error.Name, said.Error.Message}
	}
	return said.Output, said.Warnings, nil
}
