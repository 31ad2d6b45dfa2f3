package e2e_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// nginx starts Debian's nginx with the very file of examples/nginx, on ports of the
// test, and gives its host and port.
func nginx(t *testing.T, forwardAuth, upstream string) string {
	t.Helper()
	text, err := os.ReadFile("../examples/nginx/iamd.conf")
	if err != nil {
		t.Fatal(err)
	}
	at := freePort(t)
	file := string(text)
	for from, to := range map[string]string{"127.0.0.1:8000": at, "127.0.0.1:4570": forwardAuth, "127.0.0.1:8080": strings.TrimPrefix(upstream, "http://")} {
		if strings.Count(file, from) != 1 {
			t.Fatalf("the example has %s %d times", from, strings.Count(file, from))
		}
		file = strings.Replace(file, from, to, 1)
	}
	startNginx(t, file)
	return at
}

// startNginx runs Debian's nginx with what stands in the http block of its
// configuration, until the test ends.
func startNginx(t *testing.T, file string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx is missing: scripts/tools.sh installs it")
		}
	}
	dir := t.TempDir()
	main := "daemon off; master_process off; pid nginx.pid; error_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += kind + "_temp_path " + kind + ";\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(main+file+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
	cmd.Env = plainEnv()
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	// It says so once its sockets are open.
	for lines := bufio.NewReader(said); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("nginx ended before it took requests: %v\n%s", err, line)
		}
		if strings.Contains(line, "event method") {
			break
		}
		if !strings.Contains(line, "[notice]") {
			t.Log(line)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // ends with the process
}

// through is an API behind a proxy, as its clients know it.
func through(at string) gate { return gate{url: "http://" + at} }

func declared(body string) func(*http.Request) {
	sum := sha256.Sum256([]byte(body))
	return func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:])) }
}

