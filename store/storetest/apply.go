package storetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"iamd/store"
)

// Operation does one thing to a draft, chosen by chance. It answers as callers are
// answered.
type Operation[D any] func(chance *rand.Rand, d D) error

// Applying drives an aggregate by random operations, and checks that all who hold
// it hold the same: the process that writes, one that follows by Apply, and one
// that loads all rows anew.
type Applying[A store.Aggregate[D], D store.Draft[A]] struct {
	// Begin makes the first draft; First fills it.
	Begin func() D
	First Operation[D]
	// Operations are done in any order, by name. Each must succeed at least once.
	Operations map[string]Operation[D]
	// Refused tells errors of the rules from faults.
	Refused func(error) bool
	Load    func(rows []store.Row) (A, error)
	Apply   func(value A, rows []store.Row) (A, error)
	// Memos are fields that only remember what others hold.
	Memos []string
}

// Run does as many operations that succeed, or more until each has. Each commit is
// of several drafts, folded as a batch of the engine is, and several commits are
// applied at once.
func (p Applying[A, D]) Run(t *testing.T, seed uint64, operations int) {
	chance := rand.New(rand.NewPCG(seed, 1))
	draft := p.Begin()
	if err := p.First(chance, draft); err != nil {
		t.Fatal(err)
	}
	live, changes := draft.Seal()
	r := replica[A, D]{Applying: p, rows: map[[2]string]store.Row{}}
	r.commit(changes.Rows)
	var err error
	if r.value, err = p.Load(r.all()); err != nil {
		t.Fatal(err)
	}
	r.shown, r.pending = r.show(t, r.value), nil

	names := slices.Sorted(maps.Keys(p.Operations))
	done := map[string]int{}
	for n, tries := 0, 0; n < operations || len(done) < len(names); {
		// Most often few commits are applied at once; now and then many are.
		for range 1 + chance.IntN(6)*(1+chance.IntN(8)/7*9) {
			var folded []store.Row
			for range 1 + chance.IntN(4) {
				if tries++; tries > 100*operations {
					never := slices.DeleteFunc(names, func(name string) bool { return done[name] > 0 })
					t.Fatalf("%d operations succeeded in %d tries, and of these none: %s", n, tries, never)
				}
				draft, did, err := live.Draft(), []string{}, error(nil)
				for range 1 + chance.IntN(3) {
					name, other := names[chance.IntN(len(names))], names[chance.IntN(len(names))]
					if done[other] < done[name] { // what seldom succeeds is tried more often
						name = other
					}
					did = append(did, name)
					if err = p.Operations[name](chance, draft); err != nil {
						break
					}
				}
				switch {
				case err == nil:
				case p.Refused(err):
					continue
				default:
					t.Fatalf("%s: %v", did[len(did)-1], err)
				}
				next, changes := draft.Seal()
				live, folded = next, append(folded, changes.Rows...)
				for _, name := range did {
					done[name]++
					n++
				}
				r.did = append(r.did, did...)
			}
			r.commit(store.Latest(folded))
		}
		r.catchUp(t, live)
	}
}

// replica is a value that follows by Apply, and the rows of the store.
type replica[A store.Aggregate[D], D store.Draft[A]] struct {
	Applying[A, D]
	value   A
	shown   map[string]string // what value showed when it was made
	rows    map[[2]string]store.Row
	pending []store.Row // committed and not applied
	did     []string    // since the last catchUp
}

func (r *replica[A, D]) commit(rows []store.Row) {
	r.pending = append(r.pending, rows...)
	for _, row := range rows {
		if name := [2]string{row.Kind, row.Key}; row.Data == nil {
			delete(r.rows, name)
		} else {
			r.rows[name] = row
		}
	}
}

// all are the rows as a backend gives them.
func (r *replica[A, D]) all() []store.Row {
	return slices.SortedFunc(maps.Values(r.rows), func(a, b store.Row) int {
		return strings.Compare(a.Kind+"\x00"+a.Key, b.Kind+"\x00"+b.Key)
	})
}

// catchUp applies what is pending, and compares.
func (r *replica[A, D]) catchUp(t *testing.T, live A) {
	t.Helper()
	applied, err := r.Apply(r.value, r.pending)
	if err != nil {
		t.Fatalf("Apply: %v, after %s", err, r.did)
	}
	loaded, err := r.Load(r.all())
	if err != nil {
		t.Fatalf("Load: %v, after %s", err, r.did)
	}
	want := r.show(t, loaded)
	for what, have := range map[string]map[string]string{"the writer's": r.show(t, live), "the applied": r.show(t, applied)} {
		if differ := difference(want, have); differ != "" {
			t.Fatalf("%s value is not what is loaded, after %s:\n%s", what, r.did, differ)
		}
	}
	if differ := difference(r.shown, r.show(t, r.value)); differ != "" {
		t.Fatalf("Apply changed the value that it was given, after %s:\n%s", r.did, differ)
	}
	r.value, r.shown, r.pending, r.did = applied, want, nil, nil
}

// difference is one thing that is not the same; "" for none.
func difference(want, have map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got, ok := have[key]; !ok || got != want[key] {
			return fmt.Sprintf("%q\n%s\nand not\n%s", key, got, want[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[key]; !ok {
			return fmt.Sprintf("%q\n%s\nand not there at all", key, have[key])
		}
	}
	return ""
}

// show tells all that a value holds, by field and, for what is an ordered map, by
// key. A field that is new is shown without anybody's doing.
func (r *replica[A, D]) show(t *testing.T, value A) map[string]string {
	t.Helper()
	into := map[string]string{}
	known := map[string]bool{}
	r.fields(t, reflect.ValueOf(value).Elem(), into, known)
	for _, memo := range r.Memos {
		if !known[memo] {
			t.Fatalf("there is no field %s", memo)
		}
	}
	return into
}

func (r *replica[A, D]) fields(t *testing.T, of reflect.Value, into map[string]string, known map[string]bool) {
	t.Helper()
	for i := range of.NumField() {
		name := of.Type().Field(i).Name
		known[name] = true
		if slices.Contains(r.Memos, name) {
			continue
		}
		// Unexported fields may be looked at by their address alone.
		field := reflect.NewAt(of.Field(i).Type(), unsafe.Pointer(of.Field(i).UnsafeAddr())).Elem()
		if of.Type().Field(i).Anonymous && field.Kind() == reflect.Struct {
			r.fields(t, field, into, known)
			continue
		}
		keys, values := field.MethodByName("Keys"), field.MethodByName("Values")
		if !keys.IsValid() || !values.IsValid() {
			into[name] = shown(t, field)
			continue
		}
		list := values.Call(nil)[0]
		for i, key := range keys.Call(nil)[0].Interface().([]string) {
			into[name+" "+key] = shown(t, list.Index(i))
		}
	}
}

func shown(t *testing.T, v reflect.Value) string {
	t.Helper()
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return "none" // rows don't tell an empty list from one that is not there
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatalf("%s: %v", v.Type(), err)
	}
	return string(b)
}
