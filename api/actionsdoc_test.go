package api_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"iamd/api"
	"iamd/api/internal/actionsdoc"
)

//go:generate go run ./internal/gen -out ../docs/actions.md

// TestActionsDoc: docs/actions.md says what the table says.
func TestActionsDoc(t *testing.T) {
	got, err := os.ReadFile("../docs/actions.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, actionsdoc.Markdown()) {
		t.Error("docs/actions.md is out of date: run go generate ./api")
	}
}

// TestActionsDocAsks: what the document says a call asks for is what the cases
// have to grant, no more and no less.
func TestActionsDocAsks(t *testing.T) {
	granted := map[string][]string{}
	for _, c := range cases() {
		for _, g := range c.grants {
			granted[c.full()] = append(granted[c.full()], g.action)
		}
	}
	for _, row := range api.Actions() {
		want := granted[row.IAMAction()]
		slices.Sort(want)
		got := actionsdoc.Asks(row)
		slices.Sort(got)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("%s: the document says it asks for %v, its cases grant %v", row.IAMAction(), got, want)
		}
	}
}