// post is a signed request with a body, whose length may be untold.
func post(t *testing.T, g gate, by aws.Credentials, body string, chunked bool, change ...func(*http.Request)) *http.Request {
	t.Helper()
	r := g.unsigned(t, ask{method: "POST", target: "/orders", body: body})
	for _, f := range change {
		f(r)
	}
	if chunked {
		r.ContentLength = -1
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), by, r, hex.EncodeToString(sum[:]), "execute-api", region, time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func wantAnswer(t *testing.T, what string, got answer, status int, kind, words string) {
	t.Helper()
	if got.status != status || got.header.Get("X-Amzn-Errortype") != kind || !strings.Contains(got.body, words) || got.header.Get("X-Upstream") != "" {
		t.Errorf("%s: %d %q %s; want %d %q with %q", what, got.status, got.header.Get("X-Amzn-Errortype"), got.body, status, kind, words)
	}
	if kind != "" && !json.Valid([]byte(got.body)) {
		t.Errorf("%s: %s is no JSON", what, got.body)
	}
}

func TestNginx(t *testing.T) {
	e := run(t, "nginx")
	up := newMirror(t)
	at := nginx(t, e.forwardAuth, up.URL)
	g := through(at)

	t.Run("the caller", func(t *testing.T) {
		r := g.signed(t, e.caller, ask{target: "/orders/1?a=b%20c"})
		r.Header["X-Iamd-Principal-Arn"] = []string{"arn:aws:iam::" + account + ":root"}
		r.Header["X-Iamd-Client-Id"] = []string{"somebody"}
		r.Header["X-Forwarded-For"] = []string{"203.0.113.9"}
		r.Header["X-Forwarded-Uri"] = []string{"/orders/2"}
		r.Header["X-Iamd-Body"] = []string{"HTTP/1.1 /none"}
		got := mirrored(t, send(t, r))
		if got == nil || got.Method != "GET" || got.URI != "/orders/1?a=b%20c" || got.Host != apiHost || got.Header.Get("X-Orders-Note") != "as signed" {
			t.Fatalf("the upstream got %+v", got)
		}
		want := map[string][]string{
			"X-Iamd-Principal-Arn": {"arn:aws:sts::" + account + ":assumed-role/SellingPartner/s1"}, "X-Iamd-Account": {account},
			"X-Iamd-Client-Id": nil, "X-Forwarded-For": {"127.0.0.1"}, "X-Forwarded-Host": {apiHost}, "X-Forwarded-Uri": nil, "X-Iamd-Body": nil,
			"Authorization": nil, "X-Amz-Security-Token": nil, "X-Amz-Date": nil, "X-Amz-Content-Sha256": nil,
		}
		for name, values := range want {
			if !slices.Equal(got.Header[name], values) {
				t.Errorf("%s: %q, want %q", name, got.Header[name], values)
			}
		}
		if got.Header.Get("X-Iamd-User-Id") == "" || got.Header.Get("X-Iamd-Request-Id") == "" {
			t.Errorf("headers %v", got.Header)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		unsigned := send(t, g.unsigned(t, ask{}))
		wantAnswer(t, "unsigned", unsigned, 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`)
		if unsigned.header.Get("Content-Type") != "application/json" || unsigned.header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("headers %v", unsigned.header)
		}
		denied := send(t, g.signed(t, e.caller, ask{target: "/orders/secret"}))
		wantAnswer(t, "denied", denied, 403, "AccessDeniedException", "with an explicit deny")
		if denied.header.Get("X-Iamd-Encoded-Authorization-Message") == "" {
			t.Error("no encoded authorization message")
		}
		wantAnswer(t, "another region", send(t, g.signed(t, e.caller, ask{region: "eu-west-1"})), 403, "InvalidSignatureException", "Credential should be scoped")
		wantAnswer(t, "past the window", send(t, g.signed(t, e.caller, ask{at: time.Now().Add(-10 * time.Minute)})), 403, "InvalidSignatureException", "Signature expired")
		r := g.signed(t, e.caller, ask{target: "/orders/1"})
		r.URL.Path = "/orders/2"
		wantAnswer(t, "another path", send(t, r), 403, "InvalidSignatureException", "")
		r = g.signed(t, e.caller, ask{})
		r.Host = "other.example.com"
		wantAnswer(t, "another host", send(t, r), 404, "NotFoundException", "No API answers")
		r = g.signed(t, e.caller, ask{})
		r.Header.Set("X-Http-Method-Override", "DELETE")
		wantAnswer(t, "another method", send(t, r), 400, "BadRequestException", "X-Http-Method-Override")
		wantAnswer(t, "iamd's own location", send(t, g.unsigned(t, ask{target: "/_iamd"})), 404, "", "")
	})
	t.Run("bodies", func(t *testing.T) {
		const words = "accept_unchecked_bodies"
		wantAnswer(t, "a body", send(t, post(t, g, e.caller, "hello", false)), 403, "InvalidSignatureException", words)
		wantAnswer(t, "a body, its hash declared", send(t, post(t, g, e.caller, "hello", false, declared("hello"))), 403, "InvalidSignatureException", words)
		wantAnswer(t, "in chunks", send(t, post(t, g, e.caller, "hello", true)), 403, "InvalidSignatureException", words)
		if got := mirrored(t, send(t, g.signed(t, e.caller, ask{method: "POST"}))); got == nil || got.Method != "POST" {
			t.Errorf("a POST without a body: %+v", got)
		}
		r := post(t, g, e.caller, "", true)
		r.Body = io.NopCloser(strings.NewReader("hello"))
		wantAnswer(t, "signed as none, and sent in chunks", send(t, r), 403, "InvalidSignatureException", words)
	})
	t.Run("paths", func(t *testing.T) {
		r := g.signed(t, e.caller, ask{target: "/orders/1"})
		head := "Host: " + apiHost + "\r\nConnection: close\r\n"
		for name, values := range r.Header {
			head += name + ": " + values[0] + "\r\n"
		}
		if got := mirrored(t, raw(t, at, "GET /orders/1 HTTP/1.1\r\n"+head+"\r\n")); got == nil || got.URI != "/orders/1" {
			t.Fatalf("as signed: %+v", got)
		}
		for _, target := range []string{
			"/secret/../orders/1", "//orders/1", "/orders//1", "/orders%2F1", "/%2e%2e/orders/1", "/orders/./1", "/orders/%31", "/orders;x/1", "/orders\\1",
			"/../../orders/1", "/orders/1%00", "/orders/1#x", "orders/1", "*",
		} {
			if got := raw(t, at, "GET "+target+" HTTP/1.1\r\n"+head+"\r\n"); got.status != 400 || got.header.Get("X-Upstream") != "" {
				t.Errorf("%s: %d %s", target, got.status, got.body)
			}
		}
		for what, request := range map[string]string{
			"two hosts":       "GET /orders/1 HTTP/1.1\r\nHost: other.example.com\r\n" + head + "\r\n",
			"two lengths":     "POST /orders/1 HTTP/1.1\r\n" + head + "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
			"length, chunked": "POST /orders/1 HTTP/1.1\r\n" + head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"absolute form":   "GET http://other.example.com/orders/2 HTTP/1.1\r\n" + head + "\r\n",
			"h2c":             "GET /orders/1 HTTP/1.1\r\n" + head + "Upgrade: h2c\r\n\r\n",
			"without a host":  "GET /orders/1 HTTP/1.0\r\n\r\n",
		} {
			if got := raw(t, at, request); got.status < 400 || got.header.Get("X-Upstream") != "" {
				t.Errorf("%s: %d %s", what, got.status, got.body)
			}
		}
	})
	t.Run("presigned", func(t *testing.T) {
		r := g.unsigned(t, ask{target: "/orders/1?a=b&X-Amz-Expires=60"})
		sum := sha256.Sum256(nil)
		uri, _, err := v4.NewSigner().PresignHTTP(context.Background(), e.caller, r, hex.EncodeToString(sum[:]), "execute-api", region, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		again, err := http.NewRequest("GET", uri, nil)
		if err != nil {
			t.Fatal(err)
		}
		again.Host = apiHost
		again.Header.Set("X-Orders-Note", "as signed")
		if got := mirrored(t, send(t, again)); got == nil || got.URI != "/orders/1?a=b" {
			t.Errorf("the upstream got %+v", got)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		r := g.signed(t, e.caller, ask{target: "/live"})
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Connection", "Upgrade")
		if got := mirrored(t, send(t, r)); got == nil || got.Header.Get("Upgrade") != "websocket" || !strings.EqualFold(got.Header.Get("Connection"), "upgrade") {
			t.Errorf("the upstream got %+v", got)
		}
	})
	t.Run("iamd is gone", func(t *testing.T) {
		e.kill()
		if got := send(t, g.signed(t, e.caller, ask{})); got.status != 500 || got.header.Get("X-Upstream") != "" {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

// TestNginxUncheckedBodies: with accept_unchecked_bodies a signed hash lets a body
// pass, whose bytes nobody compares with it.
func TestNginxUncheckedBodies(t *testing.T) {
	apis := fmt.Sprintf(`[{"id":"orders","account":%q,"hosts":[%q],"accept_unchecked_bodies":true}]`, account, apiHost)
	e := run(t, "nginx", "IAMD_GATEWAY_APIS="+apis)
	up := newMirror(t)
	g := through(nginx(t, e.forwardAuth, up.URL))
	for what, r := range map[string]*http.Request{
		"by its length": post(t, g, e.user, "hello", false, declared("hello")),
		"in chunks":     post(t, g, e.user, "hello", true, declared("hello")),
	} {
		if got := mirrored(t, send(t, r)); got == nil || got.Body != "hello" || got.Header.Get("X-Iamd-Principal-Arn") != "arn:aws:iam::"+account+":user/developer" {
			t.Errorf("%s: the upstream got %+v", what, got)
		}
	}
	wantAnswer(t, "no hash", send(t, post(t, g, e.user, "hello", false)), 403, "InvalidSignatureException", "X-Amz-Content-Sha256")
	r := post(t, g, e.user, "hello", false)
	declared("hello")(r)
	wantAnswer(t, "a hash that is not signed", send(t, r), 403, "InvalidSignatureException", "X-Amz-Content-Sha256")
}
