package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// dockerfile is what deploy/docker/Dockerfile says of the image.
type dockerfile struct {
	fromContext     []string // what is copied from the repository
	base, user      string
	env             []string
	volumes         []string
	health, command []string
}

// readDockerfile understands the instructions that the file uses, and no others.
func readDockerfile(t *testing.T) (image dockerfile) {
	t.Helper()
	var entry, cmd []string
	list := func(s string) (l []string) {
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return l
	}
	stages := map[string]bool{}
	text := content(t, "deploy/docker/Dockerfile")
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", ""), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		fields := strings.Fields(rest)
		switch word {
		case "FROM":
			image = dockerfile{fromContext: image.fromContext}
			for len(fields) > 0 && strings.HasPrefix(fields[0], "--") {
				fields = fields[1:]
			}
			if image.base = fields[0]; len(fields) == 3 {
				stages[fields[2]] = true
			}
		case "COPY":
			from := false
			for len(fields) > 0 && strings.HasPrefix(fields[0], "--") {
				if stage, ok := strings.CutPrefix(fields[0], "--from="); ok {
					if from = true; !stages[stage] {
						t.Errorf("COPY from %s, which is no stage", stage)
					}
				}
				fields = fields[1:]
			}
			if !from {
				image.fromContext = append(image.fromContext, fields[:len(fields)-1]...)
			}
		case "ENV":
			image.env = append(image.env, fields...)
		case "USER":
			image.user = rest
		case "VOLUME":
			image.volumes = list(rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			image.health = list(command)
		case "ENTRYPOINT":
			entry = list(rest)
		case "CMD":
			cmd = list(rest)
		case "WORKDIR", "RUN", "ARG", "LABEL", "EXPOSE", "STOPSIGNAL":
		default:
			t.Fatalf("%q is not understood", line)
		}
	}
	image.command = append(entry, cmd...)
	return image
}

// container is the image without Docker: a root of the program, one file of
// configuration and empty folders for volumes, where nothing but those can be
// written to, and the image's user and environment.
type container struct {
	root    string
	volumes []string // binds: folder outside, folder inside, …
	env     []string
	user    string
}

func newContainer(t *testing.T, image dockerfile, config string, env ...string) *container {
	t.Helper()
	c := &container{root: t.TempDir(), env: append(append(image.env, "IAMD_CONFIG=/iamd.yaml"), env...), user: image.user}
	from, err := os.Open(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(c.root, "iamd"), os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.root, "iamd.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, v := range image.volumes {
		outside := t.TempDir()
		if err := os.MkdirAll(filepath.Join(c.root, v), 0o755); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			var uid, gid int
			if _, err := fmt.Sscanf(image.user, "%d:%d", &uid, &gid); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(outside, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
		c.volumes = append(c.volumes, outside, v)
	}
	return c
}

// enter makes what mount namespaces see read-only but for the volumes, and runs
// the rest of its arguments there. Its own are the root, the user, and how many
// of the others are volumes.
const enter = `set -e
root=$1 user=$2 volumes=$3; shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro,nosuid "$root"
while [ "$volumes" -gt 0 ]; do
	mount --bind "$1" "$root$2"
	shift 2; volumes=$((volumes - 2))
done
exec setpriv --no-new-privs chroot $user "$root" "$@"`

// run is a command within. Root becomes the image's user; anybody else is kept by
// a user namespace from being more than himself.
func (c *container) run(args ...string) *exec.Cmd {
	unshare, user := []string{"--mount"}, "--userspec="+c.user
	if os.Geteuid() != 0 {
		unshare, user = []string{"--user", "--map-root-user", "--mount"}, ""
	}
	line := append(unshare, "sh", "-c", enter, "sh", c.root, user, fmt.Sprint(len(c.volumes)))
	cmd := exec.Command("unshare", append(append(line, c.volumes...), args...)...)
	// What leads inside is found by the machine's PATH and where root's programs are, and
	// iamd looks for nothing.
	cmd.Env = append(append([]string{}, c.env...), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	return cmd
}

// coreless fails unless a process leaves no core file, nor its memory to others of
// its user: it may have no bytes of one, and its files in /proc are root's.
func coreless(t *testing.T, pid int) {
	t.Helper()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			if f := strings.Fields(rest); f[0] != "0" || f[1] != "0" {
				t.Errorf("core files may have %s bytes, and up to %s", f[0], f[1])
			}
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	var uid uint32
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "Uid:"); ok {
			if _, err := fmt.Sscan(rest, &uid); err != nil {
				t.Fatal(err)
			}
		}
	}
	memory, err := os.Stat(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	if owner := memory.Sys().(*syscall.Stat_t).Uid; owner == uid {
		t.Errorf("user %d, which the process is, has its memory", uid)
	}
}

// TestImage runs the program as the image does: read-only but for its volumes, as a
// user that owns nothing else, with nothing beside it. It starts, is healthy, takes
// a body that goes to disk, is backed up, stops, and finds its state again.
func TestImage(t *testing.T) {
	image, up, at, gatewayAt := readDockerfile(t), newUpstream(t), freePort(t), freePort(t)
	c := newContainer(t, image, `gateway:
  apis:
    - {id: orders, account: "`+account+`", region: `+region+`, hosts: [`+apiHost+`], upstream: "`+up.URL+`"}
`, "IAMD_ACCOUNT_ID="+account, "IAMD_LISTEN="+at, "IAMD_GATEWAY_LISTEN="+gatewayAt, "IAMD_METRICS_LISTEN="+anyPort)
	data := c.volumes[0]
	for start := range 2 {
		var stderr bytes.Buffer
		server := c.run(image.command...)
		server.Stderr = &stderr
		out, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Process.Kill() })
		lines := bufio.NewReader(out)
		for line := ""; !strings.HasPrefix(line, "Console"); {
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("start %d: it ended before it took requests: %v\n%s", start, server.Wait(), &stderr)
			}
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = io.Copy(io.Discard, lines)
		}()
		coreless(t, server.Process.Pid)
		if said, err := c.run(image.health...).CombinedOutput(); err != nil || string(said) != "ready\n" {
			t.Errorf("start %d: %q %v", start, said, err)
		}
		g := gate{url: "http://" + gatewayAt, upstream: up}
		got := send(t, g.signed(t, rootKey(t, data), ask{method: http.MethodPost, body: strings.Repeat("a long body ", 1<<15)}))
		if got.status != http.StatusOK {
			t.Errorf("start %d: a body that goes to disk: %d %s", start, got.status, got.body)
		}
		backup := fmt.Sprintf("/var/lib/iamd/backup-%d.db", start)
		if said, err := c.run("/iamd", "store", "backup", backup).CombinedOutput(); err != nil {
			t.Errorf("start %d: %v\n%s", start, err, said)
		}
		// No backup may be written where nothing may be.
		if said, err := c.run("/iamd", "store", "backup", "/backup.db").CombinedOutput(); err == nil || !strings.Contains(string(said), "read-only file system") {
			t.Errorf("start %d: the root is no read-only one: %v\n%s", start, err, said)
		}
		if err := server.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-ended
		if err := server.Wait(); err != nil {
			t.Fatalf("start %d: %v\n%s", start, err, &stderr)
		}
		if said, err := c.run(image.health...).CombinedOutput(); err == nil {
			t.Errorf("start %d: stopped, it is healthy: %s", start, said)
		}
	}
}
