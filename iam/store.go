package iam

import (
	"context"
	"errors"

	"iamd/store"
)

// Store keeps accounts. Writes of one account are applied one after the other;
// Update returns when the change is durable. Its functions may run again, and
// do nothing outside the draft.
type Store interface {
	View(ctx context.Context, id string) (*Account, error)
	Loaded(id string) (*Account, bool)
	Update(ctx context.Context, id string, fn func(*Draft) error) error
	Create(ctx context.Context, id string, fn func(*Draft) error) error
	Owner(ctx context.Context, u store.Unique) (id string, err error)
	IDs(ctx context.Context, after string, limit int) ([]string, error)
}

// ErrNotFound says that an account, or the owner of a key, is not kept here.
var ErrNotFound = store.ErrNotFound

// Unavailable tells whether err is a store's that may serve later.
func Unavailable(err error) bool {
	return errors.Is(err, store.ErrBusy) || errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrUnavailable)
}

// Owners finds whose a unique name is.
type Owners interface {
	Owner(ctx context.Context, u store.Unique) (id string, err error)
}

// OwnerOfKey finds the account that a long-term access key belongs to.
// ErrNotFound.
func OwnerOfKey(ctx context.Context, s Owners, keyID string) (account string, err error) {
	return s.Owner(ctx, store.Unique{Space: spaceAccessKey, Key: keyID})
}

// OwnerOfEmail finds the account whose root user has an e-mail address.
// ErrNotFound.
func OwnerOfEmail(ctx context.Context, s Owners, email string) (account string, err error) {
	return s.Owner(ctx, RootEmail(email))
}

// Raced tells whether a new account was not made because another took its number
// or its e-mail address first.
func Raced(err error) bool {
	var taken *store.TakenError
	return errors.Is(err, store.ErrExists) || errors.As(err, &taken) && taken.Space == SpaceRootEmail
}

// The spaces of unique names.
const (
	spaceAccessKey = "access-key"
	// SpaceRootEmail is where the root users' e-mail addresses live.
	SpaceRootEmail = "root-email"
)
