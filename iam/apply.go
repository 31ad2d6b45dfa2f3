package iam

import (
	"fmt"
	"sync"

	"iamd/store"
)

// Apply makes the account that later commits made of a, of the rows that they
// wrote, in that order. It does less than Load does, which would give the same.
func (a *Account) Apply(rows []store.Row) (*Account, error) {
	d := a.Draft()
	rows = store.Latest(rows)
	// All that goes goes first: a name may have moved from one entity to another.
	for _, r := range rows {
		d.unload(a, r)
	}
	for _, r := range rows {
		if r.Data == nil {
			continue
		}
		if r.Schema != schema {
			return nil, fmt.Errorf("iam: account %s: row %s %s has form %d, this program reads %d", a.ID, r.Kind, r.Key, r.Schema, schema)
		}
		if err := d.load(r); err != nil {
			return nil, fmt.Errorf("iam: account %s: row %s %s: %w", a.ID, r.Kind, r.Key, err)
		}
	}
	d.granted = new(sync.Map)
	return d.Account, nil
}

// unload takes out of the draft what a row had been in a. A kind that load does
// not know it leaves to load.
func (d *Draft) unload(a *Account, r store.Row) {
	switch r.Kind {
	case rowSettings:
		for _, k := range a.Root.Keys {
			d.keys.Delete(k.ID)
		}
		d.disownCredentials(&Credentials{Certificates: a.Root.Certificates})
		d.settings = settings{}
	case rowUser:
		if u, ok := a.UserByID(r.Key); ok {
			d.indexUser(u, nil)
		}
	case rowGroup:
		if g, ok := a.GroupByID(r.Key); ok {
			d.indexGroup(g, nil)
		}
	case rowRole:
		if role, ok := a.RoleByID(r.Key); ok {
			d.indexRole(role, nil)
		}
	case rowPolicy:
		if p := byID(a.policies, r.Key, func(p *Policy) string { return p.ID }); p != nil {
			d.policies.Delete(fold(p.Name))
		}
	case rowOpenIDProvider:
		d.openIDProviders.Delete(r.Key)
	case rowInstanceProfile:
		if p := byID(a.instanceProfiles, r.Key, func(p *InstanceProfile) string { return p.ID }); p != nil {
			d.indexInstanceProfile(p, nil)
		}
	case rowDevice:
		if m, ok := a.devices.Get(r.Key); ok {
			d.indexDevice(m, nil)
		}
	case rowServerCertificate:
		if c := byID(a.serverCertificates, r.Key, func(c *ServerCertificate) string { return c.ID }); c != nil {
			d.serverCertificates.Delete(fold(c.Name))
		}
	case rowSAMLProvider:
		if p := byID(a.samlProviders, r.Key, func(p *SAMLProvider) string { return p.ID }); p != nil {
			d.samlProviders.Delete(fold(p.Name))
		}
	case rowSAMLUse:
		if use, ok := a.samlUses.Get(r.Key); ok {
			d.samlUses.Delete(use.Key)
			d.samlUsesByEnd.Delete(use.end())
		}
	case rowOutboundFederation:
		d.outbound = nil
	case rowCredentialReport:
		d.credentials = nil
	case rowAccessJob:
		d.accessJobs = without(d.accessJobs, func(j *AccessJob) bool { return j.ID == r.Key })
	case rowOrganizationReport:
		d.organizationReports = without(d.organizationReports, func(o *OrganizationReport) bool { return o.ID == r.Key })
	case rowDelegationRequest:
		d.delegations.Delete(r.Key)
	case rowRoleDeletion:
		d.deletions = without(d.deletions, func(t *RoleDeletion) bool { return t.ID == r.Key })
	}
}

// byID finds what is kept by name. There are no more of it than a quota allows.
func byID[V any](all *index[*V], id string, of func(*V) string) (found *V) {
	all.Scan(func(_ string, v *V) bool {
		if of(v) == id {
			found = v
		}
		return found == nil
	})
	return found
}
