package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

func TestNotes(t *testing.T) {
	var n store.Notes
	n.Row("user", "1", map[string]int{"a": 1})
	n.Row("user", "2", "gone soon")
	n.Row("user", "1", map[string]int{"a": 2})
	n.Row("user", "2", nil)
	n.Take = append(n.Take, store.Unique{Space: "key", Key: "k"})
	want := store.Changes{
		Rows: []store.Row{{Kind: "user", Key: "1", Schema: 3, Data: []byte(`{"a":2}`)}, {Kind: "user", Key: "2", Schema: 3}},
		Take: []store.Unique{{Space: "key", Key: "k"}},
	}
	if diff := cmp.Diff(want, n.Changes(3)); diff != "" || n.Rows() != 2 {
		t.Error(n.Rows(), diff)
	}
}
