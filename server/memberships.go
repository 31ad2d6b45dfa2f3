package server

import (
	"context"
	"errors"

	"iamd/iam"
	"iamd/org"
	"iamd/store"
)

// many is how many names are read at a time.
const many = 500

// each calls fn with every organization.
func (o *organizations) each(ctx context.Context, fn func(*org.Organization) error) error {
	for after := ""; ; {
		ids, err := o.all.IDs(ctx, after, many)
		if err != nil {
			return err
		}
		for _, id := range ids {
			in, err := o.all.View(ctx, id)
			if err == nil {
				err = fn(in)
			}
			if err != nil {
				return err
			}
		}
		if len(ids) < many {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// deliver hands an account that the operator made the invitations that were
// waiting for its number or e-mail address. The operator vouches for the address;
// an account that an organization makes gets none, as there its address is
// whatever the organization says.
func (o *organizations) deliver(ctx context.Context, account, email string) error {
	return o.each(ctx, func(in *org.Organization) error {
		for _, id := range in.Waiting(account, email) {
			err := o.Write(ctx, org.Touch{Organization: in.ID, Accounts: []string{account}}, func(d *org.Drafts) error {
				h := d.Organization.Deliver(id, account)
				if h == nil {
					return nil
				}
				return d.Organization.SendTo(d.Accounts[account], h)
			})
			var full *iam.Error
			if err != nil && !errors.As(err, &full) {
				return err
			}
		}
		return nil
	})
}

// clean takes out of the organizations what was closed long ago.
func (o *organizations) clean(ctx context.Context) error {
	return o.each(ctx, func(in *org.Organization) error {
		for _, id := range in.Departed() {
			err := o.Write(ctx, org.Touch{Organization: in.ID, Accounts: []string{id}}, func(d *org.Drafts) error {
				d.Organization.Clean(id)
				if _, member := d.Organization.Account(id); !member {
					d.Accounts[id].Join("")
				}
				return nil
			})
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}
