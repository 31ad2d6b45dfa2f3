package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/workload"
)

// attacked is a whole server that listens, with an open API behind its gateway.
type attacked struct {
	*Server
	doors map[string]string // addresses of all that speak HTTP

	mu   sync.Mutex
	seen []string // the targets that the upstream was asked for
}

func startAttacked(t *testing.T) *attacked {
	t.Helper()
	a := &attacked{}
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		a.mu.Lock()
		a.seen = append(a.seen, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Iamd-Principal-Arn")+r.Header.Get("X-Folded"))
		a.mu.Unlock()
	}))
	t.Cleanup(up.Close)
	a.Server = start(t, Config{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Root: Root{AccountID: workAccount},
		Gateway: gateway.Config{Listen: "127.0.0.1:0", BodyTimeout: 50 * time.Millisecond, SpoolDir: t.TempDir(), APIs: []gateway.API{{
			ID: "open", Account: workAccount, Hosts: []string{"api.example"}, Upstream: up.URL, Authorization: gateway.AuthorizationNone,
		}}},
		Workloads: Workloads{
			Container: workload.Container{Listen: "127.0.0.1:0", Tasks: []workload.Task{{Name: "batch", Role: "arn:aws:iam::" + workAccount + ":role/Batch"}}},
			Instance:  workload.Instance{Listen: "127.0.0.1:0", Profile: "arn:aws:iam::" + workAccount + ":instance-profile/Web"},
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	ended, ready := make(chan error, 1), make(chan Addresses, 1)
	go func() { ended <- a.Serve(ctx, func(at Addresses) { ready <- at }) }()
	select {
	case at := <-ready:
		a.doors = map[string]string{"APIs": at.API.String(), "gateway": at.Gateway.String(), "containers": at.Containers.String(), "metadata": at.Metadata.String()}
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		closed(t, a.Server)
	})
	return a
}

// saw are the targets that the upstream was asked for since the last time.
func (a *attacked) saw() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := a.seen
	a.seen = nil
	return seen
}

// statuses sends bytes to a door, and gives the statuses of all answers until the
// door ends the connection.
func (a *attacked) statuses(t *testing.T, at, sent string) (all []int) {
	t.Helper()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	// Only a door that leaves the connection open is waited for so long.
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for r := bufio.NewReader(conn); ; {
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			return all
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		all = append(all, answer.StatusCode)
	}
}

// hidden is a request that must not be taken for one of its own, or for another's.
const hidden = "GET /hidden HTTP/1.1\r\nHost: api.example\r\n\r\n"

// TestSmuggling: whatever two readers could take for different requests is refused,
// and nothing that follows it on the connection is answered, at every door.
func TestSmuggling(t *testing.T) {
	a := startAttacked(t)
	// The bytes between a line and its end are those of the attack.
	for name, sent := range map[string]string{
		"two hosts":                "GET / HTTP/1.1\r\nHost: api.example\r\nHost: other.example\r\n\r\n",
		"one host twice":           "GET / HTTP/1.1\r\nHost: api.example\r\nHost: api.example\r\n\r\n",
		"no host":                  "GET / HTTP/1.1\r\n\r\n",
		"a host with a path":       "GET / HTTP/1.1\r\nHost: api.example/x\r\n\r\n",
		"two lengths":              "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\nContent-Length: 46\r\n\r\n",
		"lengths in a list":        "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0, 46\r\n\r\n",
		"a signed length":          "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: +0\r\n\r\n",
		"a negative length":        "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: -1\r\n\r\n",
		"a length in hex":          "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0x0\r\n\r\n",
		"chunked twice":            "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunked twice in a line":  "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"another coding":           "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"identity":                 "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
		"a coding after a tab":     "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
		"space before the colon":   "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n",
		"space before the name":    "POST / HTTP/1.1\r\n Host: api.example\r\n\r\n",
		"no colon":                 "GET / HTTP/1.1\r\nHost: api.example\r\nX-Broken\r\n\r\n",
		"a null":                   "GET / HTTP/1.1\r\nHost: api.example\r\nX-Null: a\x00b\r\n\r\n",
		"a lone carriage return":   "GET / HTTP/1.1\r\nHost: api.example\r\nX-A: b\rX-B: c\r\n\r\n",
		"a chunk of a wrong size":  "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
		"a chunk ended by LF":      "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
		"an extension ended by LF": "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n1;x\na\r\n0\r\n\r\n",
		"a huge chunk":             "POST / HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
		"two spaces":               "GET  / HTTP/1.1\r\nHost: api.example\r\n\r\n",
		"another version":          "GET / HTTP/1.9x\r\nHost: api.example\r\n\r\n",
		"version 2":                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"version 3":                "GET / HTTP/3.0\r\nHost: api.example\r\n\r\n",
		"version 0.9":              "GET /\r\n\r\n",
	} {
		for door, at := range a.doors {
			got := a.statuses(t, at, sent+hidden)
			if len(got) != 1 || got[0] < 400 {
				t.Errorf("%s at the %s: %v", name, door, got)
			}
		}
		if seen := a.saw(); len(seen) != 0 {
			t.Errorf("%s: the upstream saw %q", name, seen)
		}
	}
}

