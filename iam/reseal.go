package iam

import "slices"

// Sealed walks every value that is sealed in the account: secrets of access keys,
// seeds of devices, private keys of server certificates, of SAML providers and of
// the account as an issuer. Everything that is sealed must be here and in
// Draft.Reseal.
func (a *Account) Sealed(yield func(sealed []byte) bool) {
	for _, k := range a.Root.Keys {
		if !yield(k.Sealed) {
			return
		}
	}
	for _, u := range after(a.users, "") {
		for _, k := range u.Keys {
			if !yield(k.Sealed) {
				return
			}
		}
	}
	for _, m := range after(a.devices, "") {
		if len(m.Sealed) > 0 && !yield(m.Sealed) {
			return
		}
	}
	for _, c := range after(a.serverCertificates, "") {
		if !yield(c.Sealed) {
			return
		}
	}
	for _, p := range after(a.samlProviders, "") {
		for _, k := range p.Keys {
			if !yield(k.Sealed) {
				return
			}
		}
	}
	if a.outbound != nil {
		for _, k := range a.outbound.Keys {
			if !yield(k.Sealed) {
				return
			}
		}
	}
}

// Resealed is what a Reseal did.
type Resealed struct {
	Done   int  // values that are sealed anew
	Broken int  // values that did not open, and stay as they are
	More   bool // the limit was reached: there may be others
}

// Reseal seals anew what stale says was sealed by a key that is on its way out.
// The secrets stay what they are, and nobody's key or date changes. It ends after
// the entity by which limit values were reached.
func (d *Draft) Reseal(stale func(sealed []byte) bool, limit int) Resealed {
	r := resealing{d: d, stale: stale}
	full := func() bool {
		r.sum.More = r.sum.Done >= limit
		return r.sum.More
	}
	if keys, changed := r.accessKeys(d.Root.Keys); changed {
		d.Root.Keys = keys
		d.putSettings()
	}
	// Each walk is of a copy: what is walked must not change meanwhile.
	for _, u := range after(d.users.Copy(), "") {
		if full() {
			return r.sum
		}
		if keys, changed := r.accessKeys(u.Keys); changed {
			next := clone(u)
			next.Keys = keys
			d.putUser(u, next)
		}
	}
	for _, m := range after(d.devices.Copy(), "") {
		if full() {
			return r.sum
		}
		if sealed, changed := r.value(d.Serial(m), m.Sealed); changed {
			next := clone(m)
			next.Sealed = sealed
			d.putDevice(m, next)
		}
	}
	for _, c := range after(d.serverCertificates.Copy(), "") {
		if full() {
			return r.sum
		}
		if sealed, changed := r.value(c.ID, c.Sealed); changed {
			next := clone(c)
			next.Sealed = sealed
			d.putServerCertificate(c, next)
		}
	}
	for _, p := range after(d.samlProviders.Copy(), "") {
		if full() {
			return r.sum
		}
		next, changed := clone(p), false
		next.Keys = slices.Clone(p.Keys)
		for i, k := range p.Keys {
			if sealed, ok := r.value(k.ID, k.Sealed); ok {
				next.Keys[i].Sealed, changed = sealed, true
			}
		}
		if changed {
			d.putSAMLProvider(p, next)
		}
	}
	if d.outbound != nil && !full() {
		next, changed := clone(d.outbound), false
		next.Keys = slices.Clone(d.outbound.Keys)
		for i, k := range d.outbound.Keys {
			if sealed, ok := r.value(k.ID, k.Sealed); ok {
				next.Keys[i].Sealed, changed = sealed, true
			}
		}
		if changed {
			d.putOutboundFederation(next)
		}
	}
	return r.sum
}

type resealing struct {
	d     *Draft
	stale func([]byte) bool
	sum   Resealed
}

// value seals anew what is sealed for an id, if that is due.
func (r *resealing) value(id string, sealed []byte) ([]byte, bool) {
	if len(sealed) == 0 || !r.stale(sealed) {
		return nil, false
	}
	plain, err := r.d.env.Unseal(r.d.ID, id, sealed)
	if err != nil {
		r.sum.Broken++
		return nil, false
	}
	r.sum.Done++
	return r.d.env.Seal(r.d.ID, id, plain), true
}

func (r *resealing) accessKeys(keys []AccessKey) (next []AccessKey, changed bool) {
	next = slices.Clone(keys)
	for i, k := range keys {
		if sealed, ok := r.value(k.ID, k.Sealed); ok {
			next[i].Sealed, changed = sealed, true
		}
	}
	return next, changed
}
