package limits

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestTries(t *testing.T) {
	s := NewTries(Guessing)
	guess := func(at time.Time, want bool) {
		t.Helper()
		if s.Begin("a", at) != want {
			t.Errorf("at %v: admitted is %v", at, !want)
		}
	}
	for range Guessing.Tries {
		guess(noon, true)
	}
	guess(noon.Add(Guessing.Span-1), false)
	if !s.Spent("a", noon.Add(Guessing.Span-1)) || s.Spent("a", noon.Add(Guessing.Span)) || s.Spent("b", noon) {
		t.Error("what is spent is told otherwise than what begins")
	}
	if !s.Begin("b", noon) {
		t.Error("another secret is refused")
	}
	for range Guessing.Tries {
		guess(noon.Add(Guessing.Span), true)
	}
	guess(noon.Add(Guessing.Span), false)
	s.Right("a")
	guess(noon.Add(Guessing.Span), true)
}

// TestTriesAtOnce: many guesses at once are no more than many in a row.
func TestTriesAtOnce(t *testing.T) {
	s, admitted, all := NewTries(Guessing), atomic.Int32{}, sync.WaitGroup{}
	for range 50 {
		all.Go(func() {
			if s.Begin("a", noon) {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if n := admitted.Load(); int(n) != Guessing.Tries {
		t.Errorf("%d guesses were admitted", n)
	}
}

// TestTriesAreBounded: whatever is guessed at, so much is remembered and no more;
// what is over goes first.
func TestTriesAreBounded(t *testing.T) {
	s := NewTries(Guessing)
	for i := range remembered - 1 {
		s.Begin(fmt.Sprint(i), noon)
	}
	for range Guessing.Tries {
		s.Begin("a", noon.Add(Guessing.Span-1))
	}
	for i := range 10 {
		s.Begin(fmt.Sprint("late ", i), noon.Add(Guessing.Span))
	}
	if len(s.made) != 11 || s.Begin("a", noon.Add(Guessing.Span)) {
		t.Errorf("%d secrets are remembered", len(s.made))
	}
	for i := range remembered + 10 {
		s.Begin(fmt.Sprint("more ", i), noon.Add(Guessing.Span))
	}
	if len(s.made) != remembered {
		t.Errorf("%d secrets are remembered", len(s.made))
	}
}

// TestTryTakenBack: a try that is taken back leaves the others, and room for one.
func TestTryTakenBack(t *testing.T) {
	s := NewTries(Bound{Tries: 2, Span: time.Minute})
	s.Back("a")
	for _, want := range []bool{true, true, false} {
		if s.Begin("a", noon) != want {
			t.Fatalf("admitted is %v", !want)
		}
	}
	s.Back("a")
	if !s.Begin("a", noon) || s.Begin("a", noon) {
		t.Error("one taken back is not one more")
	}
	s.Back("a")
	s.Back("a")
	if len(s.made) != 0 {
		t.Error("none is remembered")
	}
}
