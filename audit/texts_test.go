package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"iamd/store"
	"iamd/wire"
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
	var of texts
	list := []string{"", "a", strings.Repeat("b", chunk/2), strings.Repeat("c", chunk/2), strings.Repeat("d", chunk), "e"}
	var kept [][]byte
	for _, text := range list {
		kept = append(kept, of.keep([]byte(text)))
	}
	for i, text := range list {
		if got := kept[i]; string(got) != text || cap(got) != len(got) && len(text) <= chunk/2 {
			t.Errorf("%d of %d bytes, room for %d", len(got), len(text), cap(got))
		}
	}
	if len(of.held) != 2 {
		t.Fatalf("%d chunks", len(of.held))
	}
	of.reuse(of.held)
	of.reuse(make([][]byte, 2*maxSpare))
	of.held = nil
	if of.keep([]byte("new")); len(of.spare) != maxSpare-1 {
		t.Errorf("%d chunks are spare", len(of.spare))
	}
}

// TestPiles: what was stored in vain is neither changed nor lost, and of whom nothing
// waits nothing stays.
func TestPiles(t *testing.T) {
	k := &keeper{full: true}
	p := newPiles("a/", limits{9, 999})
	r := &Recorder{cfg: Config{Sink: k, Log: slog.New(slog.DiscardHandler)}, events: p, traces: newRoom(limits{}, limits{})}
	w := &waiting{recorder: r, events: map[string][]store.Event{}}
	put := func(text string) error {
		if !p.add("1", store.Event{}, []byte(text)) {
			t.Errorf("no room for %s", text)
		}
		return w.write(t.Context())
	}
	for i := range 3 {
		if err := put(fmt.Sprint(i)); err == nil || len(k.held["a/1"]) != i+1 {
			t.Fatal(err, k.held)
		}
	}
	if n := len(w.texts) + len(p.texts.held); n != 2 { // with what came before the first time in vain
		t.Errorf("%d chunks for a few bytes: each time in vain takes one more", n)
	}
	if p.add("1", store.Event{}, nil); p.add("1", store.Event{}, nil) {
		t.Error("an account may hold more than it leaves to others")
	}
	if !p.add("2", store.Event{}, nil) {
		t.Error("there is no room for another account")
	}
	k.full = false
	if err := w.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := put("other"); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range k.held["a/1"] {
		if string(e.Data) != fmt.Sprint(i) {
			t.Errorf("event %d is %q", i, e.Data)
		}
	}
	if held := p.waiting(); held != (limits{}) || len(w.events)+len(w.texts) != 0 {
		t.Errorf("%+v wait", held)
	}
	if len(p.texts.spare) != 1 {
		t.Errorf("%d chunks are spare", len(p.texts.spare))
	}
	if err := w.write(t.Context()); err != nil || len(p.of) != 0 {
		t.Errorf("%d accounts, %v", len(p.of), err)
	}
}

// TestPlain: what passes for plain stands in a JSON string as it is.
func TestPlain(t *testing.T) {
	for n := range 20 {
		for at := range n {
			for c := range 256 {
				s := []byte(strings.Repeat("x", n))
				s[at] = byte(c)
				as := string(wire.AppendJSONString(nil, string(s))) == `"`+string(s)+`"` && c < 0x80
				if plain(string(s)) != as {
					t.Fatalf("%q: %v", s, !as)
				}
			}
		}
	}
}