// TestAmbiguousFraming: of what is read in one way only, by net/http's reading, that
// way is the one that goes on, and where a proxy in front could have read otherwise
// the connection ends.
func TestAmbiguousFraming(t *testing.T) {
	a := startAttacked(t)
	at := a.doors["gateway"]
	const both = "POST /x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	for door, at := range a.doors {
		if got := a.statuses(t, at, both+hidden); len(got) != 1 {
			t.Errorf("a length beside chunks, at the %s: %v", door, got)
		}
	}
	if seen := a.saw(); len(seen) != 1 || seen[0] != "POST /x " {
		t.Errorf("a length beside chunks: the upstream saw %q", seen)
	}
	for name, c := range map[string]struct{ sent, want string }{
		"a folded header":         {"GET /x HTTP/1.1\r\nHost: api.example\r\nX-Folded: a\r\n X-Iamd-Principal-Arn: root\r\nConnection: close\r\n\r\n", "GET /x a X-Iamd-Principal-Arn: root"},
		"lines ended by LF":       {"GET /x HTTP/1.1\nHost: api.example\nX-Folded: a\nX-Iamd-Principal-Arn: root\nConnection: close\n\n", "GET /x a"},
		"our own header":          {"GET /x HTTP/1.1\r\nHost: api.example\r\nx_iamd_principal_arn: root\r\nX-IAMD-Principal-ARN: root\r\nConnection: close\r\n\r\n", "GET /x "},
		"named by the connection": {"GET /x HTTP/1.1\r\nHost: api.example\r\nX-Folded: a\r\nConnection: close, X-Folded, X-Iamd-Principal-Arn\r\n\r\n", "GET /x "},
		"a length twice the same": {"POST /x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 1\r\nContent-Length: 1\r\nConnection: close\r\n\r\na", "POST /x "},
	} {
		got, seen := a.statuses(t, at, c.sent), a.saw()
		if len(got) != 1 || got[0] != http.StatusOK || len(seen) != 1 || seen[0] != c.want {
			t.Errorf("%s: %v, the upstream saw %q, want %q", name, got, seen, c.want)
		}
	}
	for _, target := range []string{"http://api.example/x", "//api.example/x", "http://other.example/x", "*", "api.example:80", "/a/../x", "/a/%2e%2e/x", "/a%2Fx", "/a%5cx", "/a//x", "/x;a", "/x%00", "/%78"} {
		got := a.statuses(t, at, "GET "+target+" HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n")
		if seen := a.saw(); len(got) != 1 || got[0] != http.StatusBadRequest || len(seen) != 0 {
			t.Errorf("%s: %v, the upstream saw %q", target, got, seen)
		}
	}
}

// TestBodiesAtDoors: what is too long is refused at every door before it is sent, and
// what does not come is not waited for beyond the bounds.
func TestBodiesAtDoors(t *testing.T) {
	a := startAttacked(t)
	for door, want := range map[string]int{"APIs": http.StatusRequestEntityTooLarge, "gateway": http.StatusRequestEntityTooLarge, "containers": http.StatusNotFound, "metadata": http.StatusMethodNotAllowed} {
		conn, err := net.Dial("tcp", a.doors[door])
		if err != nil {
			t.Fatal(err)
		}
		// The rest never comes; who waited for it would not answer.
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", 1<<30)
		if door == "gateway" {
			_ = conn.Close()
			if conn, err = net.Dial("tcp", a.doors[door]); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: %d\r\n\r\n", 1<<30)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != want {
			t.Errorf("a gibibyte at the %s: %v, %v", door, answer, err)
		}
		_ = conn.Close()
	}
	conn, err := net.Dial("tcp", a.doors["gateway"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 10\r\n\r\nabc")
	if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("a body that stops: %v, %v", answer, err)
	}
	// The other bounds are too long to wait for.
	d := a.behind(nil, a.handler, readTimeout).server.(*http.Server)
	if d.ReadHeaderTimeout != headerTimeout || d.ReadTimeout != readTimeout || d.WriteTimeout != writeTimeout || d.IdleTimeout != idleTimeout || d.MaxHeaderBytes != maxHeader {
		t.Errorf("bounds %+v", d)
	}
	if seen := a.saw(); len(seen) != 0 {
		t.Errorf("the upstream saw %q", seen)
	}
}

// TestStrangersAtAPIs: twenty thousand keys that nobody holds leave nothing in the
// memory of a whole server, nor do tokens and guesses at the doors for workloads.
func TestStrangersAtAPIs(t *testing.T) {
	const strangers = 20_000
	a := startAttacked(t)
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			key := fmt.Sprintf("AKIA%016d", i)
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=GetCallerIdentity&Version=2011-06-15"))
			r.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:443", i>>16, i&0xffff)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/"+time.Now().UTC().Format("20060102")+
				"/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature="+strings.Repeat("0", 64))
			answer := httptest.NewRecorder()
			if a.handler.ServeHTTP(answer, r); answer.Code != http.StatusForbidden {
				t.Errorf("%s: %d %s", key, answer.Code, answer.Body)
				return
			}
			for _, h := range []http.Handler{a.containers, a.metadata} {
				r = httptest.NewRequest(http.MethodGet, "http://127.0.0.1/v1/credentials/"+key, nil)
				r.RemoteAddr = fmt.Sprintf("192.0.%d.%d:1", i>>8&255, i&255)
				r.Header.Set("Authorization", key)
				r.Header.Set("X-Aws-Ec2-Metadata-Token", strings.Repeat(key, 4))
				answer = httptest.NewRecorder()
				if h.ServeHTTP(answer, r); answer.Code != http.StatusUnauthorized && answer.Code != http.StatusTooManyRequests {
					t.Errorf("%s: %d %s", key, answer.Code, answer.Body)
					return
				}
			}
		}
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	ask(0, 2000)
	before := heap()
	ask(2000, 2000+strangers)
	// Guesses are counted by address, for 65,536 at most.
	if after := heap(); after > before+(8<<20) {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	var page bytes.Buffer
	answer := httptest.NewRecorder()
	a.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if _, err := page.ReadFrom(answer.Body); err != nil || strings.Contains(page.String(), "AKIA") || bytes.Count(page.Bytes(), []byte("\n")) > 1000 {
		t.Errorf("%d bytes of metrics: %v", page.Len(), err)
	}
}
