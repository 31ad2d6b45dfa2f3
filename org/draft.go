package org

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"iamd/store"
)

// Draft is the next value of an organization in the making.
type Draft struct {
	*Organization
	notes store.Notes
}

// Kinds of rows, and the number of the form they are written in.
const (
	rowSettings   = "organization"
	rowUnit       = "unit"
	rowAccount    = "account"
	rowPolicy     = "policy"
	rowAttachment = "attachment"
	rowHandshake  = "handshake"
	rowCreation   = "creation"
	rowTransfer   = "transfer"

	schema = 1
)

// Draft begins a change. Only the organization's writer may call it.
func (o *Organization) Draft() *Draft {
	next := *o
	next.units, next.accounts, next.children = o.units.Copy(), o.accounts.Copy(), o.children.Copy()
	next.policies, next.attached, next.targets = o.policies.Copy(), o.attached.Copy(), o.targets.Copy()
	next.handshakes, next.creations, next.transfers = o.handshakes.Copy(), o.creations.Copy(), o.transfers.Copy()
	next.standings = nil
	return &Draft{Organization: &next}
}

// Seal ends the draft: the new value, and the rows that make it durable.
func (d *Draft) Seal() (*Organization, store.Changes) {
	d.standings = new(sync.Map)
	return d.Organization, d.notes.Changes(schema)
}

// Load makes an organization of its rows.
func Load(env *Env, id string, rows []store.Row) (*Organization, error) {
	d := New(env, id).Draft()
	for _, r := range rows {
		if r.Schema != schema {
			return nil, fmt.Errorf("org: organization %s: row %s %s has form %d, this program reads %d", id, r.Kind, r.Key, r.Schema, schema)
		}
		if err := d.load(r); err != nil {
			return nil, fmt.Errorf("org: organization %s: row %s %s: %w", id, r.Kind, r.Key, err)
		}
	}
	d.standings = new(sync.Map)
	return d.Organization, nil
}

func (d *Draft) load(r store.Row) error {
	switch r.Kind {
	case rowSettings:
		return json.Unmarshal(r.Data, &d.settings)
	case rowUnit:
		return loaded(r, func(u *Unit) { d.indexUnit(nil, u) })
	case rowAccount:
		return loaded(r, func(a *Account) { d.indexAccount(nil, a) })
	case rowPolicy:
		return loaded(r, func(p *Policy) { d.policies.Set(p.ID, p) })
	case rowAttachment:
		return loaded(r, func(at *Attachment) { d.indexAttachment(*at, true) })
	case rowHandshake:
		return loaded(r, func(h *Handshake) { d.handshakes.Set(h.ID, h) })
	case rowCreation:
		return loaded(r, func(c *Creation) { d.creations.Set(c.ID, c) })
	case rowTransfer:
		return loaded(r, func(t *Transfer) { d.transfers.Set(t.ID, t) })
	default:
		return errors.New("a kind of row that this program does not know")
	}
}

func loaded[T any](r store.Row, put func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(r.Data, v); err != nil {
		return err
	}
	put(v)
	return nil
}

func (d *Draft) note(kind, key string, v any) { d.notes.Row(kind, key, v) }

// Entities are immutable: clone, change the clone, put it. nil for old makes
// one, nil for the next removes it.

func (d *Draft) putSettings() { d.note(rowSettings, "", d.settings) }

func (d *Draft) putUnit(old, u *Unit) {
	d.indexUnit(old, u)
	if u == nil {
		d.note(rowUnit, old.ID, nil)
		return
	}
	d.note(rowUnit, u.ID, u)
}

func (d *Draft) indexUnit(old, u *Unit) {
	if old != nil {
		d.units.Delete(old.ID)
		d.children.Delete(old.Parent + "\x00" + old.ID)
	}
	if u != nil {
		d.units.Set(u.ID, u)
		d.children.Set(u.Parent+"\x00"+u.ID, ChildUnit)
	}
}

func (d *Draft) putAccount(old, a *Account) {
	d.indexAccount(old, a)
	if a == nil {
		d.note(rowAccount, old.ID, nil)
		return
	}
	d.note(rowAccount, a.ID, a)
}

func (d *Draft) indexAccount(old, a *Account) {
	if old != nil {
		d.accounts.Delete(old.ID)
		d.children.Delete(old.Parent + "\x00" + old.ID)
	}
	if a != nil {
		d.accounts.Set(a.ID, a)
		d.children.Set(a.Parent+"\x00"+a.ID, ChildAccount)
	}
}

func (d *Draft) putPolicy(p *Policy) {
	d.policies.Set(p.ID, p)
	d.note(rowPolicy, p.ID, p)
}

func (d *Draft) dropPolicy(id string) {
	d.policies.Delete(id)
	d.note(rowPolicy, id, nil)
}

// putAttachment attaches, or with there false detaches.
func (d *Draft) putAttachment(at Attachment, there bool) {
	d.indexAttachment(at, there)
	key := at.Target + " " + at.Policy
	if !there {
		d.note(rowAttachment, key, nil)
		return
	}
	d.note(rowAttachment, key, &at)
}

func (d *Draft) indexAttachment(at Attachment, there bool) {
	byTarget, byPolicy := at.Target+"\x00"+at.Policy, at.Policy+"\x00"+at.Target
	if !there {
		d.attached.Delete(byTarget)
		d.targets.Delete(byPolicy)
		return
	}
	d.attached.Set(byTarget, at)
	d.targets.Set(byPolicy, at)
}

func (d *Draft) putHandshake(h *Handshake) {
	d.handshakes.Set(h.ID, h)
	d.note(rowHandshake, h.ID, h)
}

func (d *Draft) putCreation(c *Creation) {
	d.creations.Set(c.ID, c)
	d.note(rowCreation, c.ID, c)
}

func (d *Draft) putTransfer(t *Transfer) {
	d.transfers.Set(t.ID, t)
	d.note(rowTransfer, t.ID, t)
}

// now is the time to store: UTC, whole milliseconds.
func (d *Draft) now() time.Time { return d.env.Now().UTC().Truncate(time.Millisecond) }
