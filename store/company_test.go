package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"iamd/store"
)

// slow is a backend of one aggregate whose commits take a while, by a false clock.
type slow struct {
	store.Backend // nil: nothing else is asked
	takes         time.Duration
	version       uint64
	commits       int
}

func (s *slow) Load(context.Context, string) (uint64, []store.Row, error) {
	return s.version, nil, nil
}

func (s *slow) Commit(_ context.Context, parts []store.Part) error {
	time.Sleep(s.takes)
	if parts[0].Expect != s.version {
		return fmt.Errorf("%w: %d, not %d", store.ErrConflict, s.version, parts[0].Expect)
	}
	s.version++
	s.commits++
	return nil
}

// TestCompany: writers who come back at once share a commit, all of them; one alone is
// never kept waiting, and neither is who is left of several, but once.
func TestCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes, back = time.Millisecond, 200 * time.Microsecond
		b := &slow{takes: takes, version: 1}
		s := store.New(config(b))
		defer func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		write := func(who, times int) {
			for i := range times {
				time.Sleep(back + time.Duration(who)*time.Microsecond)
				if err := s.Update(t.Context(), "1", put(fmt.Sprint(who), fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		}
		measure := func(writers, times int) (commits int, took time.Duration) {
			before, began := b.commits, time.Now()
			var all sync.WaitGroup
			for who := range writers {
				all.Go(func() { write(who, times) })
			}
			all.Wait()
			return b.commits - before, time.Since(began)
		}
		if commits, took := measure(1, 100); commits != 100 || took != 100*(takes+back) {
			t.Errorf("one writer: %d commits in %v, want 100 in %v", commits, took, 100*(takes+back))
		}
		if commits, _ := measure(8, 100); commits > 105 {
			t.Errorf("eight writers who write a hundred times each: %d commits", commits)
		}
		// Seven of them have gone.
		if commits, took := measure(1, 100); commits != 100 || took > 100*(takes+back)+takes {
			t.Errorf("who is left: %d commits in %v, want 100 in %v and less than one commit more", commits, took, 100*(takes+back))
		}
	})
}
