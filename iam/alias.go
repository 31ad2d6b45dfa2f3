package iam

import (
	"context"
	"errors"

	"iamd/store"
)

// spaceAccountAlias is where the account aliases live.
const spaceAccountAlias = "account-alias"

// CreateAccountAlias gives the account an alias, in place of the one that it
// may have: AWS replaces, and refuses a name that is taken, by this account too.
// That another account has it shows when the change is committed; TakenAlias
// makes the refusal of it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
func (d *Draft) CreateAccountAlias(alias string) error {
	// An alias stands where an account number may stand, at sign-in: one that
	// looks like a number could be taken for another account's.
	if isAccountID(alias) {
		return Errorf(CodeValidation, "The account alias %s is not valid: it must not look like an account ID.", alias)
	}
	if alias == d.Alias {
		return aliasExists(alias)
	}
	d.freeAlias()
	d.Alias = alias
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceAccountAlias, Key: alias})
	d.putSettings()
	return nil
}

// DeleteAccountAlias takes the account's alias away, which must be the one that
// it has.
func (d *Draft) DeleteAccountAlias(alias string) error {
	if alias == "" || alias != d.Alias {
		return Errorf(CodeNoSuchEntity, "The account alias with name %s cannot be found.", alias)
	}
	d.freeAlias()
	d.putSettings()
	return nil
}

// OwnerOfAlias finds the account that has an alias. ErrNotFound.
func OwnerOfAlias(ctx context.Context, s Owners, alias string) (account string, err error) {
	return s.Owner(ctx, store.Unique{Space: spaceAccountAlias, Key: alias})
}

func (d *Draft) freeAlias() {
	if d.Alias != "" {
		d.notes.Free = append(d.notes.Free, store.Unique{Space: spaceAccountAlias, Key: d.Alias})
		d.Alias = ""
	}
}

func aliasExists(alias string) *Error {
	return Errorf(CodeEntityAlreadyExists, "The account alias %s already exists.", alias)
}

// TakenAlias gives AWS's refusal when err is that of a commit which wanted an
// alias that another account has.
func TakenAlias(err error) (*Error, bool) {
	var taken *store.TakenError
	if !errors.As(err, &taken) || taken.Space != spaceAccountAlias {
		return nil, false
	}
	refusal := aliasExists(taken.Key)
	refusal.Err = err
	return refusal, true
}
