package form

import (
	"encoding/json"

	"iamd/store"
)

// The form of a change.
type (
	change struct {
		Rows []changedRow `json:"rows,omitempty"`
		Take []unique     `json:"take,omitempty"`
		Free []unique     `json:"free,omitempty"`
	}
	changedRow struct {
		Kind   string `json:"kind"`
		Key    string `json:"key"`
		Schema int    `json:"schema"`
		Data   []byte `json:"data"`
	}
	unique struct {
		Space string `json:"space"`
		Key   string `json:"key"`
	}
)

// Change is a commit's rows and names; its events are kept elsewhere.
func Change(c *store.Changes) ([]byte, error) {
	return json.Marshal(change{
		Rows: convert(c.Rows, func(r store.Row) changedRow { return changedRow(r) }),
		Take: convert(c.Take, func(u store.Unique) unique { return unique(u) }),
		Free: convert(c.Free, func(u store.Unique) unique { return unique(u) }),
	})
}

// ReadChange reads what Change wrote.
func ReadChange(data []byte) (c store.Change, err error) {
	var d change
	if err := json.Unmarshal(data, &d); err != nil {
		return c, err
	}
	c.Rows = convert(d.Rows, func(r changedRow) store.Row { return store.Row(r) })
	c.Take = convert(d.Take, func(u unique) store.Unique { return store.Unique(u) })
	c.Free = convert(d.Free, func(u unique) store.Unique { return store.Unique(u) })
	return c, nil
}

func convert[S, T any](from []S, to func(S) T) []T {
	if from == nil {
		return nil
	}
	list := make([]T, len(from))
	for i, x := range from {
		list[i] = to(x)
	}
	return list
}
