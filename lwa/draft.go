package lwa

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"iamd/store"
)

// Draft is the next value of an account's applications in the making.
type Draft struct {
	*Applications
	notes store.Notes
}

// Kinds of rows, and the number of the form they are written in.
const (
	rowApplication = "application"
	rowCode        = "code"

	schema = 1
)

// Draft begins a change. Only the aggregate's writer may call it.
func (a *Applications) Draft() *Draft {
	next := *a
	next.applications, next.codes = a.applications.Copy(), a.codes.Copy()
	return &Draft{Applications: &next}
}

// Seal ends the draft: the new value, and the rows that make it durable.
func (d *Draft) Seal() (*Applications, store.Changes) {
	return d.Applications, d.notes.Changes(schema)
}

// Load makes an account's applications of their rows.
func Load(env *Env, account string, rows []store.Row) (*Applications, error) {
	a := New(env, account)
	for _, r := range rows {
		if r.Schema != schema {
			return nil, fmt.Errorf("lwa: account %s: row %s %s has form %d, this program reads %d", account, r.Kind, r.Key, r.Schema, schema)
		}
		if err := a.load(r); err != nil {
			return nil, fmt.Errorf("lwa: account %s: row %s %s: %w", account, r.Kind, r.Key, err)
		}
	}
	return a, nil
}

func (a *Applications) load(r store.Row) error {
	switch r.Kind {
	case rowApplication:
		app := new(Application)
		if err := json.Unmarshal(r.Data, app); err != nil {
			return err
		}
		a.applications.Set(app.ClientID, app)
		return nil
	case rowCode:
		a.codes.Set(r.Key, struct{}{})
		return nil
	default:
		return errors.New("a kind of row that this program does not know")
	}
}

// The spaces of unique names: the ids by which applications are found.
const (
	spaceClient      = "lwa-client"
	spaceApplication = "lwa-application"
)

// put keeps an application. What it replaces is not changed: others read it.
func (d *Draft) put(app *Application) {
	d.applications.Set(app.ClientID, app)
	d.notes.Row(rowApplication, app.ClientID, app)
}

func (d *Draft) take(app *Application) {
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceClient, Key: app.ClientID}, store.Unique{Space: spaceApplication, Key: app.ApplicationID})
	d.put(app)
}

func (d *Draft) drop(app *Application) {
	d.notes.Free = append(d.notes.Free, store.Unique{Space: spaceClient, Key: app.ClientID}, store.Unique{Space: spaceApplication, Key: app.ApplicationID})
	d.applications.Delete(app.ClientID)
	d.notes.Row(rowApplication, app.ClientID, nil)
}

// now is the time to store: UTC, whole seconds, as tokens have it.
func (d *Draft) now() time.Time { return d.env.Now().UTC().Truncate(time.Second) }
