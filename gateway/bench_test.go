package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"iamd/gateway"
)

// BenchmarkGateway verifies, decides and proxies, beside the same proxy alone.
// The difference is what the gate costs.
func BenchmarkGateway(b *testing.B) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer up.Close()
	target, err := url.Parse(up.URL)
	if err != nil {
		b.Fatal(err)
	}
	w := newWorld(b, func(c *gateway.Config) { c.APIs[0].Upstream = up.URL })
	cred := w.session(b)
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(target); p.SetXForwarded() },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
		FlushInterval: -1,
	})
	defer proxy.Close()
	run := func(b *testing.B, base string) {
		r := w.signed(b, cred, "GET", "/orders/v0/orders?MarketplaceIds=A1", nil)
		u, err := url.Parse(base + r.URL.RequestURI())
		if err != nil {
			b.Fatal(err)
		}
		r.URL = u
		client := &http.Transport{MaxIdleConnsPerHost: 64}
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				resp, err := client.RoundTrip(r.Clone(b.Context()))
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
	b.Run("gateway", func(b *testing.B) { run(b, w.door.URL) })
	b.Run("proxy", func(b *testing.B) { run(b, proxy.URL) })
}
