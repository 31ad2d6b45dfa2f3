package gateway

import (
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"iamd/guard"
)

// A million callers keep no more than was agreed, and one who goes on calling
// keeps its bucket through it.
func TestBucketsBounded(t *testing.T) {
	b := newBuckets(maxBuckets)
	plan := Operation{Name: "op", Rate: 1e-9, Burst: 3}
	now := time.Unix(1, 0)
	busy := bucketName{api: "api", operation: "op", who: "busy"}
	taken := 0
	for i := range 1_000_000 {
		b.take(bucketName{api: "api", operation: "op", who: strconv.Itoa(i)}, plan, now)
		if i%1000 == 0 && b.take(busy, plan, now) {
			taken++
		}
	}
	if taken != plan.Burst {
		t.Errorf("%d requests of %d", taken, plan.Burst)
	}
	kept := 0
	for i := range b.shard {
		kept += len(b.shard[i].young) + len(b.shard[i].old)
	}
	if kept > maxBuckets {
		t.Errorf("%d buckets, want %d at most", kept, maxBuckets)
	}
}

func TestBucketOfStrangers(t *testing.T) {
	c := &call{route: &route{arn: "a"}, caller: guard.Anonymous(guard.Origin{})}
	seen := map[bucketName]bool{}
	first := netip.MustParseAddr("2001:db8::1")
	for range 100 { // one subscriber's addresses are one
		c.origin.SourceIP = first.String()
		seen[c.bucket(false)], first = true, first.Next()
	}
	c.origin.SourceIP = "::ffff:192.0.2.1"
	seen[c.bucket(false)] = true
	c.origin.SourceIP = "192.0.2.1"
	seen[c.bucket(false)] = true
	if len(seen) != 2 {
		t.Errorf("%v", seen)
	}
}

// BenchmarkBuckets takes from buckets of ever new callers: "B/kept" is what stays
// of all of them.
func BenchmarkBuckets(b *testing.B) {
	all := newBuckets(maxBuckets)
	plan := Operation{Name: "getOrders", Rate: 1, Burst: 1}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b.ReportAllocs()
	for i := range b.N {
		all.take(bucketName{api: "arn:aws:execute-api:us-east-1:123456789012:shop/prod/", operation: plan.Name, who: strconv.Itoa(i)}, plan, time.Unix(1, 0))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)), "B/kept")
	runtime.KeepAlive(all)
}
