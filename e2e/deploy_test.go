package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// content is a file of the repository's.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	settingRow  = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|")
	environment = regexp.MustCompile(`\bIAMD_[A-Z_]+[A-Z]\b`)
)

// wantSettings checks that each variable of iamd's that a file names is one that
// docs/configuration.md has, as the program refuses all others.
func wantSettings(t *testing.T, path, text string) {
	t.Helper()
	page := content(t, "docs/configuration.md")
	known := environment.FindAllString(page, -1)
	for _, row := range settingRow.FindAllStringSubmatch(page, -1) {
		known = append(known, "IAMD_"+strings.ToUpper(strings.ReplaceAll(row[1], ".", "_")))
	}
	names := environment.FindAllString(text, -1)
	if len(names) == 0 {
		t.Errorf("%s names no setting", path)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("%s sets %s, which is no setting", path, name)
		}
	}
}

// directives are those of a unit file, by section and name.
func directives(t *testing.T, text string) map[string][]string {
	t.Helper()
	all, section := map[string][]string{}, ""
	for _, line := range strings.Split(text, "\n") {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			name, value, ok := strings.Cut(line, "=")
			if !ok || section == "" {
				t.Fatalf("no directive: %q", line)
			}
			all[section+"."+name] = append(all[section+"."+name], value)
		}
	}
	return all
}

