package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"golang.org/x/sys/unix"
)

// diskPath and diskProgram tell this test's child process where its disk is to be,
// and where the program is.
const (
	diskPath    = "IAMD_TEST_DISK_PATH"
	diskProgram = "IAMD_TEST_DISK_PROGRAM"
)

// disk is a small one that can be filled, and that may be remounted. Where nobody may
// mount one, the system refuses to let the program's files grow instead.
type disk struct {
	dir     string
	mounted bool
	p       *process
}

func (d *disk) fill(t *testing.T) {
	t.Helper()
	if !d.mounted {
		d.limit(t, 1)
		return
	}
	f, err := os.Create(filepath.Join(d.dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
}

func (d *disk) free(t *testing.T) {
	t.Helper()
	if !d.mounted {
		d.limit(t, unix.RLIM_INFINITY)
	} else if err := os.Remove(filepath.Join(d.dir, "filler")); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) limit(t *testing.T, size uint64) {
	t.Helper()
	if err := unix.Prlimit(d.p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFails: while the program's disk is full, changes are refused with
// ServiceUnavailable, what was acknowledged stays, reads go on, /readyz says so, and
// the log says why, once. When there is room changes succeed again by themselves, and
// /readyz finds out though nobody writes.
func TestDiskFails(t *testing.T) {
	if path := os.Getenv(diskPath); path != "" {
		diskFails(t, path)
		return
	}
	t.Parallel()
	child := func(attributes *syscall.SysProcAttr) ([]byte, error) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFails$", "-test.v")
		cmd.Env = append(os.Environ(), diskPath+"="+t.TempDir(), diskProgram+"="+binary(t))
		cmd.SysProcAttr = attributes
		return cmd.CombinedOutput()
	}
	own := &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	if id := os.Getuid(); id != 0 {
		own = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	}
	out, err := child(own)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) { // nobody may have mounts of their own here
		out, err = child(nil)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDiskFails") {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "_test.go:") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// diskFails is the child, in a mount namespace of its own if it may have one.
func diskFails(t *testing.T, dir string) {
	ctx := context.Background()
	program.once.Do(func() { // TestMain removes the folder
		var folder string
		if folder, program.err = os.MkdirTemp("", "iamd-e2e-"); program.err == nil {
			program.path = filepath.Join(folder, "iamd")
			program.err = os.Symlink(os.Getenv(diskProgram), program.path)
		}
	})
	d := &disk{dir: dir}
	d.mounted = unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, "") == nil && unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16m") == nil
	up, data := newUpstream(t), filepath.Join(dir, "data")
	p := start(t, data, anyPort, up)
	d.p = p
	key := rootKey(t, data)
	once := func(o *iam.Options) { o.RetryMaxAttempts = 1 }
	root := connect(p.url, key)
	acknowledged := map[string]bool{}
	made := 0
	create := func() error {
		made++
		name := fmt.Sprint("user-", made)
		_, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}, once)
		if err == nil {
			acknowledged[name] = true
		}
		return err
	}
	ready := func() (int, string) {
		t.Helper()
		answer, err := http.Get(p.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	refused := func(what string) {
		t.Helper()
		const more = 1000 // writes for which there may be room yet
		var err error
		for n := 0; err == nil && n < more; n++ {
			err = create()
		}
		for range 5 {
			var e smithy.APIError
			if !errors.As(err, &e) || e.ErrorCode() != "ServiceUnavailable" {
				t.Errorf("%s: a change: %v, want ServiceUnavailable", what, err)
			}
			var answer *awshttp.ResponseError
			if !errors.As(err, &answer) || answer.HTTPStatusCode() != http.StatusServiceUnavailable {
				t.Errorf("%s: a change: %v, want 503", what, err)
			}
			err = create()
		}
		for name := range acknowledged {
			if _, err := root.IAM.GetUser(ctx, &iam.GetUserInput{UserName: &name}); err != nil {
				t.Errorf("%s: a read: %v", what, err)
			}
		}
		if _, err := root.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
			t.Errorf("%s: a decision: %v", what, err)
		}
		// It answers reads, and says what it does not do.
		if status, text := ready(); status != http.StatusOK || !strings.Contains(text, "writes are refused") || !strings.Contains(text, "the disk ") {
			t.Errorf("%s: /readyz: %d %s", what, status, text)
		}
	}
	finds := func(what string) {
		t.Helper()
		end := time.Now().Add(time.Minute)
		for status, text := ready(); status != http.StatusOK || text != "ready\n"; status, text = ready() {
			if time.Now().After(end) {
				t.Fatalf("%s: /readyz does not find out: %d %s", what, status, text)
			}
		}
	}
	heals := func(what string) {
		t.Helper()
		begun, tries := time.Now(), 0
		for err := create(); err != nil; err = create() {
			if tries++; tries == 100 {
				t.Fatalf("%s: it does not heal: %v", what, err)
			}
		}
		t.Logf("%s: healed after %d failures more, %d ms", what, tries, time.Since(begun).Milliseconds())
	}
	for range 10 {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 3 {
		what := fmt.Sprint("full, round ", round)
		d.fill(t)
		refused(what)
		d.free(t)
		if round > 0 {
			finds(what)
		}
		heals(what)
		finds(what)
	}
	if d.mounted { // and one that is broken off while it is full
		d.fill(t)
		refused("full, and killed")
		p.kill(t)
		d.free(t)
		if !strings.Contains(p.stderr.String(), "the disk is full") {
			t.Errorf("the log does not say why: %.2000s", &p.stderr)
		}
		p = start(t, data, anyPort, up)
		root = connect(p.url, key)
		heals("killed while it was full")
	}
	if d.mounted {
		p.stop(t)
		readOnly := func(flag uintptr) {
			if err := unix.Mount("", dir, "", unix.MS_REMOUNT|flag, ""); err != nil {
				t.Fatal(err)
			}
		}
		readOnly(unix.MS_RDONLY)
		cmd := exec.Command(binary(t), "serve", "--data-dir", data, "--listen", anyPort)
		cmd.Env = plainEnv()
		var exit *exec.ExitError
		out, err := cmd.CombinedOutput()
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "read-only") {
			t.Errorf("a start on a disk that can only be read: %v\n%s", err, out)
		}
		readOnly(0)
		p = start(t, data, anyPort, up)
		root = connect(p.url, key)
		heals("after a start on a disk that could only be read")
	}
	there := map[string]bool{}
	for _, u := range must[*iam.ListUsersOutput](t)(root.IAM.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})).Users {
		there[*u.UserName] = true
	}
	for name := range acknowledged {
		if !there[name] {
			t.Errorf("%s is lost", name)
		}
	}
	p.stop(t)
	if !d.mounted && !strings.Contains(p.stderr.String(), "the disk ") {
		t.Errorf("the log does not say why: %.2000s", &p.stderr)
	}
	for _, line := range []string{"call failed", "events not written"} {
		if strings.Contains(p.stderr.String(), line) {
			t.Errorf("the log has a line for each that was refused: %.2000s", &p.stderr)
		}
	}
	t.Logf("a disk of its own: %v; %d changes were tried, %d acknowledged, %d users are there", d.mounted, made, len(acknowledged), len(there))
}
