package lwa

import (
	"fmt"

	"iamd/store"
)

// Apply makes what later commits made of an account's applications, of the rows
// that they wrote, in that order.
func (a *Applications) Apply(rows []store.Row) (*Applications, error) {
	next := a.Draft().Applications
	for _, r := range store.Latest(rows) {
		switch r.Kind {
		case rowApplication:
			next.applications.Delete(r.Key)
		case rowCode:
			next.codes.Delete(r.Key)
		}
		if r.Data == nil {
			continue
		}
		if r.Schema != schema {
			return nil, fmt.Errorf("lwa: account %s: row %s %s has form %d, this program reads %d", a.Account, r.Kind, r.Key, r.Schema, schema)
		}
		if err := next.load(r); err != nil {
			return nil, fmt.Errorf("lwa: account %s: row %s %s: %w", a.Account, r.Kind, r.Key, err)
		}
	}
	return next, nil
}
