package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// mirror is a service behind a proxy: it answers with the request that it got.
type mirror struct {
	Method, URI, Host, Body string
	Header                  http.Header
}

func newMirror(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the proxy broke off
		}
		w.Header().Set("X-Upstream", "yes")
		_ = json.NewEncoder(w).Encode(mirror{r.Method, r.RequestURI, r.Host, string(body), r.Header})
	}))
	t.Cleanup(s.Close)
	return s
}

// mirrored is what the service got, and nil where the proxy answered itself.
func mirrored(t *testing.T, a answer) *mirror {
	t.Helper()
	if a.header.Get("X-Upstream") == "" {
		return nil
	}
	m := &mirror{}
	if err := json.Unmarshal([]byte(a.body), m); err != nil {
		t.Fatal(err)
	}
	return m
}

// example is iamd as an example's iamd.yaml configures it, on ports of its own.
type example struct {
	cmd         *exec.Cmd
	url         string // of the AWS APIs
	forwardAuth string // host and port
	root        clients
	// caller may call all but /orders/secret: a session of a role, and a user.
	caller, user aws.Credentials
}

// run starts the program with the very file of the example. Each of env is
// NAME=VALUE, and goes over the file.
func run(t *testing.T, name string, env ...string) *example {
	t.Helper()
	dir := t.TempDir()
	e := &example{cmd: exec.Command(binary(t), "serve", "--data-dir", dir, "--config", filepath.Join("../examples", name, "iamd.yaml"))}
	e.cmd.Env = append(plainEnv(), append([]string{
		"IAMD_ACCOUNT_ID=" + account, "IAMD_LISTEN=" + anyPort, "IAMD_GATEWAY_LISTEN=" + anyPort, "IAMD_FORWARD_AUTH_LISTEN=" + anyPort,
	}, env...)...)
	e.cmd.Stderr = os.Stderr
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.kill() })
	for lines := bufio.NewReader(out); e.url == "" || e.forwardAuth == ""; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("iamd serve ended before it took requests: %v", err)
		}
		if rest, ok := strings.CutPrefix(line, "AWS APIs"); ok {
			e.url = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "Proxies"); ok {
			e.forwardAuth = strings.TrimPrefix(strings.Fields(rest)[0], "http://")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
	e.root = connect(e.url, rootKey(t, dir))
	e.people(t)
	return e
}

// kill ends the program, if it has not ended.
func (e *example) kill() {
	_ = e.cmd.Process.Kill()
	_ = e.cmd.Wait()
}

func (e *example) people(t *testing.T) {
	const invoke = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["execute-api:Invoke","sts:AssumeRole"],"Resource":"*"},
		{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/orders/secret"}]}`
	by, _ := user(t, e.url, e.root, "developer")
	putUserPolicy(t, e.root, "developer", invoke)
	e.user = by.key
	made := role(t, e.root, "SellingPartner", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"sts:AssumeRole"}}`)
	must[*iam.PutRolePolicyOutput](t)(e.root.IAM.PutRolePolicy(context.Background(), &iam.PutRolePolicyInput{
		RoleName: made.Role.RoleName, PolicyName: aws.String("grants"), PolicyDocument: aws.String(invoke),
	}))
	e.caller = assume(t, by, *made.Role.Arn, "s1")
}

// freePort is a host and port of 127.0.0.1 that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// raw sends bytes as they are, and gives the answer's status and body.
func raw(t *testing.T, at, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}
