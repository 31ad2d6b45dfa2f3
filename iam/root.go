package iam

import (
	"slices"

	"iamd/store"
)

// NewAccountInput says what a new account begins with. KeyID and Secret may be
// empty: then they are made.
type NewAccountInput struct {
	Name   string
	Email  string
	KeyID  string
	Secret string
	// Password is the root user's, in the clear; empty for none.
	Password string
}

// BeginMember fills an account that an organization makes: its root user has
// neither key nor password.
func (d *Draft) BeginMember(name, email string) {
	d.Name, d.CreateDate = name, d.now()
	d.Root.Email = email
	if email != "" {
		d.notes.Take = append(d.notes.Take, RootEmail(email))
	}
	d.putSettings()
}

// RootEmail is the unique name that a root user's e-mail address takes.
func RootEmail(email string) store.Unique {
	return store.Unique{Space: SpaceRootEmail, Key: fold(email)}
}

// Begin fills a new account: its name, its root user and the root user's first
// access key, whose secret is given back this once.
func (d *Draft) Begin(in NewAccountInput) (keyID, secret string) {
	d.BeginMember(in.Name, in.Email)
	if in.Password != "" {
		d.Root.Password = d.env.PasswordCost.Hash(d.env.Rand, in.Password)
	}
	keyID, secret = in.KeyID, in.Secret
	if keyID == "" {
		keyID = NewKeyID(d.env.Rand, PrefixAccessKey, d.ID)
	}
	if secret == "" {
		secret = NewSecret(d.env.Rand)
	}
	d.Root.Keys = append(slices.Clone(d.Root.Keys), AccessKey{
		ID: keyID, Status: Active, CreateDate: d.now(), Sealed: d.env.Seal(d.ID, keyID, secret),
	})
	d.keys.Set(keyID, nil)
	d.takeKey(keyID)
	d.putSettings()
	return keyID, secret
}
