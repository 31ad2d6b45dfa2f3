package org

import (
	"context"

	"iamd/iam"
)

// Store keeps organizations.
type Store interface {
	View(ctx context.Context, id string) (*Organization, error)
	// Write hands fn drafts of everything that t names and commits them all or, when
	// fn fails, none. fn may run again, and does nothing outside the drafts. It
	// returns when the change is durable.
	Write(ctx context.Context, t Touch, fn func(*Drafts) error) error
}

// Touch names what a write changes.
type Touch struct {
	// Organization is the id of the one that changes; New says that it must not
	// exist yet. "" for none.
	Organization string
	New          bool
	// Other is a second organization, "" for none.
	Other string
	// Accounts are the accounts that change, the caller's first.
	Accounts []string
	// NewAccount is the number of one that must not exist yet; "" for none.
	NewAccount string
}

// Of is the draft of the organization with that id, or nil.
func (d *Drafts) Of(id string) *Draft {
	for _, draft := range []*Draft{d.Organization, d.Other} {
		if draft != nil && draft.ID == id {
			return draft
		}
	}
	return nil
}

// Drafts are the drafts of one write, for as long as its function runs.
type Drafts struct {
	Organization *Draft
	Other        *Draft
	Accounts     map[string]*iam.Draft // the new one too
}
