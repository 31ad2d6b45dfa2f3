package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is iamd, running.
type process struct {
	url, gateway string
	tls          string // empty without the stand-in
	cmd          *exec.Cmd
	ended        chan struct{}
	mu           sync.Mutex
	log          bytes.Buffer
}

// Write keeps the end of the log.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log.Len() > 1<<16 {
		p.log.Reset()
	}
	return p.log.Write(b)
}

// last is the end of the log.
func (p *process) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(p.log.String())
}

// env is this process's environment, with AWS's files in the demo's directory:
// whatever keys and profiles the user has stay out of it.
func (d *demo) env(more ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "IAMD_") {
			env = append(env, pair)
		}
	}
	return append(append(env, "AWS_CONFIG_FILE="+d.file("aws-config"), "AWS_SHARED_CREDENTIALS_FILE="+d.file("aws-credentials"),
		"AWS_EC2_METADATA_DISABLED=true"), more...)
}

func (d *demo) file(name string) string { return filepath.Join(d.dir, name) }

// address is where a door listens: the usual one, or, when somebody has it, any
// other. In a directory that is kept, the profiles name the usual one.
func (d *demo) address(usual string) string {
	if !d.temporary {
		return usual
	}
	l, err := net.Listen("tcp", usual)
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return usual // its listener will say what is wrong
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs iamd until it takes requests.
func (d *demo) start() error {
	config := fmt.Sprintf(`# The orders API: guarded by iamd, served by the demo.
gateway:
  listen: %s
  apis:
    - id: orders
      account: %q
      region: %s
      upstream: %s
`, d.address("127.0.0.1:4567"), d.account, region, d.upstream.url)
	if err := os.WriteFile(d.file("iamd.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	p := &process{ended: make(chan struct{})}
	p.cmd = exec.Command(d.program, "serve", "--data-dir", d.file("data"), "--config", d.file("iamd.yaml"), "--listen", d.address("127.0.0.1:4566"))
	if d.standIn {
		p.cmd.Args = append(p.cmd.Args, "--stand-in", "sp-api", "--tls-listen", d.address("127.0.0.1:8443"))
	}
	p.cmd.Env = d.env("IAMD_ACCOUNT_ID=" + d.account)
	p.cmd.Stderr = p
	// Ctrl-C in the terminal reaches the whole group: iamd stops when we say so.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	d.iamd = p
	lines := bufio.NewReader(out)
	for p.gateway == "" || d.standIn && p.tls == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			close(p.ended)
			return fmt.Errorf("iamd serve: %w: %s", p.cmd.Wait(), p.last())
		}
		if rest, ok := strings.CutPrefix(line, "AWS APIs"); ok {
			p.url = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "Gateway"); ok {
			p.gateway = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "TLS"); ok {
			at, _, _ := strings.Cut(rest, ",")
			p.tls = strings.TrimSpace(at)
		}
	}
	d.took = time.Since(begun)
	go func() {
		defer close(p.ended)
		for { // the rest shows the root key; it is in the file
			if _, err := lines.ReadString('\n'); err != nil {
				break
			}
		}
		_ = p.cmd.Wait() // its log says more
	}()
	return nil
}

// cleanUp stops iamd and removes what nobody wants to keep.
func (d *demo) cleanUp() {
	if d.iamd != nil {
		_ = d.iamd.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-d.iamd.ended
	}
	if d.upstream != nil {
		d.upstream.close()
	}
	if d.temporary {
		_ = os.RemoveAll(d.dir)
	}
}

// leaves tells what becomes of the directory.
func (d *demo) leaves() string {
	if d.temporary {
		return " and removes " + d.dir
	}
	return "; " + d.dir + " stays"
}

// command runs another command of iamd and gives what it printed.
func (d *demo) command(args ...string) (string, error) {
	var errs bytes.Buffer
	cmd := exec.Command(d.program, args...)
	cmd.Env, cmd.Stderr = d.env(), &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("iamd %s: %w\n%s%s", strings.Join(args, " "), err, out, errs.String())
	}
	return string(out), nil
}
