package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
)

func TestHeaders(t *testing.T) {
	w := newWorld(t, nil)
	cred := w.session(t)
	r := w.request(t, "POST", "/orders", []byte("x"))
	r.Header.Set("X-Amz-Access-Token", "for the upstream")
	r.Header.Set("X.Iamdx", "for the upstream")
	r.Header.Set("X-Amz-Content-Sha256", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
	w.sign(t, r, cred, []byte("x"))
	for _, name := range []string{
		"X-Iamd-Principal-Arn", "x-iamd-account", "X_Iamd_User_Id", "X-IAMD_Anything", "X-Forwarded-For", "X_Forwarded_Host",
		"X-Forwarded-Port", "X-Forwarded", "X.Iamd.Account", "X~Iamd~User-Id", "X'Iamd|Anything", "X!Forwarded#For", "X-Original-Method",
		"X-Original-Host", "True-Client-Ip", "X-Client-Ip", "Client-Ip", "Client.Ip", "X-Cluster-Client-Ip", "Cf-Connecting-Ip", "X-Http-Host-Override",
		"X.Amz_Security~Token", "Forwarded", "X-Real-Ip", "X-Http-Method-Override", "X-Original-Url", "X_Rewrite_Url", "Expect", "AUTHORIZATION_",
		"Proxy", "X-Host", "Remote-User", "X-Remote-User", "X-Override-Url", "X-Originating-Ip", "X-Remote-Ip", "X-Remote-Addr",
		"Fastly-Client-Ip", "X-Azure-Clientip", "X-Envoy-Original-Path", "X-Envoy-External-Address",
	} {
		r.Header[name] = []string{"forged"}
	}
	delete(r.Header, "Expect") // net/http's client would wait for it
	r.Header.Set("Connection", "X-Iamd-Account, X-Iamd-Principal-Arn")
	if got := do(t, r); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	got := w.last(t)
	for name, want := range map[string]string{
		"X-Iamd-Principal-Arn": "arn:aws:sts::123456789012:assumed-role/Shop/s1",
		"X-Iamd-Account":       owner,
		"X-Iamd-User-Id":       "AROASHOP:s1",
		"X-Forwarded-For":      "127.0.0.1",
		"X-Forwarded-Proto":    "http",
		"X-Forwarded-Host":     apiHost,
		"X-Amz-Access-Token":   "for the upstream",
		"X.iamdx":              "for the upstream",
	} {
		if v := got.Header.Values(name); len(v) != 1 || v[0] != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	for name, values := range got.Header {
		switch plain := strings.ReplaceAll(strings.ToLower(name), "_", "-"); plain {
		case "authorization", "x-amz-security-token", "x-amz-date", "x-amz-content-sha256":
			t.Errorf("the upstream got %s", name)
		}
		if values[0] == "forged" && name != "Authorization_" {
			t.Errorf("the upstream got the client's %s", name)
		}
	}
	if got.Host != strings.TrimPrefix(w.upstream.URL, "http://") {
		t.Errorf("host %q", got.Host)
	}
}

func TestPaths(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		c.APIs[0].Region = "" // us-east-1, which the signatures name
		c.APIs[0].Upstream += "/base/"
		c.APIs[0].PreserveHost = true
		sub := c.APIs[0]
		sub.ID, sub.PathPrefix = "sub", "/sub"
		c.APIs = append(c.APIs, sub)
	})
	for _, c := range []struct{ method, uri, upstream, resource string }{
		{"GET", "", "/base/", "shop/prod/GET/"},
		{"GET", "/", "/base/", "shop/prod/GET/"},
		{"DELETE", "/a/b/", "/base/a/b/", "shop/prod/DELETE/a/b/"},
		{"PUT", "/a%20b/%C3%A4?q=%2F..%2F&x-amz-z=1&k", "/base/a%20b/%C3%A4?q=%2F..%2F&k", "shop/prod/PUT/a b/ä"},
		{"OPTIONS", "/a:b@c=1/$!'()*,~-_.x", "/base/a:b@c=1/$!'()*,~-_.x", "shop/prod/OPTIONS/a:b@c=1/$!'()*,~-_.x"},
		{"GET", "/50%25/a%3Ab%7C", "/base/50%25/a%3Ab%7C", "shop/prod/GET/50%/a:b|"},
		{"GET", "/sub", "/base/", "sub/prod/GET/"},
		{"GET", "/sub/x", "/base/x", "sub/prod/GET/x"},
		{"GET", "/subway", "/base/subway", "shop/prod/GET/subway"},
		{"HEAD", "/x", "/base/x", "shop/prod/HEAD/x"},
	} {
		got := do(t, w.signed(t, alice, c.method, c.uri, nil))
		if got.status != http.StatusAccepted {
			t.Errorf("%s %s: %d %s", c.method, c.uri, got.status, got.body)
			continue
		}
		s := w.last(t)
		e := <-w.events
		if s.URI != c.upstream || s.Method != c.method || s.Host != apiHost {
			t.Errorf("%s %s: the upstream got %s %s for %s", c.method, c.uri, s.Method, s.URI, s.Host)
		}
		if want := "arn:aws:execute-api:us-east-1:123456789012:" + c.resource; e.Resource != want || !e.Allowed || e.Caller == nil {
			t.Errorf("%s %s: event %+v, want resource %s", c.method, c.uri, e, want)
		}
	}
}

