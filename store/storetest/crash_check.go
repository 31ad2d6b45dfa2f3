package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"iamd/store"
)

// found is all that a store tells of one account.
type found struct {
	store.Snapshot
	loaded  []store.Row
	changes []store.Change
	events  []store.Event
}

// check compares all that the store tells of the epochs with itself, and with what
// was said. It says every fault.
func check(ctx context.Context, w store.Whole, o orders) error {
	written := map[string]map[int]bool{} // by writer: writes that are there
	var epochs []int
	for who := range o.Said {
		written[who] = map[int]bool{}
		if e := roundOf(who) / epoch; !slices.Contains(epochs, e) {
			epochs = append(epochs, e)
		}
	}
	if o.Round != everything && !slices.Contains(epochs, o.Round/epoch) {
		epochs = append(epochs, o.Round/epoch) // a round of it may have ended before anything was said
	}
	for _, e := range epochs {
		all, err := read(ctx, w, e)
		if err != nil {
			return err
		}
		balance := 0
		for id, f := range all {
			balance += f.check(id)
			for _, event := range f.events {
				for _, other := range strings.Fields(string(event.Data)) {
					if g := all[other]; g == nil || !slices.ContainsFunc(g.events, func(e store.Event) bool { return e.ID == event.ID && string(e.Data) == string(event.Data) }) {
						say("fault: the write", event.ID, "is in", id, "and not in", other)
					}
				}
				who, n := split(event.ID)
				if written[who] == nil {
					written[who] = map[int]bool{}
				}
				written[who][n] = true
			}
		}
		if balance != 0 {
			say("fault: epoch", strconv.Itoa(e), "has", strconv.Itoa(balance))
		}
		if err := owners(ctx, w, e, all); err != nil {
			return err
		}
	}
	for who, there := range written {
		compare(who, o.Said[who], there)
	}
	return nil
}

// roundOf is the round of a writer, "round.number", or of a write.
func roundOf(who string) int {
	round, _, _ := strings.Cut(who, ".")
	n, err := strconv.Atoi(round)
	if err != nil {
		panic(err)
	}
	return n
}

// split tells whose a write is, and which of theirs.
func split(id string) (who string, n int) {
	at := strings.LastIndexByte(id, '.')
	n, err := strconv.Atoi(id[at+1:])
	if err != nil {
		panic(err)
	}
	return id[:at], n
}

// compare compares what a writer's process said with what is there: all that was
// acknowledged or found before, nothing that was refused, and one more at most.
func compare(who, said string, there map[int]bool) {
	for n, letter := range said {
		if (letter == 'd' || letter == 'f') && !there[n] || letter == 'r' && there[n] {
			say("fault: write", strconv.Itoa(n), "of", who, "was told as", string(letter), "and is there:", fmt.Sprint(there[n]))
		}
	}
	for n := range there {
		switch {
		case n == len(said):
			say("f", who)
		case n > len(said):
			say("fault: write", strconv.Itoa(n), "of", who, "is there,", strconv.Itoa(len(said)), "were told")
		}
	}
}

// read reads the accounts of an epoch, all at one moment. A write of a process that
// was killed may still end meanwhile.
func read(ctx context.Context, w store.Whole, epoch int) (map[string]*found, error) {
	for {
		all := map[string]*found{}
		for n := range accounts {
			id := accountID(epoch, n)
			f := &found{}
			var err error
			if f.Snapshot, err = w.Snapshot(ctx, accountPrefix+id); errors.Is(err, store.ErrNotFound) {
				continue
			}
			var loadErr, changesErr, eventsErr error
			_, f.loaded, loadErr = w.Load(ctx, accountPrefix+id)
			f.changes, changesErr = w.Changes(ctx, accountPrefix+id, 0, 1<<20)
			f.events, eventsErr = w.Events(ctx, accountPrefix+id, store.EventQuery{Limit: 1 << 20})
			if err := errors.Join(err, loadErr, changesErr, eventsErr); err != nil {
				return nil, err
			}
			all[id] = f
		}
		moved := false
		for n := range accounts {
			version, _, err := w.Load(ctx, accountPrefix+accountID(epoch, n))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			f := all[accountID(epoch, n)]
			moved = moved || err == nil && (f == nil || version != f.Version)
		}
		if !moved {
			return all, nil
		}
	}
}

// check checks that what an account holds is what its log of changes makes, and
// returns its balance.
func (f *found) check(id string) (balance int) {
	fault := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			say("fault:", id, fmt.Sprintf("%s: %.200v, want %.200v", what, got, want))
		}
	}
	type place struct{ kind, key string }
	rows, names, did := map[place]store.Row{}, map[store.Unique]bool{}, []string{}
	for n, c := range f.changes {
		fault("version", c.Version, uint64(n+1))
		for _, r := range c.Rows {
			rows[place{r.Kind, r.Key}] = r
			if r.Data == nil {
				delete(rows, place{r.Kind, r.Key})
			}
			if r.Kind == kindLast {
				var write string
				if err := json.Unmarshal(r.Data, &write); err != nil {
					fault("data of a row", err, nil)
				}
				did = append(did, write)
			}
		}
		for _, u := range c.Free {
			delete(names, u)
		}
		for _, u := range c.Take {
			names[u] = true
		}
	}
	fault("changes", uint64(len(f.changes)), f.Version)
	replayed, rowNames := []store.Row{}, map[store.Unique]bool{}
	for _, r := range rows {
		replayed = append(replayed, r)
		switch r.Kind {
		case kindName:
			rowNames[store.Unique{Space: nameSpace, Key: r.Key}] = true
		case kindBalance:
			if err := json.Unmarshal(r.Data, &balance); err != nil {
				fault("balance", err, nil)
			}
		}
	}
	slices.SortFunc(replayed, func(a, b store.Row) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	fault("rows of the snapshot", f.Rows, replayed)
	fault("rows", f.loaded, replayed)
	owned := map[store.Unique]bool{}
	for _, u := range f.Names {
		owned[u] = true
	}
	fault("names", owned, names)
	fault("names by rows", owned, rowNames)
	recorded := []string{}
	for _, e := range f.events {
		recorded = append(recorded, e.ID)
	}
	slices.Sort(did)
	slices.Sort(recorded)
	fault("writes by their events", recorded, did)
	return balance
}

// owners checks who owns each name of an epoch.
func owners(ctx context.Context, w store.Whole, epoch int, all map[string]*found) error {
	for n := range pool {
		u, want := store.Unique{Space: nameSpace, Key: fmt.Sprintf("%d-%d", epoch, n)}, ""
		for id, f := range all {
			if slices.Contains(f.Names, u) {
				want += accountPrefix + id
			}
		}
		got, err := w.Lookup(ctx, u)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if got != want {
			say("fault: name", u.Key, "is owned by", got, "and held by", want)
		}
	}
	return nil
}
