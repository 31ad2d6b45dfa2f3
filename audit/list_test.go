package audit

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"iamd/store"
)

// keeper is a store that keeps what it was given in vain, as one may that still
// works when nobody waits for it any more.
type keeper struct {
	Sink
	full bool
	held map[string][]store.Event
}

func (k *keeper) AppendEvents(_ context.Context, events map[string][]store.Event) error {
	if !k.full {
		return nil
	}
	k.held = map[string][]store.Event{}
	for name, list := range events {
		k.held[name] = list
	}
	return errors.New("full")
}

// TestTexts: texts stay as they are until their memory is given back, and then it
// serves again; what may still be looked at is not given back.
func TestTexts(t *testing.T) {
	var l list
	texts := []string{"", "a", strings.Repeat("b", chunk/2), strings.Repeat("c", chunk/2), strings.Repeat("d", chunk), "e"}
	for _, text := range texts {
		l.add(queued{}, []byte(text))
	}
	items, held := l.take(nil)
	for i, text := range texts {
		if got := items[i].event.Data; string(got) != text || cap(got) != len(got) && len(text) <= chunk/2 {
			t.Errorf("%d of %d bytes, room for %d", len(got), len(text), cap(got))
		}
	}
	if len(held) != 2 {
		t.Fatalf("%d chunks", len(held))
	}
	l.reuse(held)
	l.reuse(make([][]byte, 2*maxSpare))
	if l.add(queued{}, []byte("new")); len(l.texts.spare) != maxSpare-1 {
		t.Errorf("%d chunks are spare", len(l.texts.spare))
	}

	k := &keeper{full: true}
	r := &Recorder{cfg: Config{Sink: k, Log: slog.New(slog.DiscardHandler)}, events: newRoom(limits{9, 999}, limits{9, 999})}
	w := &waiting{recorder: r, events: map[string][]store.Event{}}
	put := func(text string) error {
		r.put(queued{tenant: tenant{account: "1"}, room: r.events, bytes: len(text)}, []byte(text))
		return w.write(t.Context())
	}
	if err := put("first"); err == nil || len(k.held["1"]) != 1 {
		t.Fatal(err, k.held)
	}
	k.full = false
	for range 3 {
		if err := put("other"); err != nil {
			t.Fatal(err)
		}
	}
	if got := k.held["1"][0].Data; !bytes.Equal(got, []byte("first")) {
		t.Errorf("%q", got)
	}
	if held := r.events.waiting(); held != (limits{}) || len(r.events.tenants) != 0 {
		t.Errorf("%+v wait", held)
	}
	if len(r.queue.texts.spare) != 1 {
		t.Errorf("%d chunks are spare", len(r.queue.texts.spare))
	}
}
