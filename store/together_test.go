package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"iamd/store"
)

func TestTogether(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	cfg := config(b)
	cfg.Prefix = "chest/" // of another kind
	chests := start(t, cfg)
	create(t, s, "1")
	create(t, chests, "1")

	// The second function knows what the first has seen.
	var id string
	move := []store.Share{
		s.Share("1", func(d *boxDraft) error { id = d.items["id"]; d.drop("id"); d.free("k"); return nil }),
		chests.Share("1", func(d *boxDraft) error { d.put("moved", id); d.take("k"); return nil }),
		chests.ShareNew("2", put("new", "1")),
	}
	if err := store.Together(t.Context(), move...); err != nil {
		t.Fatal(err)
	}
	if item(t, s, "1", "id") != "" || item(t, chests, "1", "moved") != "1" || item(t, chests, "2", "new") != "1" {
		t.Error("it's not published")
	}
	if got := fmt.Sprint(durable(t, b, "1")); got != "map[]" {
		t.Errorf("durable: %s", got)
	}

	// None or all.
	mine := errors.New("mine")
	for name, c := range map[string]struct {
		share store.Share
		want  error
	}{
		"exists": {chests.ShareNew("2", count), store.ErrExists},
		"absent": {chests.Share("3", count), store.ErrNotFound},
		"error":  {chests.Share("1", func(*boxDraft) error { return mine }), mine},
		"twice":  {s.Share("1", count), store.ErrInvalid},
		"no id":  {chests.ShareNew("", count), store.ErrInvalid},
	} {
		if err := store.Together(t.Context(), s.Share("1", put("a", "1")), c.share); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var taken *store.TakenError
	if err := store.Together(t.Context(), s.Share("1", func(d *boxDraft) error { d.take("k"); return nil }), chests.Share("2", put("a", "1"))); !errors.As(err, &taken) {
		t.Errorf("a taken name: %v", err)
	}
	if err := store.Together(t.Context(), s.Share("1", put("a", "1")), chests.Share("2", func(*boxDraft) error { panic("oh") })); !errors.As(err, new(*store.PanicError)) {
		t.Errorf("a panic: %v", err)
	}
	if err := store.Together(t.Context()); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("of nothing: %v", err)
	}
	n := b.commits.Load()
	look := func(*boxDraft) error { return nil }
	if err := store.Together(t.Context(), s.Share("1", look), chests.Share("1", look)); err != nil || b.commits.Load() != n {
		t.Errorf("a look: %v, %d commits", err, b.commits.Load()-n)
	}
	b.set(func() { b.before = func([]store.Part) error { return errDisk } })
	if err := store.Together(t.Context(), s.Share("1", put("a", "1")), chests.Share("1", count)); !errors.Is(err, errDisk) {
		t.Errorf("a failing disk: %v", err)
	}
	b.set(func() { b.before = nil })
	if item(t, s, "1", "a") != "" || item(t, chests, "2", "a") != "" || item(t, chests, "1", "n") != "" {
		t.Error("a failed write changed something")
	}
	if err := s.Update(t.Context(), "1", count); err != nil { // and nothing is held any longer
		t.Error(err)
	}
}

func TestTogetherIsCancelled(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1", "2")
	first, release := held(t, b, s, "1")
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(answer, 1)
	go func() { waiting <- store.Together(ctx, s.Share("1", count), s.Share("2", count)) }()
	until(t, "it waits for the second", func() bool { return s.Queued("1") == 1 })
	behind := update(t.Context(), s, "2", count) // waits for the first, which is held
	until(t, "that waits too", func() bool { return s.Queued("2") == 1 })
	cancel()
	fails(t, waiting, context.Canceled)
	ok(t, behind)
	release()
	ok(t, first)
	if item(t, s, "2", "n") != "1" || item(t, s, "1", "n") != "" {
		t.Error("the cancelled write was done")
	}
}

// TestManyTogether moves tokens among boxes on two nodes, in every direction:
// none is lost, and no two movers wait for each other.
func TestManyTogether(t *testing.T) {
	b := open(t)
	nodes := []*boxes{start(t, config(b)), start(t, config(b))}
	const boxCount, movers, moves = 4, 16, 8
	for i := range boxCount {
		if err := nodes[0].Create(t.Context(), fmt.Sprint(i), func(d *boxDraft) error {
			d.put("id", "x")
			for k := range 3 {
				d.put(fmt.Sprintf("token %d/%d", i, k), "1")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for m := range movers {
		wg.Go(func() {
			s := nodes[m%2]
			for i := range moves {
				from, to := (m+i)%boxCount, (m*3+i*2+1)%boxCount
				if from == to {
					to = (to + 1) % boxCount
				}
				token := ""
				err := store.Together(t.Context(),
					s.Share(fmt.Sprint(from), func(d *boxDraft) error {
						token = ""
						for k := range d.items {
							if k != "id" && k != "n" {
								token = k
								d.drop(k)
								break
							}
						}
						return nil
					}),
					s.Share(fmt.Sprint(to), func(d *boxDraft) error {
						if token != "" {
							d.put(token, "1")
						}
						return nil
					}))
				if err == nil {
					err = s.Update(t.Context(), fmt.Sprint(to), count)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	tokens := map[string]bool{}
	for i := range boxCount {
		for k := range durable(t, b, fmt.Sprint(i)) {
			if k != "id" && k != "n" {
				if tokens[k] {
					t.Errorf("%s is there twice", k)
				}
				tokens[k] = true
			}
		}
	}
	if len(tokens) != 3*boxCount {
		t.Errorf("%d tokens, want %d", len(tokens), 3*boxCount)
	}
}

// TestTogetherHandsOn: what a later function does with an earlier one's draft is
// part of the commit.
func TestTogetherHandsOn(t *testing.T) {
	b := open(t)
	s := start(t, config(b))
	create(t, s, "1")
	create(t, s, "2")
	var first *boxDraft
	err := store.Together(t.Context(),
		s.Share("1", func(d *boxDraft) error { first = d; return nil }),
		s.Share("2", func(d *boxDraft) error { first.put("from", "2"); d.put("to", "1"); return nil }))
	if err != nil {
		t.Fatal(err)
	}
	if item(t, s, "1", "from") != "2" || item(t, s, "2", "to") != "1" {
		t.Error("a draft was closed too early")
	}
}