// raw sends a request as it stands and reads the answer.
func raw(t *testing.T, w *world, request string) reply {
	t.Helper()
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
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
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

func TestSmuggledPaths(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Authorization = gateway.AuthorizationNone })
	for _, line := range []string{
		"GET /a/../b", "GET /a/./b", "GET /..", "GET /a/%2e%2e/b", "GET /a/.%2E/b", "GET //a", "GET /a//b", "GET /a//",
		"GET /a%2Fb", "GET /a%2fb", "GET /a%5Cb", "GET /a%5c", "GET /a\\b", "GET /a%00", "GET /a%252e%252e/b", "GET /a%25252Fb",
		"GET /a/..;x=1/b", "GET /a/.;/b", "GET /;/a", "GET /a%0d%0ab", "GET /a%7f", "GET /%ff", "GET /%c0%ae%c0%ae/b", "GET /a|b", "GET /a\"b",
		"GET /a;x", "GET /a;x/b", "GET /a%3Bx/b", "GET /a%253bx", "GET /%61", "GET /%7Eme", "GET /a%2Db", "GET /a%2541", "GET /a%25%34%31", "OPTIONS *", "GET *",
		"GET /a#b", "GET /\xc3\xa4", "GET http://" + apiHost + "/a", "CONNECT " + apiHost + ":80", "TRACE /", "get /a", "G*T /a",
		"GET /a?b;c=d", "GET /a?b#c", "GET /a?\xff",
	} {
		before := w.calls()
		got := raw(t, w, line+" HTTP/1.1\r\nHost: "+apiHost+"\r\nConnection: close\r\n\r\n")
		if got.status != http.StatusBadRequest || w.calls() != before {
			t.Errorf("%q: %d %s", line, got.status, got.body)
		}
	}
	for _, head := range []string{"Host: a\r\nHost: " + apiHost, "Host: " + apiHost + "\r\nUpgrade: h2c\r\nConnection: Upgrade",
		"Host: " + apiHost + "\r\nContent-Length: 1\r\nContent-Length: 2", "Host: " + apiHost + "\r\nTransfer-Encoding: gzip, chunked"} {
		before := w.calls()
		if got := raw(t, w, "GET / HTTP/1.1\r\n"+head+"\r\n\r\n"); got.status != 400 && got.status != 501 || w.calls() != before {
			t.Errorf("%q: %d %s", head, got.status, got.body)
		}
	}
	// Two lengths: the one that rules is the one that is forwarded, once.
	both := raw(t, w, "POST / HTTP/1.1\r\nHost: "+apiHost+"\r\nConnection: close\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
	if s := w.last(t); both.status != http.StatusAccepted || s.Length != 2 || string(s.Body) != "hi" || s.Header["Transfer-Encoding"] != nil {
		t.Errorf("%d, the upstream got %+v", both.status, s)
	}
}

func TestBodies(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, func(c *gateway.Config) { c.SpoolDir, c.MemoryBody, c.MaxBody = dir, 1000, 100_000 })
	for _, n := range []int{0, 1, 999, 1000, 1001, 50_000, 100_000} {
		body := bytes.Repeat([]byte("0123456789"), n/10+1)[:n]
		for _, chunked := range []bool{false, true} {
			r := w.signed(t, alice, "PUT", "/upload", body)
			if chunked {
				r.ContentLength, r.Body = -1, io.NopCloser(bytes.NewReader(body))
			}
			if got := do(t, r); got.status != http.StatusAccepted || got.body != string(body) {
				t.Fatalf("%d bytes, chunked %v: %d", n, chunked, got.status)
			}
			if s := w.last(t); !bytes.Equal(s.Body, body) || s.Length != int64(n) {
				t.Errorf("%d bytes, chunked %v: the upstream got %d, length %d", n, chunked, len(s.Body), s.Length)
			}
		}
	}
	// What was on disk is signed like the rest.
	body := bytes.Repeat([]byte("x"), 50_000)
	r := w.signed(t, alice, "PUT", "/upload", body)
	changed := bytes.Clone(body)
	changed[49_999] = 'y'
	r.Body = io.NopCloser(bytes.NewReader(changed))
	w.refusedWith(t, r, 403, "InvalidSignatureException", "does not match")
	// Too long, told before and found out.
	long := bytes.Repeat([]byte("x"), 100_001)
	w.refusedWith(t, w.signed(t, alice, "PUT", "/upload", long), 413, "RequestEntityTooLargeException", `"message":"Request Too Long"`)
	r = w.signed(t, alice, "PUT", "/upload", long)
	r.ContentLength, r.Body = -1, io.NopCloser(bytes.NewReader(long))
	w.refusedWith(t, r, 413, "RequestEntityTooLargeException", "Request Too Long")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v %v", left, err)
	}
}

