package iam

import "slices"

// The rules of access keys take the user that owns the key, as it stands in the
// draft; nil means the root user.

// CreateAccessKey makes a key and gives its secret back, this once.
func (d *Draft) CreateAccessKey(owner *User) (key AccessKey, secret string, err error) {
	keys := d.keysOf(owner)
	if limit := d.env.Quotas.KeysPerUser; len(keys) >= limit {
		return AccessKey{}, "", quota("AccessKeysPerUser", limit)
	}
	id := NewKeyID(d.env.Rand, PrefixAccessKey, d.ID)
	secret = NewSecret(d.env.Rand)
	key = AccessKey{ID: id, Status: Active, CreateDate: d.now(), Sealed: d.env.Seal(d.ID, id, secret)}
	d.putKeys(owner, append(slices.Clone(keys), key))
	d.takeKey(id)
	return key, secret, nil
}

// UpdateAccessKey switches a key on or off.
func (d *Draft) UpdateAccessKey(owner *User, id string, status Status) error {
	if status != Active && status != Inactive {
		return Errorf(CodeInvalidInput, "The status of an access key can be set to Active or Inactive only.")
	}
	keys := d.keysOf(owner)
	i := slices.IndexFunc(keys, func(k AccessKey) bool { return k.ID == id })
	if i < 0 {
		return NoAccessKey(id)
	}
	if keys[i].Status == status {
		return nil
	}
	keys = slices.Clone(keys)
	keys[i].Status = status
	d.putKeys(owner, keys)
	return nil
}

// DeleteAccessKey removes a key for good.
func (d *Draft) DeleteAccessKey(owner *User, id string) error {
	keys := d.keysOf(owner)
	rest := without(keys, func(k AccessKey) bool { return k.ID == id })
	if len(rest) == len(keys) {
		return NoAccessKey(id)
	}
	d.putKeys(owner, rest)
	if owner == nil {
		d.keys.Delete(id) // putUser does it for a user's
	}
	d.freeKey(id)
	return nil
}

// NoAccessKey is the refusal for a key that the owner doesn't have.
func NoAccessKey(id string) error {
	return Errorf(CodeNoSuchEntity, "The Access Key with id %s cannot be found.", id)
}

func (d *Draft) keysOf(owner *User) []AccessKey {
	if owner == nil {
		return d.Root.Keys
	}
	return owner.Keys
}

func (d *Draft) putKeys(owner *User, keys []AccessKey) {
	if owner == nil {
		d.Root.Keys = keys
		for _, k := range keys {
			d.keys.Set(k.ID, nil)
		}
		d.putSettings()
		return
	}
	next := clone(owner)
	next.Keys = keys
	d.putUser(owner, next)
}
