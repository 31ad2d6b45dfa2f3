package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// program is iamd as it is shipped, built once, for the first test that needs
// it.
var program struct {
	once sync.Once
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program.path != "" {
		_ = os.RemoveAll(filepath.Dir(program.path))
	}
	os.Exit(code)
}

func binary(t testing.TB) string {
	t.Helper()
	program.once.Do(func() {
		dir, err := os.MkdirTemp("", "iamd-e2e-")
		if err != nil {
			program.err = err
			return
		}
		program.path = filepath.Join(dir, "iamd")
		cmd := exec.Command("go", "build", "-trimpath", "-o", program.path, "iamd/cmd/iamd")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			program.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}

// process is the program, serving on a data directory.
type process struct {
	url, gateway string            // of the AWS APIs and of the gateway
	doors        map[string]string // URLs of all of them, by what the program calls them
	dir          string
	cmd          *exec.Cmd
	said         chan struct{} // closed when stdout has ended
	stdout       bytes.Buffer  // complete once said is closed
	stderr       bytes.Buffer  // complete once the process has been waited for
}

// anyPort lets the system choose.
const anyPort = "127.0.0.1:0"

// start runs the program on dir with a gateway before up, and what env sets, and
// gives it back when it takes requests.
func start(t testing.TB, dir, listen string, up *upstream, env ...string) *process {
	t.Helper()
	config := filepath.Join(t.TempDir(), "iamd.yaml")
	if err := os.WriteFile(config, []byte(`gateway:
  listen: `+anyPort+`
  apis:
    - id: orders
      account: `+account+`
      region: `+region+`
      hosts: [`+apiHost+`]
      upstream: `+up.URL+`
`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{dir: dir, doors: map[string]string{}, said: make(chan struct{})}
	p.cmd = exec.Command(binary(t), "serve", "--data-dir", dir, "--config", config, "--listen", listen, "--log-level", "debug")
	p.cmd.Env = append(append(plainEnv(), "IAMD_ACCOUNT_ID="+account), env...)
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.kill(t)
		}
	})
	lines := bufio.NewReader(out)
	for p.doors["Console"] == "" {
		line, err := lines.ReadString('\n')
		p.stdout.WriteString(line)
		if err != nil {
			close(p.said)
			t.Fatalf("iamd serve ended before it took requests: %v\n%s%s", p.cmd.Wait(), &p.stdout, &p.stderr)
		}
		if name, rest, ok := strings.Cut(line, "  "); ok {
			p.doors[name] = strings.TrimSpace(rest)
		}
	}
	p.url, p.gateway = p.doors["AWS APIs"], p.doors["Gateway"]
	go func() {
		defer close(p.said)
		_, _ = p.stdout.ReadFrom(lines) // ends with the process
	}()
	return p
}

// stop asks the program to end, and checks that it ends well.
func (p *process) stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.said
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("iamd serve: %v\n%s", err, &p.stderr)
	}
}

// kill ends the program as kill -9 does.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.said
	var exit *exec.ExitError
	if err := p.cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("killed, iamd serve ended with %v", err)
	}
}

// run runs another command of the program and gives what it printed.
func (p *process) run(t testing.TB, env []string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary(t), args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(plainEnv(), env...), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("iamd %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	return out.String(), errs.String()
}

// rootKey reads what the first start left for the operator.
func rootKey(t testing.TB, dir string) aws.Credentials {
	t.Helper()
	return keyFile(t, filepath.Join(dir, "root-credentials.csv"))
}

// rootPassword reads the password that the first start left beside it.
func rootPassword(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "console-credentials.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 2 || !slices.Equal(lines[0], []string{"User name", "Password", "Console sign-in URL"}) {
		t.Fatalf("%s does not have AWS's columns: %v", path, err)
	}
	return lines[1][1]
}

// keyFile reads a file with AWS's two columns, which only its owner may read.
func keyFile(t testing.TB, path string) aws.Credentials {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if len(lines) < 2 || lines[0] != "Access key ID,Secret access key" {
		t.Fatalf("%s does not have AWS's columns", path)
	}
	id, secret, ok := strings.Cut(lines[1], ",")
	if !ok || id == "" || secret == "" {
		t.Fatalf("%s has no key", path)
	}
	return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}
}

// plainEnv is an environment that no setting of this machine reaches into.
func plainEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "LC_ALL=C.UTF-8"}
}
