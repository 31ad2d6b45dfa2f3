package api

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestTries(t *testing.T) {
	s := newTries()
	guess := func(at time.Time, want bool) {
		t.Helper()
		if s.begin("a", at) != want {
			t.Errorf("at %v: admitted is %v", at, !want)
		}
	}
	for range triesInSpan {
		guess(noon, true)
	}
	guess(noon.Add(trySpan-1), false)
	if !s.begin("b", noon) {
		t.Error("another secret is refused")
	}
	for range triesInSpan {
		guess(noon.Add(trySpan), true)
	}
	guess(noon.Add(trySpan), false)
	s.right("a")
	guess(noon.Add(trySpan), true)
}

// TestTriesAtOnce: many guesses at once are no more than many in a row.
func TestTriesAtOnce(t *testing.T) {
	s, admitted, all := newTries(), atomic.Int32{}, sync.WaitGroup{}
	for range 50 {
		all.Go(func() {
			if s.begin("a", noon) {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if n := admitted.Load(); n != triesInSpan {
		t.Errorf("%d guesses were admitted", n)
	}
}

// TestTriesAreBounded: whatever is guessed at, so much is remembered and no more;
// what is over goes first.
func TestTriesAreBounded(t *testing.T) {
	s := newTries()
	for i := range triesKept - 1 {
		s.begin(fmt.Sprint(i), noon)
	}
	for range triesInSpan {
		s.begin("a", noon.Add(trySpan-1))
	}
	for i := range 10 {
		s.begin(fmt.Sprint("late ", i), noon.Add(trySpan))
	}
	if len(s.wrong) != 11 || s.begin("a", noon.Add(trySpan)) {
		t.Errorf("%d secrets are remembered", len(s.wrong))
	}
	for i := range triesKept + 10 {
		s.begin(fmt.Sprint("more ", i), noon.Add(trySpan))
	}
	if len(s.wrong) != triesKept {
		t.Errorf("%d secrets are remembered", len(s.wrong))
	}
}