func TestSlowAndCutBodies(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		c.BodyTimeout, c.APIs[0].Authorization = 50*time.Millisecond, gateway.AuthorizationNone
	})
	got := raw(t, w, "POST / HTTP/1.1\r\nHost: "+apiHost+"\r\nContent-Length: 10\r\n\r\nabc")
	if got.status != http.StatusRequestTimeout || w.calls() != 0 {
		t.Errorf("slow: %d %s", got.status, got.body)
	}
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 10\r\n\r\nabc", apiHost)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	conn.Close()
	if resp.StatusCode != http.StatusBadRequest || w.calls() != 0 {
		t.Errorf("cut: %d", resp.StatusCode)
	}
}

func TestSpoolBound(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.MemoryBody, c.MaxSpool = 10, 1000 })
	w.refusedWith(t, w.signed(t, alice, "PUT", "/", make([]byte, 2000)), 503, "ServiceUnavailableException", "Service Unavailable")
	for range 3 { // room is given back
		if got := do(t, w.signed(t, alice, "PUT", "/", make([]byte, 1000))); got.status != http.StatusAccepted {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
}

func TestUpstreamFails(t *testing.T) {
	release := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hang.Close()
	defer close(release)
	w := newWorld(t, func(c *gateway.Config) {
		c.UpstreamTimeout = 5 * time.Second
		slow := c.APIs[0]
		slow.ID, slow.Hosts, slow.Upstream, slow.Timeout = "slow", []string{"slow.example.com"}, hang.URL, 30*time.Millisecond
		c.APIs = append(c.APIs, slow)
	})
	slow := w.request(t, "GET", "/", nil)
	slow.Host = "slow.example.com"
	w.sign(t, slow, alice, nil)
	w.refusedWith(t, slow, 504, "InternalServerErrorException", `{"message":"Endpoint request timed out"}`)
	w.upstream.Close()
	down := w.signed(t, alice, "POST", "/", []byte("x"))
	got := do(t, down)
	if got.status != 502 || !strings.Contains(got.body, `"message":"Internal server error"`) || !strings.Contains(got.body, "upstream") ||
		strings.Contains(got.body, "127.0.0.1") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestStreaming(t *testing.T) {
	next := make(chan struct{})
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintf(w, "part %d\n", i)
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	defer up.Close()
	// The stream outlives the time that its beginning may take.
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream, c.APIs[0].Timeout = up.URL, 500*time.Millisecond })
	resp, err := http.DefaultTransport.RoundTrip(w.signed(t, alice, "GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	for i := range 3 {
		line, err := in.ReadString('\n')
		if err != nil || line != fmt.Sprintf("part %d\n", i) {
			t.Fatalf("%q %v", line, err)
		}
		next <- struct{}{} // only now does the upstream write more
	}
}

func TestWebSocket(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\n\r\n", r.Header.Get("Upgrade"))
		rw.Flush()
		line, err := rw.ReadString('\n')
		if err == nil {
			fmt.Fprintf(rw, "echo %s %s", r.Header.Get("X-Iamd-Account"), line)
			rw.Flush()
		}
	}))
	defer up.Close()
	w := newWorld(t, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	signed := w.signed(t, alice, "GET", "/ws", nil)
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\n\r\n",
		apiHost, signed.Header.Get("X-Amz-Date"), signed.Header.Get("Authorization"))
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", resp, err)
	}
	fmt.Fprintln(conn, "hello")
	if line, err := in.ReadString('\n'); err != nil || line != "echo "+owner+" hello\n" {
		t.Fatalf("%q %v", line, err)
	}
	// Without a signature there is none.
	got := raw(t, w, "GET /ws HTTP/1.1\r\nHost: "+apiHost+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	if got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
}
