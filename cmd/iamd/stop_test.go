package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/server/servertest"
)

const (
	stopKeyID  = "AKIAIOSFODNN7EXAMPLE"
	stopSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// process runs iamd serve as a program of its own, and gives the address of the AWS
// APIs.
func process(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, at string) {
	t.Helper()
	cmd = exec.Command("iamd", append([]string{"serve", "--data-dir", dir, "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "IAMD_ACCOUNT_ID=123456789012", "IAMD_ROOT_ACCESS_KEY_ID="+stopKeyID, "IAMD_ROOT_SECRET_ACCESS_KEY="+stopSecret)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	in := bufio.NewReader(out)
	line, err := in.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "AWS APIs") {
		t.Fatalf("%q %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	return cmd, strings.Fields(line)[2]
}

// kept tells of requests that failed upon a connection that had answered before.
type kept struct {
	http.RoundTripper
	answered sync.Map // connections
	broken   atomic.Int64
}

func (k *kept) RoundTrip(r *http.Request) (*http.Response, error) {
	var conn net.Conn
	res, err := k.RoundTripper.RoundTrip(r.WithContext(tracedConn(r.Context(), &conn)))
	if err == nil {
		k.answered.Store(conn, true)
	} else if _, before := k.answered.Load(conn); before && conn != nil {
		k.broken.Add(1)
	}
	return res, err
}

// TestStopUnderLoad: SIGTERM under load loses no write that was answered, and no
// connection that is kept open breaks with a request on it.
func TestStopUnderLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	cmd, at := process(t, dir)
	var (
		all     sync.WaitGroup
		mu      sync.Mutex
		made    []string // whose creation was answered
		watched kept
		enough  = make(chan struct{})
	)
	watched.RoundTripper = &http.Transport{MaxIdleConnsPerHost: 16}
	for worker := range 8 {
		all.Go(func() {
			cfg := servertest.Config(at, "us-east-1", stopKeyID, stopSecret, "")
			client := iam.NewFromConfig(cfg, func(o *iam.Options) {
				o.HTTPClient, o.Retryer = &http.Client{Transport: &watched}, aws.NopRetryer{}
			})
			for n := 0; ; n++ {
				name := fmt.Sprintf("u%d-%d", worker, n)
				if _, err := client.CreateUser(context.Background(), &iam.CreateUserInput{UserName: &name}); err != nil {
					var refused *net.OpError
					if !errors.As(err, &refused) && !errors.Is(err, io.EOF) {
						t.Errorf("%s: %v", name, err) // an answer, and not the right one
					}
					return
				}
				mu.Lock()
				if made = append(made, name); len(made) == 200 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended by %v", err)
	}
	if n := watched.broken.Load(); n != 0 {
		t.Errorf("%d requests broke on connections that were kept open", n)
	}
	again, at := process(t, dir)
	var names []string
	pages := iam.NewListUsersPaginator(iam.NewFromConfig(servertest.Config(at, "us-east-1", stopKeyID, stopSecret, "")), &iam.ListUsersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			names = append(names, *u.UserName)
		}
	}
	for _, name := range made {
		if !slices.Contains(names, name) {
			t.Errorf("%s was answered, and is gone", name)
		}
	}
	if err := again.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := again.Wait(); err != nil {
		t.Error(err)
	}
}

// TestStopIsAnnounced: while the delay passes /readyz says no and all else goes on;
// a second signal ends it at once.
func TestStopIsAnnounced(t *testing.T) {
	file := write(t, "shutdown_delay: 10m\n")
	cmd, at := process(t, filepath.Join(t.TempDir(), "d"), "--config", file)
	get := func(path string) (int, bool) {
		t.Helper()
		res, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode, res.Close
	}
	if status, closes := get("/readyz"); status != http.StatusOK || closes {
		t.Errorf("before: %d, closed: %v", status, closes)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for {
		if status, closes := get("/readyz"); status == http.StatusServiceUnavailable {
			if !closes {
				t.Error("the connection is kept")
			}
			break
		}
	}
	if status, closes := get("/healthz"); status != http.StatusOK || !closes {
		t.Errorf("meanwhile: %d, closed: %v", status, closes)
	}
	// Whoever keeps telling it to stop is heard: the first signal may still be on its way
	// to those who act upon it.
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
				t.Errorf("it ended by %v", err)
			}
			return
		case <-tick.C:
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}
}

// tracedConn puts the connection that a request goes out on into conn.
func tracedConn(ctx context.Context, conn *net.Conn) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { *conn = i.Conn }})
}