// TestUnit: the unit keeps iamd within what it needs, and its settings are some.
func TestUnit(t *testing.T) {
	const path = "deploy/systemd/iamd.service"
	unit := directives(t, content(t, path))
	for name, want := range map[string]string{
		"Service.Type": "notify", "Service.ExecStart": "/usr/local/bin/iamd serve", "Service.Restart": "on-failure",
		"Service.User": "iamd", "Service.Group": "iamd", "Service.UMask": "0077", "Service.LimitCORE": "0",
		"Service.StateDirectory": "iamd", "Service.StateDirectoryMode": "0700", "Service.ProtectSystem": "strict", "Service.ProtectHome": "yes",
		"Service.NoNewPrivileges": "yes", "Service.CapabilityBoundingSet": "", "Service.AmbientCapabilities": "", "Service.MemoryDenyWriteExecute": "yes",
		"Service.RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "Service.RestrictNamespaces": "yes", "Service.PrivateDevices": "yes",
		"Service.PrivateTmp": "yes", "Service.SystemCallFilter": "@system-service,~@privileged", "Service.SystemCallArchitectures": "native",
		"Service.StandardOutput": "null", // the first start prints the root key
	} {
		if got, there := unit[name]; !there || strings.Join(got, ",") != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	drop := content(t, "deploy/systemd/iamd.service.d/shared-store.conf")
	if got := directives(t, drop)["Service.LoadCredential"]; !slices.Equal(got, []string{"keyring:/etc/iamd/keyring"}) {
		t.Errorf("LoadCredential is %q", got)
	}
	wantSettings(t, path, content(t, path)+drop)
	if user := directives(t, "[u]\n"+strings.Replace(content(t, "deploy/systemd/iamd.conf"), "u iamd", "u=iamd", 1))["u.u"]; len(user) != 1 || !strings.HasPrefix(user[0], "iamd - ") {
		t.Errorf("the user is %q", user)
	}

	wantUnderstood(t, "../deploy/systemd/iamd.yaml")
}

// wantUnderstood checks that the program takes a file of its configuration: what
// fails then is to reach the server.
func wantUnderstood(t *testing.T, file string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(binary(t), "health", "--config", file)
	cmd.Env, cmd.Stderr = append(plainEnv(), "IAMD_LISTEN="+freePort(t)), &said
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(said.String(), "not ready") {
		t.Errorf("%s: %v: %s", file, err, &said)
	}
}

// TestDockerfile: what is copied is there, and the program is built as make build
// builds it, by the module's Go.
func TestDockerfile(t *testing.T) {
	image := readDockerfile(t)
	for _, file := range image.fromContext {
		if found, err := filepath.Glob(filepath.Join("..", file)); err != nil || len(found) == 0 {
			t.Errorf("COPY %s: it is not there", file)
		}
	}
	text := content(t, "deploy/docker/Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(content(t, "go.mod"))
	if version == nil || !strings.Contains(text, "golang:"+version[1]+"-") {
		t.Errorf("go.mod asks for %q", version)
	}
	for _, flags := range []string{"CGO_ENABLED=0", "-trimpath", "-ldflags='-s -w'"} {
		if !strings.Contains(text, flags) || !strings.Contains(content(t, "Makefile"), flags) {
			t.Errorf("%s is not in both Dockerfile and Makefile", flags)
		}
	}
	if image.base != "scratch" || image.user != "65532:65532" || !slices.Equal(image.volumes, []string{"/var/lib/iamd", "/var/spool/iamd"}) {
		t.Errorf("the image is from %s, of user %s, with volumes %q", image.base, image.user, image.volumes)
	}
	if !slices.Equal(image.health, []string{"/iamd", "health"}) || !slices.Equal(image.command, []string{"/iamd", "serve"}) {
		t.Errorf("it runs %q, and asks %q", image.command, image.health)
	}
	wantSettings(t, "deploy/docker/Dockerfile", text)
	if !regexp.MustCompile(`(?m)^\*\*/node_modules$`).MatchString(content(t, "deploy/docker/Dockerfile.dockerignore")) {
		t.Error("the machine's own node_modules go into the image's build")
	}
}

// composed is the part of the Compose specification that compose.yaml uses.
type composed struct {
	Name     string
	Node     any                        `yaml:"x-node"`
	Settings any                        `yaml:"x-settings"`
	Services map[string]composedService `yaml:"services"`
	Secrets  map[string]struct {
		File string
	}
	Volumes  map[string]struct{}
	Networks map[string]struct {
		Internal bool
		IPAM     struct{ Config []struct{ Subnet string } }
	}
}

type composedService struct {
	Image           string
	Build           struct{ Context, Dockerfile string }
	Command         []string
	Restart, User   string
	ReadOnly        bool     `yaml:"read_only"`
	CapDrop         []string `yaml:"cap_drop"`
	SecurityOpt     []string `yaml:"security_opt"`
	Init            bool
	StopGracePeriod string                                `yaml:"stop_grace_period"`
	ShmSize         string                                `yaml:"shm_size"`
	NetworkMode     string                                `yaml:"network_mode"`
	DependsOn       map[string]struct{ Condition string } `yaml:"depends_on"`
	Environment     map[string]string
	Volumes         []string
	Ports           []string
	Profiles        []string
	Secrets         []string
	Networks        map[string]struct {
		Address string `yaml:"ipv4_address"`
	}
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		Retries           int
	}
}

// TestCompose: the file holds together, and the nodes may do no more than they need.
func TestCompose(t *testing.T) {
	const path = "deploy/docker/compose.yaml"
	var c composed
	if err := yaml.UnmarshalWithOptions([]byte(content(t, path)), &c, yaml.Strict(), yaml.AllowDuplicateMapKey()); err != nil {
		t.Fatal(err)
	}
	for name, s := range c.Services {
		for of := range s.DependsOn {
			if of := c.Services[of]; len(of.Healthcheck.Test) == 0 && of.Build.Dockerfile == "" {
				t.Errorf("%s waits for one whose health nobody asks for", name)
			}
		}
		for network := range s.Networks {
			if _, ok := c.Networks[network]; !ok {
				t.Errorf("%s is in no network %s", name, network)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			_, named := c.Volumes[from]
			if _, err := os.Stat(filepath.Join("../deploy/docker", from)); !named && err != nil {
				t.Errorf("%s: %s is no volume, and no file", name, from)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s is open to others without TLS: %s", name, p)
			}
		}
	}
	conf := content(t, "deploy/docker/nginx.conf")
	for _, name := range []string{"iamd-1", "iamd-2"} {
		s := c.Services[name]
		if !s.ReadOnly || s.User != "65532:65532" || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.Secrets, []string{"keyring"}) ||
			!slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || c.Secrets["keyring"].File == "" {
			t.Errorf("%s: %+v", name, s)
		}
		if _, err := os.Stat(filepath.Join("../deploy/docker", s.Build.Context, s.Build.Dockerfile)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(s.Environment["IAMD_STORE"], "postgres://iamd:${POSTGRES_PASSWORD:?") || s.Environment["IAMD_AUDIT_NODE"] != name {
			t.Errorf("%s: %v", name, s.Environment)
		}
		if at := s.Networks["front"].Address; at == "" || !strings.Contains(conf, "server "+at+":4566 ") {
			t.Errorf("nginx does not know %s at %q", name, at)
		}
		if s.Environment["IAMD_TRUSTED_PROXIES"] != c.Services["nginx"].Networks["front"].Address {
			t.Errorf("%s trusts %s", name, s.Environment["IAMD_TRUSTED_PROXIES"])
		}
	}
	if !c.Networks["back"].Internal || len(c.Services["postgres"].Networks) != 1 || len(c.Services["postgres"].Ports) != 0 {
		t.Error("others than the nodes reach the database")
	}
	wantSettings(t, path, content(t, path))
}
