package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"iamd/store"
)

// person is one entity of a ledger.
type person struct {
	Name string
	Doc  string    // the act that wrote it last
	Keys [2]string // the acts that made them
}

// people are persons by the acts that created them. They are never changed.
type people map[string]person

func (p people) named(name string) string {
	for id, one := range p {
		if one.Name == name {
			return id
		}
	}
	return ""
}

// act is one write, whose id nothing else has.
type act struct{ id, kind, name, other string }

// Kinds of acts.
var acts = []string{"create", "create", "create", "delete", "rename", "put", "put", "swap", "swap", "key", "unkey"}

// do is what an act makes of people, or why it is refused.
func (p people) do(a act) (next people, refused string) {
	id := p.named(a.name)
	switch {
	case a.kind == "create" && id != "":
		return p, "exists"
	case a.kind != "create" && id == "":
		return p, "none"
	}
	one := p[id]
	switch a.kind {
	case "create":
		id, one = a.id, person{Name: a.name}
	case "rename":
		if p.named(a.other) != "" {
			return p, "exists"
		}
		one.Name = a.other
	case "swap": // of the document that was seen
		if one.Doc != a.other {
			return p, "another"
		}
		one.Doc = a.id
	case "put":
		one.Doc = a.id
	case "key":
		i := slices.Index(one.Keys[:], "")
		if i < 0 {
			return p, "full"
		}
		one.Keys[i] = a.id
	case "unkey":
		if one.Keys[0] == "" {
			return p, "none"
		}
		one.Keys = [2]string{one.Keys[1]}
	}
	next = maps.Clone(p)
	if next[id] = one; a.kind == "delete" {
		delete(next, id)
	}
	return next, ""
}

// ledger is an aggregate: people, and the log of all acts that made them.
type ledger struct {
	people people
	log    []string // ids, in order
}

type ledgerDraft struct {
	*ledger
	changes store.Changes
}

func (l *ledger) Draft() *ledgerDraft { next := *l; return &ledgerDraft{ledger: &next} }

func (d *ledgerDraft) Seal() (*ledger, store.Changes) { return d.ledger, d.changes }

var errRefused = errors.New("refused")

// do does an act. The rows and names are what differs.
func (d *ledgerDraft) do(a act) (refused string, err error) {
	next, refused := d.people.do(a)
	if refused != "" {
		return refused, errRefused
	}
	for _, id := range slices.Sorted(maps.Keys(merged(d.people, next))) {
		was, is := d.people[id], next[id]
		if was == is {
			continue
		}
		row := store.Row{Kind: "person", Key: id}
		if _, there := next[id]; there {
			if row.Data, err = json.Marshal(is); err != nil {
				return "", err
			}
		}
		d.changes.Rows = append(d.changes.Rows, row)
		for i := range was.Keys {
			if key := was.Keys[i]; key != "" && !slices.Contains(is.Keys[:], key) {
				d.changes.Free = append(d.changes.Free, store.Unique{Space: "ledger-key", Key: key})
			}
			if key := is.Keys[i]; key != "" && !slices.Contains(was.Keys[:], key) {
				d.changes.Take = append(d.changes.Take, store.Unique{Space: "ledger-key", Key: key})
			}
		}
	}
	d.changes.Rows = append(d.changes.Rows, store.Row{Kind: "log", Key: fmt.Sprintf("%08d", len(d.log)), Data: []byte(a.id)})
	d.people, d.log = next, append(slices.Clip(d.log), a.id)
	return "", nil
}

func merged(a, b people) people {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

func loadLedger(_ string, rows []store.Row) (*ledger, error) {
	return (&ledger{people: people{}}).apply(rows)
}

func (l *ledger) apply(rows []store.Row) (*ledger, error) {
	next := &ledger{people: maps.Clone(l.people), log: slices.Clip(l.log)}
	for _, r := range rows {
		switch {
		case r.Kind == "log" && r.Key == fmt.Sprintf("%08d", len(next.log)):
			next.log = append(next.log, string(r.Data))
		case r.Kind == "log":
			return nil, fmt.Errorf("line %s comes after %d lines", r.Key, len(next.log))
		case r.Data == nil:
			delete(next.people, r.Key)
		default:
			var one person
			if err := json.Unmarshal(r.Data, &one); err != nil {
				return nil, err
			}
			next.people[r.Key] = one
		}
	}
	return next, nil
}
