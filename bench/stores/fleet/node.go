package fleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The first account, and the key of its root user.
const (
	FirstAccount = "111122223333"
	rootKey      = "AKIAIOSFODNN7EXAMPLE"
	rootSecret   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// Config says how a node runs.
type Config struct {
	Binary  string // iamd
	Store   string // URL
	Dir     string // its own, for what is not the store's
	Keyring string // file, the same for all nodes of a store
	File    string // configuration file; empty: none
}

// Node is a running iamd.
type Node struct {
	Process
	Address string        // host:port of the AWS APIs
	Gateway string        // host:port, if the configuration has APIs
	Ready   time.Duration // from its start to the first 200 of /readyz
	admin   *http.Client
	log     string
}

// NewKeyring makes a keyring's file.
func NewKeyring(binary, file string) error {
	if out, err := exec.Command(binary, "keyring", "init", file).CombinedOutput(); err != nil {
		return fmt.Errorf("keyring init: %w: %s", err, out)
	}
	return nil
}

// readyTime is how long a node may take to be ready.
const readyTime = 2 * time.Minute

// Start runs a node and waits until it is ready.
func Start(ctx context.Context, c Config) (*Node, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	n := &Node{Address: address, log: filepath.Join(c.Dir, "log")}
	args := []string{"serve", "--data-dir", c.Dir, "--store", c.Store, "--listen", n.Address, "--gateway-listen", "127.0.0.1:0", "--log-level", "warn"}
	if c.File != "" {
		args = append(args, "--config", c.File)
	}
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(c.Binary, args...)
	cmd.Env = append(os.Environ(), "IAMD_ACCOUNT_ID="+FirstAccount, "IAMD_ROOT_ACCESS_KEY_ID="+rootKey, "IAMD_ROOT_SECRET_ACCESS_KEY="+rootSecret,
		"IAMD_KEYRING_FILE="+c.Keyring, "IAMD_PUBLIC_URL=http://iamd.example.com", `IAMD_QUOTAS={"UsersPerAccount": 1000000}`)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	n.Process = Process{cmd: cmd}
	told := make(chan string, 1)
	go n.greeting(out, told)
	if err := n.wait(ctx, began); err != nil {
		text, _ := os.ReadFile(n.log)
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, text[max(0, len(text)-2000):]), n.Stop())
	}
	n.Gateway = <-told
	socket := filepath.Join(c.Dir, "iamd.sock")
	n.admin = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	return n, nil
}

// free is an address of loopback on which nothing listens.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// greeting reads what the node tells of its doors.
func (n *Node) greeting(out io.Reader, told chan<- string) {
	defer close(told)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if at, ok := strings.CutPrefix(lines.Text(), "Gateway   http://"); ok {
			told <- at
		}
		if strings.HasPrefix(lines.Text(), "Console") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
}

// wait asks until the node is ready.
func (n *Node) wait(ctx context.Context, began time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	why := errors.New("it was never asked")
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("iamd is not ready after %s: %w", time.Since(began), errors.Join(ctx.Err(), why))
		case <-tick.C:
		}
		l := NewLine(n.Address)
		status, body, err := l.Do([]byte("GET /readyz HTTP/1.1\r\nHost: iamd\r\n\r\n"))
		l.Close()
		if err == nil && status == http.StatusOK {
			n.Ready = time.Since(began)
			return nil
		}
		if why = err; err == nil {
			why = fmt.Errorf("%d %s", status, body)
		}
		if !n.Running() {
			return fmt.Errorf("iamd ended: %w", why)
		}
	}
}

// Admin asks the node on the operator's socket.
func (n *Node) Admin(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://iamd"+path, body)
	if err != nil {
		return nil, err
	}
	return answer(n.admin.Do(r))
}

// Metrics are what the node tells of itself, by the names of series.
func (n *Node) Metrics(ctx context.Context) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	text, err := answer(http.DefaultClient.Do(r))
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		at := strings.LastIndexByte(line, ' ')
		var value float64
		if line[0] == '#' || at < 0 {
			continue
		}
		if _, err := fmt.Sscan(line[at:], &value); err != nil {
			return nil, fmt.Errorf("metrics: %q: %w", line, err)
		}
		all[line[:at]] = value
	}
	return all, nil
}

func answer(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return text, err
}
