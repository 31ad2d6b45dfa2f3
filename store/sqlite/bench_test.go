package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"iamd/store"
)

// BenchmarkCommit compares commits one by one with commits that come together,
// each to an aggregate of its own.
func BenchmarkCommit(b *testing.B) {
	perSecond := map[int]float64{}
	for _, committers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("committers=", committers), func(b *testing.B) {
			s := start(b, filepath.Join(b.TempDir(), "store.db"))
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
			perSecond[committers] = float64(b.N) / time.Since(began).Seconds()
			b.ReportMetric(perSecond[committers], "commits/s")
			b.ReportMetric(perSecond[committers]/perSecond[1], "times-one-by-one")
		})
	}
}

// BenchmarkOpenAndLoad opens a store and loads an aggregate of so many rows of
// 600 bytes, as the first request after a start does.
func BenchmarkOpenAndLoad(b *testing.B) {
	for _, count := range []int{1000, 100000} {
		b.Run(fmt.Sprint("rows=", count), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "store.db")
			fill(b, path, count)
			b.ResetTimer()
			for b.Loop() {
				s, err := Open(b.Context(), Config{Path: path})
				if err != nil {
					b.Fatal(err)
				}
				if _, rows, err := s.Load(b.Context(), "a/1"); err != nil || len(rows) != count {
					b.Fatalf("%d rows, %v", len(rows), err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill makes a store of one aggregate with count rows of 600 bytes.
func fill(t testing.TB, path string, count int) {
	t.Helper()
	s := start(t, path)
	data := bytes.Repeat([]byte("x"), 600)
	for v := 0; v*1000 < count; v++ {
		var rows []store.Row
		for k := range 1000 {
			rows = append(rows, store.Row{Kind: "user", Key: fmt.Sprintf("AIDA%06d", v*1000+k), Schema: 1, Data: data})
		}
		if err := s.Commit(t.Context(), []store.Part{{Aggregate: "a/1", Expect: uint64(v), Changes: store.Changes{Rows: rows}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
