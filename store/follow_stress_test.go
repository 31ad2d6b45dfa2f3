package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"iamd/store"
)

// TestFollowStress: three processes, which keep one of six boxes in memory at most,
// write them alone and two at a time, while they are cut off and hear no news. In
// the end all agree, nothing that was answered is lost, and nothing runs on.
func TestFollowStress(t *testing.T) {
	before := runtime.NumGoroutine()
	var done sync.Map // what was answered
	t.Run("", func(t *testing.T) { stress(t, &done) })
	until(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

const stressed = 6

func stress(t *testing.T, done *sync.Map) {
	list := processes(t, 3, time.Hour, func(c *store.Config[*box, *boxDraft]) { c.MaxLoaded = 1 })
	for i := range stressed {
		id := fmt.Sprint(i)
		if err := list[0].Create(t.Context(), id, func(d *boxDraft) error {
			d.put("coins", "100")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var writers, harm sync.WaitGroup
	harm.Go(func() {
		for ctx.Err() == nil {
			way := list[rand.IntN(len(list))].way
			during(ctx, 15*time.Millisecond, []func(bool){way.Quiet, way.Quiet, way.Cut}[rand.IntN(3)])
			during(ctx, 5*time.Millisecond, func(bool) {})
		}
	})
	for p, process := range list {
		for w := range 4 {
			writers.Go(func() {
				chance := rand.New(rand.NewPCG(uint64(p), uint64(w)))
				for n := range 60 {
					process.write(t, chance, fmt.Sprintf("%d/%d/%d", p, w, n), done)
				}
			})
		}
	}
	writers.Wait()
	stop()
	harm.Wait()

	want, coins := map[string]map[string]string{}, 0
	for i := range stressed {
		id := fmt.Sprint(i)
		_, rows, err := list[0].way.Backend.Load(t.Context(), "box/"+id)
		if err != nil {
			t.Fatal(err)
		}
		want[id] = map[string]string{}
		for _, r := range rows {
			want[id][r.Key] = string(r.Data)
		}
		n, err := strconv.Atoi(want[id]["coins"])
		if err != nil {
			t.Fatal(err)
		}
		coins += n
	}
	if coins != 100*stressed {
		t.Errorf("there are %d coins, and were %d", coins, 100*stressed)
	}
	answered := 0
	done.Range(func(mark, id any) bool {
		answered++
		if _, there := want[id.(string)][mark.(string)]; !there {
			t.Errorf("%s was answered, and is not in %s", mark, id)
		}
		return true
	})
	var evicted, renewed uint64
	for p, process := range list {
		process.stands(t, "it follows", func(s store.State) bool { return s.Stalled == nil })
		for id, items := range want {
			until(t, fmt.Sprintf("process %d has what is there", p), func() bool {
				b, err := process.View(t.Context(), id)
				return err == nil && maps.Equal(b.items, items)
			})
		}
		evicted += process.Stats().Evictions
		renewed += process.follower.State().Renewals
	}
	if answered == 0 || evicted == 0 || renewed == 0 {
		t.Errorf("%d writes, %d evictions, %d renewals", answered, evicted, renewed)
	}
	t.Logf("%d writes, %d evictions, %d renewals", answered, evicted, renewed)
}

// write marks a box, or moves a coin from one to another and marks both, or reads.
func (p *process) write(t *testing.T, chance *rand.Rand, mark string, done *sync.Map) {
	from, to := fmt.Sprint(chance.IntN(stressed)), fmt.Sprint(chance.IntN(stressed))
	add := func(d *boxDraft, n int) error {
		have, err := strconv.Atoi(d.items["coins"])
		if err != nil {
			return fmt.Errorf("coins: %w", err)
		}
		d.put("coins", strconv.Itoa(have+n))
		d.put(mark, "")
		return nil
	}
	var err error
	switch {
	case chance.IntN(3) == 0:
		get := []func(context.Context, string) (*box, error){p.View, p.Newest}[chance.IntN(2)]
		var b *box
		if b, err = get(t.Context(), from); err == nil && b.items["coins"] == "" {
			t.Errorf("box %s has no coins", from)
		}
		from = ""
	case from == to:
		err = p.Update(t.Context(), from, func(d *boxDraft) error { return add(d, 0) })
	default:
		err = store.Together(t.Context(),
			p.Share(from, func(d *boxDraft) error { return add(d, -1) }),
			p.Share(to, func(d *boxDraft) error { return add(d, 1) }))
	}
	switch {
	case err == nil && from != "":
		done.Store(mark, from)
	case err == nil:
	case errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrConflict):
		p.stands(t, "it follows", func(s store.State) bool { return s.Stalled == nil })
	default:
		t.Error(err)
	}
}
