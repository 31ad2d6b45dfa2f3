package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkUpdate compares writes to one aggregate one by one with writes that
// come together.
func BenchmarkUpdate(b *testing.B) {
	perSecond := map[int]float64{}
	for _, writers := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			s := start(b, config(open(b)))
			create(b, s, "1")
			var wg sync.WaitGroup
			var n atomic.Int64
			began := time.Now()
			for range writers {
				wg.Go(func() {
					for n.Add(1) <= int64(b.N) {
						if err := s.Update(context.Background(), "1", count); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			perSecond[writers] = float64(b.N) / time.Since(began).Seconds()
			b.ReportMetric(perSecond[writers], "writes/s")
			b.ReportMetric(perSecond[writers]/perSecond[1], "times-one-by-one")
		})
	}
}

func BenchmarkView(b *testing.B) {
	s := start(b, config(open(b)))
	create(b, s, "1")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.View(context.Background(), "1"); err != nil {
				b.Error(err)
			}
		}
	})
}
