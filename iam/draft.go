package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"iamd/store"
)

// Draft is the next value of an account in the making: an Account that may be
// changed, and a note of what was.
type Draft struct {
	*Account
	notes store.Notes
}

// Kinds of rows, and the number of the form they are written in.
const (
	rowSettings = "account"
	rowUser     = "user"
	rowGroup    = "group"
	rowRole     = "role"
	rowPolicy   = "policy"
	rowDevice   = "mfa"

	rowInstanceProfile = "instance-profile"

	schema = 1
)

// Draft begins a change. Only the account's writer may call it.
func (a *Account) Draft() *Draft {
	next := *a
	next.users, next.groups, next.roles, next.policies = a.users.Copy(), a.groups.Copy(), a.roles.Copy(), a.policies.Copy()
	next.userIDs, next.groupIDs, next.roleIDs, next.keys = a.userIDs.Copy(), a.groupIDs.Copy(), a.roleIDs.Copy(), a.keys.Copy()
	next.members, next.uses = a.members.Copy(), a.uses.Copy()
	next.serverCertificates, next.credentialOwners = a.serverCertificates.Copy(), a.credentialOwners.Copy()
	next.devices, next.owned = a.devices.Copy(), a.owned.Copy()
	next.instanceProfiles, next.profilesOfRole = a.instanceProfiles.Copy(), a.profilesOfRole.Copy()
	next.samlProviders, next.samlUses, next.samlUsesByEnd = a.samlProviders.Copy(), a.samlUses.Copy(), a.samlUsesByEnd.Copy()
	next.delegations = a.delegations.Copy()
	next.openIDProviders = a.openIDProviders.Copy()
	next.granted = nil
	return &Draft{Account: &next}
}

// Seal ends the draft: the new value, and the rows that make it durable.
func (d *Draft) Seal() (*Account, store.Changes) {
	d.granted = new(sync.Map)
	return d.Account, d.notes.Changes(schema)
}

// Emit adds a management event, which commits with the change or not at all.
func (d *Draft) Emit(e store.Event) { d.notes.Events = append(d.notes.Events, e) }

// Changed tells whether anything was changed.
func (d *Draft) Changed() bool { return d.notes.Rows() > 0 }

// Load makes an account of its rows.
func Load(env *Env, id string, rows []store.Row) (*Account, error) {
	d := NewAccount(env, id).Draft()
	for _, r := range rows {
		if r.Schema != schema {
			return nil, fmt.Errorf("iam: account %s: row %s %s has form %d, this program reads %d", id, r.Kind, r.Key, r.Schema, schema)
		}
		if err := d.load(r); err != nil {
			return nil, fmt.Errorf("iam: account %s: row %s %s: %w", id, r.Kind, r.Key, err)
		}
	}
	d.granted = new(sync.Map)
	return d.Account, nil
}

func (d *Draft) load(r store.Row) error {
	switch r.Kind {
	case rowSettings:
		if err := json.Unmarshal(r.Data, &d.settings); err != nil {
			return err
		}
		for _, k := range d.Root.Keys {
			d.keys.Set(k.ID, nil)
		}
		d.ownCredentials(&Credentials{Certificates: d.Root.Certificates}, "")
	case rowUser:
		u, err := decode[User](r)
		if err != nil {
			return err
		}
		d.indexUser(nil, u)
	case rowGroup:
		g, err := decode[Group](r)
		if err != nil {
			return err
		}
		d.indexGroup(nil, g)
	case rowRole:
		role, err := decode[Role](r)
		if err != nil {
			return err
		}
		d.indexRole(nil, role)
	case rowPolicy:
		p, err := decode[Policy](r)
		if err != nil {
			return err
		}
		d.policies.Set(fold(p.Name), p)
	case rowOpenIDProvider:
		p, err := decode[OpenIDProvider](r)
		if err != nil {
			return err
		}
		d.openIDProviders.Set(p.Name, p)
	case rowInstanceProfile:
		p, err := decode[InstanceProfile](r)
		if err != nil {
			return err
		}
		d.indexInstanceProfile(nil, p)
	case rowDevice:
		m, err := decode[MFADevice](r)
		if err != nil {
			return err
		}
		d.indexDevice(nil, m)
	case rowServerCertificate:
		c, err := decode[ServerCertificate](r)
		if err != nil {
			return err
		}
		d.serverCertificates.Set(fold(c.Name), c)
	case rowSAMLProvider:
		p, err := decode[SAMLProvider](r)
		if err != nil {
			return err
		}
		d.samlProviders.Set(fold(p.Name), p)
	case rowSAMLUse:
		use, err := decode[SAMLUse](r)
		if err != nil {
			return err
		}
		d.indexSAMLUse(use)
	case rowOutboundFederation:
		o, err := decode[OutboundFederation](r)
		if err != nil {
			return err
		}
		d.outbound = o
	case rowCredentialReport:
		report, err := decode[CredentialReport](r)
		if err != nil {
			return err
		}
		d.credentials = report
	case rowAccessJob:
		job, err := decode[AccessJob](r)
		if err != nil {
			return err
		}
		d.putAccessJob(job)
	case rowOrganizationReport:
		report, err := decode[OrganizationReport](r)
		if err != nil {
			return err
		}
		d.putOrganizationReport(report)
	case rowDelegationRequest:
		r, err := decode[DelegationRequest](r)
		if err != nil {
			return err
		}
		d.delegations.Set(r.ID, r)
	case rowRoleDeletion:
		t, err := decode[RoleDeletion](r)
		if err != nil {
			return err
		}
		d.putRoleDeletion(t)
	default:
		return errors.New("a kind of row that this program does not know")
	}
	return nil
}

