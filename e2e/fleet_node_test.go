//go:build linux

package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// fleetNode is the program as it is shipped, one of several on one store.
type fleetNode struct {
	name, store, listen string
	enter               []string // the command that runs it elsewhere; empty: here
	dir, log            string
	env                 []string
	url                 string

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// start runs the node and returns when it takes requests. The next time it listens
// where it did the first time.
func (n *fleetNode) start(t *testing.T) error {
	words := slices.Concat(n.enter, []string{binary(t), "serve", "--data-dir", n.dir, "--listen", n.listen})
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = n.env, in, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, done := make(chan error), make(chan struct{})
	go func() {
		// The process is told to end when the thread that started it does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it was killed, or its log says why it ended
			close(done)
		}
	}()
	if err := <-started; err != nil {
		_ = out.Close()
		return err
	}
	n.cmd, n.done = cmd, done
	in.Close()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			_ = out.Close()
			return fmt.Errorf("it ended before it took requests: %w", err)
		}
		if url, ok := strings.CutPrefix(line, "AWS APIs  "); ok {
			if n.url == "" {
				n.url = strings.TrimSpace(url)
				n.listen = strings.TrimPrefix(n.url, "http://")
			}
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // ends with the process
		_ = out.Close()
	}()
	return nil
}

// kill ends the node as kill -9 does.
func (n *fleetNode) kill() {
	if n.cmd != nil {
		_ = n.cmd.Process.Kill() // or it has ended by itself
		<-n.done
		n.cmd = nil
	}
}

func (n *fleetNode) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// logged is the end of what the node logged, but for refusals.
func (n *fleetNode) logged() string {
	text, err := os.ReadFile(n.log)
	if err != nil {
		return err.Error()
	}
	lines := slices.DeleteFunc(bytes.Split(text, []byte("\n")), func(line []byte) bool { return bytes.Contains(line, []byte("call failed")) })
	return string(bytes.Join(lines[max(0, len(lines)-30):], []byte("\n")))
}

// ready asks the node how it stands; 0 when it does not say.
func (n *fleetNode) ready() (status int, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", n.url+"/readyz", nil)
	if err != nil {
		return 0, err.Error()
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(b)
}

// as are clients of the node that sign with a key.
func (n *fleetNode) as(key aws.Credentials) clients { return connect(n.url, key) }

// identity asks the node who has a key, and gives the kind of its answer.
func (n *fleetNode) identity(key aws.Credentials, within time.Duration) verdict {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	_, err := n.as(key).STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	return judge(err)
}

// create makes a user.
func (n *fleetNode) create(by aws.Credentials, name string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	_, err := n.as(by).IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	return err
}

// verdict is AWS's code of a refusal, or one of these.
type verdict string

const (
	accepted    verdict = ""
	silence     verdict = "no answer"
	unavailable verdict = "ServiceUnavailable"
	unknownKey  verdict = "InvalidClientTokenId"
)

func judge(err error) verdict {
	var e smithy.APIError
	switch {
	case err == nil:
		return accepted
	case errors.As(err, &e):
		return verdict(e.ErrorCode())
	}
	return silence
}

// away tells whether a node said nothing, or that it cannot tell.
func (v verdict) away() bool { return v == silence || v == unavailable }

// newFleet starts a node for each store's URL, in the rooms that are not nil, all
// at once.
func newFleet(t *testing.T, urls []string, in []*room) *fleet {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keyring")
	perform(t, []string{binary(t), "keyring", "init", file}, "")
	keys, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, ledger: newLedger()}
	failed := make(chan error)
	for i, url := range urls {
		n := &fleetNode{name: string(rune('A' + i)), store: url, listen: anyPort, dir: filepath.Join(t.TempDir(), "data")}
		n.log = filepath.Join(t.TempDir(), "log")
		n.env = append(plainEnv(), "IAMD_STORE="+url, "IAMD_KEYRING="+strings.TrimSpace(string(keys)),
			"IAMD_ACCOUNT_ID="+account, "IAMD_PUBLIC_URL=http://fleet.example.com", "IAMD_STALE_FOR="+staleFor.String(),
			"IAMD_LIMITS_EXEMPT="+roomNetworks)
		if r := in[i]; r != nil {
			n.enter, n.listen = r.enter, r.front+":4566"
		}
		f.nodes = append(f.nodes, n)
		t.Cleanup(func() {
			n.kill()
			if t.Failed() {
				t.Logf("node %s:\n%s", n.name, n.logged())
			}
		})
		go func() { failed <- n.start(t) }()
	}
	for range f.nodes {
		if err := <-failed; err != nil {
			t.Errorf("a node: %v", err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return f
}
