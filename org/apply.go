package org

import (
	"fmt"
	"strings"
	"sync"

	"iamd/store"
)

// Apply makes the organization that later commits made of o, of the rows that they
// wrote, in that order.
func (o *Organization) Apply(rows []store.Row) (*Organization, error) {
	d := o.Draft()
	rows = store.Latest(rows)
	for _, r := range rows {
		d.unload(o, r)
	}
	for _, r := range rows {
		if r.Data == nil {
			continue
		}
		if r.Schema != schema {
			return nil, fmt.Errorf("org: organization %s: row %s %s has form %d, this program reads %d", o.ID, r.Kind, r.Key, r.Schema, schema)
		}
		if err := d.load(r); err != nil {
			return nil, fmt.Errorf("org: organization %s: row %s %s: %w", o.ID, r.Kind, r.Key, err)
		}
	}
	d.standings = new(sync.Map)
	return d.Organization, nil
}

// unload takes out of the draft what a row had been in o.
func (d *Draft) unload(o *Organization, r store.Row) {
	switch r.Kind {
	case rowSettings:
		d.settings = settings{}
	case rowUnit:
		if u, ok := o.units.Get(r.Key); ok {
			d.indexUnit(u, nil)
		}
	case rowAccount:
		if a, ok := o.accounts.Get(r.Key); ok {
			d.indexAccount(a, nil)
		}
	case rowPolicy:
		d.policies.Delete(r.Key)
	case rowAttachment:
		target, policy, _ := strings.Cut(r.Key, " ")
		d.indexAttachment(Attachment{Target: target, Policy: policy}, false)
	case rowHandshake:
		d.handshakes.Delete(r.Key)
	case rowCreation:
		d.creations.Delete(r.Key)
	case rowTransfer:
		d.transfers.Delete(r.Key)
	}
}