func decode[T any](r store.Row) (*T, error) {
	v := new(T)
	return v, json.Unmarshal(r.Data, v)
}

func (d *Draft) note(kind, key string, v any) { d.notes.Row(kind, key, v) }

// putUser replaces old by u; nil for old makes a user, nil for u removes it.
func (d *Draft) putUser(old, u *User) {
	d.indexUser(old, u)
	if u == nil {
		d.note(rowUser, old.ID, nil)
		return
	}
	d.note(rowUser, u.ID, u)
}

func (d *Draft) indexUser(old, u *User) {
	if old != nil {
		d.users.Delete(fold(old.Name))
		d.userIDs.Delete(old.ID)
		for _, k := range old.Keys {
			d.keys.Delete(k.ID)
		}
		d.disownCredentials(&old.Credentials)
		for _, g := range old.Groups {
			d.members.Delete(g + "\x00" + fold(old.Name))
		}
		d.unuse(KindUser, old.Name, old.Attached, old.Boundary)
	}
	if u != nil {
		d.users.Set(fold(u.Name), u)
		d.userIDs.Set(u.ID, u)
		for _, k := range u.Keys {
			d.keys.Set(k.ID, u)
		}
		d.ownCredentials(&u.Credentials, u.ID)
		for _, g := range u.Groups {
			d.members.Set(g+"\x00"+fold(u.Name), u.Name)
		}
		d.use(KindUser, u.Name, u.ID, u.Attached, u.Boundary)
	}
}

// putGroup replaces old by g, as putUser does.
func (d *Draft) putGroup(old, g *Group) {
	d.indexGroup(old, g)
	if g == nil {
		d.note(rowGroup, old.ID, nil)
		return
	}
	d.note(rowGroup, g.ID, g)
}

func (d *Draft) indexGroup(old, g *Group) {
	if old != nil {
		d.groups.Delete(fold(old.Name))
		d.groupIDs.Delete(old.ID)
		d.unuse(KindGroup, old.Name, old.Attached, "")
	}
	if g != nil {
		d.groups.Set(fold(g.Name), g)
		d.groupIDs.Set(g.ID, g)
		d.use(KindGroup, g.Name, g.ID, g.Attached, "")
	}
}

// putRole replaces old by r, as putUser does.
func (d *Draft) putRole(old, r *Role) {
	d.indexRole(old, r)
	if r == nil {
		d.note(rowRole, old.ID, nil)
		return
	}
	d.note(rowRole, r.ID, r)
}

func (d *Draft) indexRole(old, r *Role) {
	if old != nil {
		d.roles.Delete(fold(old.Name))
		d.roleIDs.Delete(old.ID)
		d.unuse(KindRole, old.Name, old.Attached, old.Boundary)
	}
	if r != nil {
		d.roles.Set(fold(r.Name), r)
		d.roleIDs.Set(r.ID, r)
		d.use(KindRole, r.Name, r.ID, r.Attached, r.Boundary)
	}
}

// putPolicy replaces old by p, as putUser does.
func (d *Draft) putPolicy(old, p *Policy) {
	if old != nil {
		d.policies.Delete(fold(old.Name))
	}
	if p == nil {
		d.note(rowPolicy, old.ID, nil)
		return
	}
	d.policies.Set(fold(p.Name), p)
	d.note(rowPolicy, p.ID, p)
}

func (d *Draft) putSettings() { d.note(rowSettings, "", d.settings) }

func useKey(arn string, as UseKind, kind EntityKind, name string) string {
	return arn + "\x00" + string(as) + "\x00" + string(kind) + "\x00" + fold(name)
}

func (d *Draft) use(kind EntityKind, name, id string, attached []string, boundary string) {
	for _, arn := range attached {
		d.uses.Set(useKey(arn, AsPermissions, kind, name), Use{kind, name, id, AsPermissions})
	}
	if boundary != "" {
		d.uses.Set(useKey(boundary, AsBoundary, kind, name), Use{kind, name, id, AsBoundary})
	}
}

func (d *Draft) unuse(kind EntityKind, name string, attached []string, boundary string) {
	for _, arn := range attached {
		d.uses.Delete(useKey(arn, AsPermissions, kind, name))
	}
	if boundary != "" {
		d.uses.Delete(useKey(boundary, AsBoundary, kind, name))
	}
}

func (d *Draft) takeKey(id string) {
	d.notes.Take = append(d.notes.Take, store.Unique{Space: spaceAccessKey, Key: id})
}

func (d *Draft) freeKey(id string) {
	d.notes.Free = append(d.notes.Free, store.Unique{Space: spaceAccessKey, Key: id})
}

// now is the time of the change, to the second as AWS tells it.
func (d *Draft) now() time.Time { return d.env.Now().UTC().Truncate(time.Second) }

// clone makes a copy of an entity to change; its slices are still shared.
func clone[T any](v *T) *T { c := *v; return &c }

// without is list without what match finds, in a new slice.
func without[T any](list []T, match func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), match)
}
