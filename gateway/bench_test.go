package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"iamd/gateway"
	"iamd/guard"
)

// short answers like a small service, in this process.
type short struct{}

func (short) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}") // a client that went away
}

func (short) Operation(string, string) (gateway.Operation, bool) {
	return gateway.Operation{Name: "get"}, true
}

// BenchmarkGateway sends requests through the gateway, verified and decided or open
// to all, and to a backend, beside net/http/httputil's proxy alone.
func BenchmarkGateway(b *testing.B) {
	up := httptest.NewServer(short{})
	defer up.Close()
	target, err := url.Parse(up.URL)
	if err != nil {
		b.Fatal(err)
	}
	w := newWorld(b, func(c *gateway.Config) {
		c.APIs[0].Upstream = up.URL
		open, local := c.APIs[0], c.APIs[0]
		open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
		local.ID, local.Hosts, local.Upstream, local.Backend = "local", []string{"local.example.com"}, "", short{}
		c.APIs = append(c.APIs, open, local)
	})
	cred := w.session(b)
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(target); p.SetXForwarded() },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
		FlushInterval: -1,
	})
	defer proxy.Close()
	run := func(b *testing.B, base, host string, body []byte) {
		method := "GET"
		if body != nil {
			method = "POST"
		}
		r := w.request(b, method, "/orders/v0/orders?MarketplaceIds=A1", body)
		r.Host = host
		w.sign(b, r, cred, body)
		u, err := url.Parse(base + r.URL.RequestURI())
		if err != nil {
			b.Fatal(err)
		}
		r.URL = u
		client := &http.Transport{MaxIdleConnsPerHost: 64}
		defer client.CloseIdleConnections()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				again := r.Clone(b.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				resp, err := client.RoundTrip(again)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Errorf("status %d", resp.StatusCode)
					return
				}
			}
		})
	}
	kilobyte := bytes.Repeat([]byte("x"), 1<<10)
	b.Run("AWS_IAM", func(b *testing.B) { run(b, w.door.URL, apiHost, nil) })
	b.Run("NONE", func(b *testing.B) { run(b, w.door.URL, "open.example.com", nil) })
	b.Run("Backend", func(b *testing.B) { run(b, w.door.URL, "local.example.com", nil) })
	b.Run("httputil", func(b *testing.B) { run(b, proxy.URL, apiHost, nil) })
	b.Run("AWS_IAM-1KiB", func(b *testing.B) { run(b, w.door.URL, apiHost, kilobyte) })
	b.Run("NONE-1KiB", func(b *testing.B) { run(b, w.door.URL, "open.example.com", kilobyte) })
}

// BenchmarkAsk decides only: what the gate itself costs.
func BenchmarkAsk(b *testing.B) {
	w := newWorld(b, func(c *gateway.Config) {
		open := c.APIs[0]
		open.ID, open.Hosts, open.Authorization = "open", []string{"open.example.com"}, gateway.AuthorizationNone
		c.APIs = append(c.APIs, open)
	})
	for _, c := range []struct{ name, host string }{{"AWS_IAM", apiHost}, {"NONE", "open.example.com"}} {
		b.Run(c.name, func(b *testing.B) {
			r := w.request(b, "GET", "/orders/v0/orders?MarketplaceIds=A1", nil)
			r.Host = c.host
			w.sign(b, r, w.session(b), nil)
			r.RequestURI = r.URL.RequestURI()
			r.URL.Scheme, r.URL.Host = "", ""
			from := guard.Origin{SourceIP: "127.0.0.1", Time: noon}
			b.ReportAllocs()
			for b.Loop() {
				if a := w.gateway.Ask(context.Background(), gateway.Asked{Request: r, Body: gateway.BodyNone, From: from}); !a.Allowed {
					b.Fatalf("%d %s", a.Status, a.Text)
				}
			}
		})
	}
}
