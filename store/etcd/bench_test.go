package etcd

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
	"iamd/store/etcd/etcdtest"
)

// BenchmarkCommit compares commits one by one with commits that come together,
// each to an aggregate of its own.
func BenchmarkCommit(b *testing.B) {
	for _, members := range []int{1, 3} {
		c := etcdtest.Start(b, members)
		for _, committers := range []int{1, 16, 64} {
			b.Run(fmt.Sprint("members=", members, "/committers=", committers), func(b *testing.B) {
				s := start(b, fmt.Sprint(c.URL(), "/", time.Now().UnixNano()))
				data := bytes.Repeat([]byte("x"), 600)
				var wg sync.WaitGroup
				var n atomic.Int64
				began := time.Now()
				for i := range committers {
					wg.Go(func() {
						for v := uint64(0); n.Add(1) <= int64(b.N); v++ {
							if err := s.Commit(context.Background(), []store.Part{{Aggregate: fmt.Sprint("a/", i), Expect: v, Changes: store.Changes{
								Rows: []store.Row{{Kind: "user", Key: fmt.Sprint(v), Data: data}}}}}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "commits/s")
			})
		}
	}
}

// many makes n aggregates of one row each.
func many(b *testing.B, s *Store, n int) {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("account/%012d", i))
	}
	for group := range slices.Chunk(names, 50) {
		var parts []store.Part
		for _, name := range group {
			parts = append(parts, store.Part{Aggregate: name})
		}
		if err := s.Commit(b.Context(), parts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPoll compares ways to ask whether there were commits: by one key that
// each puts, or by all versions.
func BenchmarkPoll(b *testing.B) {
	s := start(b, etcdtest.Shared(b))
	const aggregates = 10000
	many(b, s, aggregates)
	resp, err := s.client.Get(b.Context(), s.prefix+keyHead)
	if err != nil {
		b.Fatal(err)
	}
	versions := []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithKeysOnly(), clientv3.WithMinModRev(resp.Header.Revision + 1)}
	b.Run("head", func(b *testing.B) {
		for b.Loop() {
			if p := s.ask(b.Context(), poll{at: time.Now()}); p.err != nil || p.head == 0 {
				b.Fatal(p.err)
			}
		}
	})
	b.Run(fmt.Sprint("versions=", aggregates), func(b *testing.B) {
		for b.Loop() {
			if _, err := s.client.Get(b.Context(), s.prefix+spaceVersion, versions...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoad loads an aggregate of so many rows of 600 bytes.
func BenchmarkLoad(b *testing.B) {
	for _, count := range []int{10, 1000, 30000} {
		b.Run(fmt.Sprint("rows=", count), func(b *testing.B) {
			s := start(b, fmt.Sprint(etcdtest.Shared(b), time.Now().UnixNano()))
			var rows []store.Row
			for k := range count {
				rows = append(rows, store.Row{Kind: "user", Key: fmt.Sprintf("AIDA%06d", k), Schema: 1, Data: make([]byte, 600)})
			}
			if err := s.Commit(b.Context(), []store.Part{{Aggregate: "a/1", Changes: store.Changes{Rows: rows}}}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, got, err := s.Load(b.Context(), "a/1"); err != nil || len(got) != count {
					b.Fatalf("%d rows, %v", len(got), err)
				}
			}
		})
	}
}
