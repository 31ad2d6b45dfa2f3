package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"iamd/gateway"
	"iamd/limits"
)

// TestAHundredThousandStrangers: whatever address, key, host, user agent, action and
// path they bring, at whichever door, they leave nothing in a server's memory.
func TestAHundredThousandStrangers(t *testing.T) {
	s := start(t, Config{
		DataDir: t.TempDir(), Root: Root{AccountID: workAccount},
		Limits: Limits{
			PerAddress: limits.Rate{PerSecond: 100, Burst: 100}, PerAccount: limits.Rate{PerSecond: 100, Burst: 100},
			PerPrincipal: limits.Rate{PerSecond: 100, Burst: 100},
		},
		Gateway: gateway.Config{SpoolDir: t.TempDir(), APIs: []gateway.API{{ID: "api", Account: workAccount, Upstream: "http://127.0.0.1:1"}}},
	})
	defer closed(t, s)
	day := time.Now().UTC()
	ask := func(i int) int {
		h, path, body := s.Handler(), "/", fmt.Sprintf("Action=Act%d&Version=2010-05-08", i)
		service := "iam"
		switch i % 6 {
		case 1:
			path, body = fmt.Sprintf("/?Action=Act%d", i), ""
		case 2:
			h, path, service = s.Gateway(), fmt.Sprintf("/path/%d", i), "execute-api"
		case 3:
			path, body = fmt.Sprintf("/console/api/%d", i), ""
		case 4:
			path, service = "/access/v1/evaluation", "authzen"
		case 5:
			path, body = "/auth/o2/token", fmt.Sprintf("grant_type=refresh_token&refresh_token=r%d&client_id=c%d&client_secret=s%d", i, i, i)
		}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:443", i>>16, i&0xffff)
		r.Host = fmt.Sprintf("h%d.example", i)
		r.Header.Set("User-Agent", fmt.Sprintf("agent/%d", i))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Traceparent", fmt.Sprintf("00-%032x-%016x-01", i+1, i+1))
		if i%6 != 5 {
			r.Header.Set("X-Amz-Date", day.Format("20060102T150405Z"))
			r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=AKIA%016d/%s/us-east-1/%s/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=%064x",
				i, day.Format("20060102"), service, i))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for i := range 5000 {
		if status := ask(i); status < 400 || status >= 500 {
			t.Fatalf("stranger %d: %d", i, status)
		}
	}
	before := heap()
	for i := range 100_000 {
		if status := ask(5000 + i); status < 400 || status >= 500 {
			t.Fatalf("stranger %d: %d", 5000+i, status)
		}
	}
	if after := heap(); after > before+(4<<20) {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	} else {
		t.Logf("the heap went from %d to %d bytes", before, after)
	}
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if n := len(f.GetMetric()); n > 200 {
			t.Errorf("%s has %d series", f.GetName(), n)
		}
	}
}
