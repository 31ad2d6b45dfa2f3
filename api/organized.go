package api

import (
	"errors"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
	"iamd/policy"
	"iamd/wire"
)

// organized is what a row of Organizations says beside the others.
type organized struct {
	from from
	// about is from, by what the call is about; nil: it is always the same.
	about func(c *Call, in any) from
	// ours says that what is acted on is the organization's, which the management
	// account owns, and not the caller's account's, as in IAM's actions.
	ours bool
	// touch says what a write changes, by what stands before it; nil in a read.
	// The caller was admitted. What it looked up may have changed when the write
	// runs.
	touch func(c *Call, in any) (org.Touch, error)
}

// from is whose accounts may make a call, beside what policies say.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html
type from uint8

const (
	anyone      from = iota // every account, be it in an organization or not
	anyMember               // every account of an organization
	readers                 // the management account and delegated administrators
	itsManagers             // the management account
)

// inOrganization is a read of the caller's organization, c.Org.
func inOrganization[I, O any](name string, who from, need checks[I], run operation[I, O]) Action {
	r := row("organizations", name, need, run)
	r.org = &organized{from: who, ours: who != anyone}
	return r
}

// reorganizes is a write: of c.Drafts, which touch names.
func reorganizes[I, O any](name string, who from, touch func(c *Call, in *I) (org.Touch, error), need checks[I], run operation[I, O]) Action {
	r := inOrganization(name, who, need, run)
	r.Write = true
	r.org.touch = func(c *Call, in any) (org.Touch, error) { return touch(c, in.(*I)) }
	return r
}

// itself touches the caller's organization and account, and nothing else.
func itself[I any](c *Call, _ *I) (org.Touch, error) {
	if c.Org == nil {
		return org.Touch{}, org.NotInUse()
	}
	return org.Touch{Organization: c.Org.ID, Accounts: []string{c.Home}}, nil
}

// doOrganized runs a call that reads or writes an organization. A write sees the
// organization and the caller's account as they are committed.
func (a *API) doOrganized(c *Call, action *Action, in any) (out any, err error) {
	if c.Account, err = a.cfg.Accounts.View(c.Context, c.Home); err != nil {
		return nil, err
	}
	if err := a.findOrganization(c); err != nil {
		return nil, err
	}
	if !action.Write {
		return a.run(c, action, in)
	}
	if err := a.authorize(c, action, in); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		if out, err = a.reorganize(c, action, in); try == maxRaces || !iam.Raced(err) {
			return out, err
		}
	}
}

// maxRaces bounds how often a write begins anew because another took a number or
// an address that was free before.
const maxRaces = 8

// reorganize makes one attempt at a write. The caller was admitted, and is
// admitted once more by the drafts.
func (a *API) reorganize(c *Call, action *Action, in any) (out any, err error) {
	touch, err := action.org.touch(c, in)
	if err != nil {
		return nil, err
	}
	err = a.cfg.Organizations.Write(c.Context, touch, func(d *org.Drafts) error {
		call := *c
		call.Drafts, call.Draft = d, d.Accounts[c.Home]
		call.Account, call.Org = call.Draft.Account, nil
		if in := call.Account.Organization; in != "" {
			own := d.Of(in)
			if own == nil {
				return org.Concurrent()
			}
			call.Org = own.Organization
		}
		if out, err = a.run(&call, action, in); err != nil {
			return err
		}
		call.Draft.Emit(a.event(&call, action, in, out, nil).Stored())
		return nil
	})
	return out, err
}

// findOrganization gives the call the organization of its account.
func (a *API) findOrganization(c *Call) (err error) {
	if c.Account.Organization == "" {
		return nil
	}
	c.Org, err = a.cfg.Organizations.View(c.Context, c.Account.Organization)
	if errors.Is(err, iam.ErrNotFound) {
		return errors.New("api: account " + c.Home + " is in an organization that is not there")
	}
	return err
}

// manages tells whether the caller's account is the management account.
func (c *Call) manages() bool { return c.Org != nil && c.Org.Management == c.Home }

// administers tells whether the caller's account is a delegated administrator.
func (c *Call) administers() bool {
	if c.Org == nil {
		return false
	}
	member, ok := c.Org.Account(c.Home)
	return ok && len(member.Delegations) > 0
}

// memberAccess is what AWS itself gives members of what is the management
// account's.
var memberAccess = policy.Attached{ID: "AWSOrganizationsMemberAccess", Type: resourcePolicyType, Policy: iam.NewDocument(
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"organizations:*","Resource":"*"}}`, nil).Compiled()}

const resourcePolicyType = "Resource Policy"

// of is what holds for one call.
func (o *organized) of(c *Call, in any) *organized {
	if o.about == nil {
		return o
	}
	own := *o
	own.from = o.about(c, in)
	return &own
}

// owned says to callers of members whose the organization's resources are. As
// anywhere across accounts, both sides must allow: the caller's policies, and
// either AWS, which lets every member do some things and delegated administrators
// read, or the delegation policy. What that denies is denied to all but the
// management account, as AWS was seen to do.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
func (o *organized) owned(c *Call, need []guard.Check) {
	if !o.ours || c.Org == nil || c.manages() {
		return
	}
	var list []policy.Attached
	text := ""
	if p := c.Org.ResourcePolicy; p != nil {
		list = append(list, policy.Attached{ID: c.Org.ResourcePolicyARN(p), Type: resourcePolicyType, Policy: p.Document.Compiled()})
		text = p.Document.Text()
	}
	if o.from <= anyMember || o.from == readers && c.administers() {
		list = append(list, memberAccess)
	}
	for i := range need {
		need[i].Account, need[i].Policies, need[i].Text = c.Org.Management, list, text
	}
}

// stillIn makes sure that the organization whose policies were asked just now is the
// one that the call is about: an account that leaves meanwhile is bound by them no
// longer, and no longer looks at it.
func (a *API) stillIn(c *Call) error {
	if c.Org == nil {
		return nil
	}
	where, err := a.cfg.Guard.Organization(c.Home)
	if err == nil && where.ID != c.Org.ID {
		return org.Concurrent()
	}
	return err
}

// admits says whether the caller's account may make the call at all. Policies
// have allowed it.
func (o *organized) admits(c *Call) error {
	switch {
	case o.from == anyone:
		return nil
	case c.Org == nil:
		return org.NotInUse()
	case o.ours || o.from == anyMember || c.manages():
		return nil
	case o.from == readers && c.administers():
		return nil
	}
	return org.NotPermitted()
}

// hidden is how Organizations tells of what policies deny: in one sentence, whoever
// asked for what. Only the trail has the whole.
func hidden(service string, e *wire.Error, err error) *wire.Error {
	var denied *guard.Denied
	if service != "organizations" || !errors.As(err, &denied) {
		return e
	}
	return refusalOf(org.NotPermitted())
}
