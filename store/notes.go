package store

import (
	"encoding/json"
	"fmt"
)

// Notes collect what a draft changes. The zero value is ready; one goroutine
// uses it.
type Notes struct {
	Take, Free []Unique
	Events     []Event

	rows  map[rowName]any // nil value: the row is gone
	order []rowName
}

// Row notes a row's next value, which must marshal to JSON and must not change
// any more; nil for a row that is gone. Of two notes of one row the later stays.
func (n *Notes) Row(kind, key string, v any) {
	k := rowName{kind, key}
	if n.rows == nil {
		n.rows = map[rowName]any{}
	}
	if _, ok := n.rows[k]; !ok {
		n.order = append(n.order, k)
	}
	n.rows[k] = v
}

// Rows is how many rows were noted.
func (n *Notes) Rows() int { return len(n.order) }

// Changes are what was noted, rows in the order in which they were first noted
// and in the form of that number. It panics for a value that can't be marshalled.
func (n *Notes) Changes(schema int) Changes {
	c := Changes{Take: n.Take, Free: n.Free, Events: n.Events}
	for _, k := range n.order {
		row := Row{Kind: k.kind, Key: k.key, Schema: schema}
		if v := n.rows[k]; v != nil {
			data, err := json.Marshal(v)
			if err != nil {
				panic(fmt.Sprintf("store: row %s %s: %v", k.kind, k.key, err)) // plain data always marshals
			}
			row.Data = data
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Latest are the last rows of each name, in the order in which the names came.
func Latest(rows []Row) []Row {
	at := make(map[rowName]int, len(rows))
	list := make([]Row, 0, len(rows))
	for _, r := range rows {
		name := rowName{r.Kind, r.Key}
		if i, ok := at[name]; ok {
			list[i] = r
			continue
		}
		at[name] = len(list)
		list = append(list, r)
	}
	return list
}
