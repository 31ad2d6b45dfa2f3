package sink_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iamd/audit/sink"
)

// collector is an endpoint without a network.
type collector struct {
	mu       sync.Mutex
	got      map[string]int
	requests int
	most     int              // events of a request
	status   func([]byte) int // nil: 200
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.requests++
	answer := &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("")), Request: r, Header: http.Header{}}
	if c.status != nil {
		answer.StatusCode = c.status(body)
	}
	if answer.StatusCode == 200 {
		var told struct{ Records []struct{ EventID string } }
		if err := json.Unmarshal(body, &told); err != nil {
			return nil, err
		}
		c.most = max(c.most, len(told.Records))
		for _, e := range told.Records {
			c.got[e.EventID]++
		}
	}
	return answer, nil
}

// TestCollector: batches are as large as was said, an endpoint that is away is tried
// again ever more slowly, and what is too large for it is sent in parts, down to
// single events, which alone may be left out.
func TestCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{got: map[string]int{}}
		c.status = func([]byte) int { return 503 }
		r := run(t, newBackend(), sink.Spec{HTTP: &sink.HTTP{URL: "https://collector.example/in?key=hidden", Batch: 10, Transport: c}})
		var ids []string
		for i := range 95 {
			ids = append(ids, fmt.Sprint("e", i))
		}
		if err := r.commit(t, "1", ids...); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		c.mu.Lock()
		if c.requests < 60 || c.requests > 70 {
			t.Errorf("%d requests in an hour", c.requests)
		}
		c.status = func(body []byte) int {
			if len(body) > 60 || strings.Contains(string(body), `"e42"`) {
				return 413
			}
			return 200
		}
		c.mu.Unlock()
		pass(2 * time.Minute)
		synctest.Wait()
		s := r.sinks.States()[0]
		if s.Dropped != 1 || s.Waiting != 0 || s.Name != "http https://collector.example" {
			t.Errorf("%+v", s)
		}
		for _, id := range ids {
			if c.got[id] != 1 && id != "e42" {
				t.Errorf("%s came %d times", id, c.got[id])
			}
		}
		c.status, c.most = nil, 0
		if err := r.commit(t, "1", ids...); err != nil {
			t.Fatal(err)
		}
		r.close(t)
		if c.most != 10 {
			t.Errorf("%d events at once", c.most)
		}
	})
}
