package e2e_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"iamd/server"
)

// tunnel is a proxy on loopback that leads every CONNECT to one address: clients
// that know of proxies need no resolver of their own.
type tunnel struct {
	url, to string
	mu      sync.Mutex
	hosts   []string
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	l, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	p := &tunnel{url: "http://" + l.Addr().String(), to: to}
	s := &http.Server{Handler: p}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return p
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	p.mu.Lock()
	p.hosts = append(p.hosts, r.Host)
	p.mu.Unlock()
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	// A side that has gone ends the tunnel; what it sent was passed on by then.
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	up := make(chan struct{})
	go func() {
		defer close(up)
		_, _ = io.Copy(there, buffered)
		_ = there.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
	<-up
}

// TestStandInCLI: the AWS CLI as it is installed, which is told of a proxy and of
// an authority to trust, and of no endpoint.
func TestStandInCLI(t *testing.T) {
	s := newSellers(t, server.StandIn{})
	proxy := newTunnel(t, s.at.TLS.String())
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Fatalf("the AWS CLI is not on PATH: `make test` installs it (apt-get install awscli): %v", err)
	}
	home := t.TempDir()
	run := func(key handKey, args ...string) (string, error) {
		cmd := exec.Command(aws, args...)
		cmd.Env = append(plainEnv(), "HOME="+home, "AWS_CONFIG_FILE="+filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(home, "credentials"),
			"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_STS_REGIONAL_ENDPOINTS=regional",
			"AWS_CA_BUNDLE="+filepath.Join(s.dir, "ca.pem"), "HTTPS_PROXY="+proxy.url,
			"AWS_ACCESS_KEY_ID="+key.id, "AWS_SECRET_ACCESS_KEY="+key.secret, "AWS_SESSION_TOKEN="+key.token)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		return string(out) + errs.String(), err
	}
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"arn:aws:sts::" + account + ":assumed-role/SellingPartner/by-hand", []string{"sts", "get-caller-identity"}},
		{"arn:aws:sts::" + account + ":assumed-role/SellingPartner/by-hand", []string{"sts", "get-caller-identity", "--region", "us-gov-west-1"}},
	} {
		if out, err := run(s.session, c.args...); err != nil || !strings.Contains(out, c.words) {
			t.Errorf("aws %s: %v\n%s", strings.Join(c.args, " "), err, out)
		}
	}
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"SellingPartner", []string{"iam", "list-roles"}},
		{"feature", []string{"organizations", "create-organization"}},
		{"findings", []string{"accessanalyzer", "validate-policy", "--policy-type", "IDENTITY_POLICY", "--policy-document", `{"Version":"2012-10-17","Statement":[]}`}},
	} {
		if out, err := run(s.root, c.args...); err != nil || !strings.Contains(strings.ToLower(out), strings.ToLower(c.words)) {
			t.Errorf("aws %s: %v\n%s", strings.Join(c.args, " "), err, out)
		}
	}
	// What is not served here is reached by no proxy, and refused by its name.
	if out, err := run(s.root, "s3api", "list-buckets"); err == nil || !strings.Contains(strings.ToLower(out), "unrecognized") {
		t.Errorf("s3 answers: %v\n%s", err, out)
	}
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	for _, host := range []string{
		"sts.eu-west-1.amazonaws.com:443", "sts.us-gov-west-1.amazonaws.com:443", "iam.amazonaws.com:443", "organizations.us-east-1.amazonaws.com:443",
		"access-analyzer.eu-west-1.amazonaws.com:443",
	} {
		if !slices.Contains(proxy.hosts, host) {
			t.Errorf("%s was not asked for: %v", host, proxy.hosts)
		}
	}
}
