package postgres

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/postgres/postgrestest"
	"iamd/store/storetest"
)

// BenchmarkCommit compares commits one by one with commits that come together,
// each to an aggregate of its own.
func BenchmarkCommit(b *testing.B) {
	perSecond := map[int]float64{}
	for _, committers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint("committers=", committers), func(b *testing.B) {
			s := start(b, postgrestest.Shared(b).Database(b))
			data := bytes.Repeat([]byte("x"), 600)
			var wg sync.WaitGroup
			var n atomic.Int64
			b.ResetTimer()
			began := time.Now()
			for i := range committers {
				wg.Go(func() {
					for v := uint64(0); n.Add(1) <= int64(b.N); v++ {
						if err := s.Commit(context.Background(), []store.Part{{Aggregate: fmt.Sprint("a/", i), Expect: v, Changes: store.Changes{
							Rows:   []store.Row{{Kind: "user", Key: fmt.Sprint(v), Data: data}},
							Events: []store.Event{{ID: fmt.Sprint(v), Data: data}}}}}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			perSecond[committers] = float64(b.N) / time.Since(began).Seconds()
			b.ReportMetric(perSecond[committers], "commits/s")
			b.ReportMetric(perSecond[committers]/perSecond[1], "times-one-by-one")
		})
	}
}

// BenchmarkLoad loads an aggregate of so many rows of 600 bytes.
func BenchmarkLoad(b *testing.B) {
	for _, count := range []int{1000, 100000} {
		b.Run(fmt.Sprint("rows=", count), func(b *testing.B) {
			s := start(b, postgrestest.Shared(b).Database(b))
			snap := store.Snapshot{Aggregate: "a/1", Version: 1}
			for k := range count {
				snap.Rows = append(snap.Rows, store.Row{Kind: "user", Key: fmt.Sprintf("AIDA%06d", k), Schema: 1, Data: bytes.Repeat([]byte("x"), 600)})
			}
			if err := s.Restore(b.Context(), snap); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, rows, err := s.Load(b.Context(), "a/1"); err != nil || len(rows) != count {
					b.Fatalf("%d rows, %v", len(rows), err)
				}
			}
		})
	}
}

// BenchmarkFollow asks for the versions of so many held aggregates, of which there
// are twice as many.
func BenchmarkFollow(b *testing.B) {
	for _, count := range []int{100, 10000} {
		b.Run(fmt.Sprint("held=", count), func(b *testing.B) {
			cluster := postgrestest.Shared(b)
			url := cluster.Database(b)
			s := start(b, url)
			database := url[strings.LastIndex(url, "/")+1 : strings.LastIndex(url, "?")]
			cluster.Exec(b, database, fmt.Sprintf("INSERT INTO aggregates SELECT 'account/' || lpad(n::text, 12, '0'), 7 FROM generate_series(1, %d) n", 2*count), "ANALYZE aggregates")
			held := map[string]uint64{}
			for n := range count {
				held[fmt.Sprintf("account/%012d", 2*n+1)] = 7
			}
			conn, err := s.pool.Acquire(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Release()
			if _, err := s.prepare(b.Context(), conn.Conn(), byNumber...); err != nil {
				b.Fatal(err)
			}
			poll := &poller{conn: conn.Conn()} // nothing moves, so nobody is told
			for b.Loop() {
				if err := poll.poll(b.Context(), held); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/poll")
		})
	}
}

// BenchmarkTold is the time from a commit's answer in one process until another one
// that follows is told.
func BenchmarkTold(b *testing.B) {
	url := postgrestest.Shared(b).Database(b)
	s, other := start(b, url), start(b, url)
	f := storetest.NewFeed("a/1")
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Follow(ctx, f) }()
	for v := uint64(0); b.Loop(); v++ {
		if err := other.Commit(b.Context(), []store.Part{{Aggregate: "a/1", Expect: v}}); err != nil {
			b.Fatal(err)
		}
		for told := false; !told; {
			changed := f.News()
			if told = f.Held()["a/1"] == v+1; told {
				break
			}
			select {
			case <-changed:
			case err := <-ended:
				b.Fatal(err)
			}
		}
	}
	cancel()
	<-ended
}
