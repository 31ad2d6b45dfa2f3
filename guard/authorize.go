package guard

import (
	"errors"
	"strings"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// Authorize answers nil when every check is allowed to c, by the policies as
// they stand in the given value of c's account; account may be nil only for who
// has none: an anonymous or a federated caller, or a service. It fails with *Denied, or with
// *Refused or *iam.Error where AWS has other words.
func (g *Guard) Authorize(c *Caller, account *iam.Account, checks ...Check) error {
	if len(checks) == 0 {
		return errors.New("guard: nothing to check: refused")
	}
	var p policy.Policies
	tags, err := collect(&p, c, account)
	if err != nil {
		return err
	}
	q := questions.Get().(*question)
	q.caller, q.tags = c, tags
	if q.principal, err = g.organization(c.Account); err != nil {
		return err
	}
	if c.OnBehalf != nil {
		if q.source, err = g.organization(c.OnBehalf.SourceAccount); err != nil {
			return err
		}
	}
	own := p.Identity
	for i := range checks {
		check := &checks[i]
		if err := mayCall(c, check.Action); err != nil {
			return err
		}
		q.resource = q.principal
		if owner := check.owner(c); owner != c.Account {
			if q.resource, err = g.organization(owner); err != nil {
				return err
			}
		}
		q.ask(check)
		p.Resource, p.Trust, p.HasTrust = check.Policies, check.Trust, check.HasTrust
		g.control(&p, c, check, &q.principal, &q.resource)
		p.Identity = own
		if len(check.Granted) > 0 {
			p.Identity = append(own[:len(own):len(own)], check.Granted...)
		}
		if p.NeedsResource = q.resource.Closed; q.resource.Closed {
			// A closed account gives nothing any more, and without it nobody has
			// anything there, not even its own people.
			p.Resource, p.Trust = nil, nil
		}
		d := policy.Decide(&q.request, &p)
		if !d.Allowed {
			g.decided(d)
			denied := q.denied(d, &p, account)
			denied.together = q.principal.ID != "" && q.principal.ID == q.resource.ID
			return denied
		}
		if beyond, d := beyondDelegation(c, q); beyond != nil {
			g.decided(d)
			return q.denied(d, beyond, account)
		}
		g.decided(d)
	}
	q.release()
	return nil
}

// rootSession allows everything to a session that its task policy narrows.
var rootSession = policy.Attached{ID: "AWSRootSession", Type: "Session Policy", Policy: iam.NewDocument(
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, nil).Compiled()}

// Allowed asks a question without a denial to hand out.
func (g *Guard) Allowed(c *Caller, account *iam.Account, check Check) bool {
	return g.Authorize(c, account, check) == nil
}

// collect adds to p everything that bears on the caller by itself. It returns the
// tags of the user or role.
func collect(p *policy.Policies, c *Caller, a *iam.Account) (tags []iam.Tag, err error) {
	if c.Kind == policy.Anonymous || c.Kind == policy.Service || c.isFederated() {
		return nil, nil
	}
	if a == nil || a.ID != c.Account {
		return nil, errors.New("guard: the view is not of the caller's account")
	}
	var granted *iam.Granted
	switch c.Kind {
	case policy.Root:
		if c.Session == nil || !c.Session.Narrowed() {
			return nil, nil // full access by default; the policy engine knows root
		}
		granted = new(iam.Granted) // full access, and the session policies leave some of it
	case policy.User, policy.FederatedUser:
		if c.federatedByRoot() {
			granted = new(iam.Granted) // full access, and the session policy leaves some of it
			break
		}
		u, ok := a.UserByID(c.UniqueID)
		if !ok {
			return nil, badToken(errors.New("the user is gone"))
		}
		granted, tags = a.UserGranted(u), u.Tags
	case policy.Role:
		r, ok := a.RoleByID(c.UniqueID)
		if !ok {
			return nil, badToken(errors.New("the role is gone"))
		}
		granted, tags = a.RoleGranted(r), r.Tags
	default:
		return nil, errors.New("guard: a kind of caller that has no policies here")
	}
	p.Identity, p.Boundary, p.HasBoundary = granted.Identity, granted.Boundary, granted.HasBoundary
	// Without a session policy a federated user has nothing of the user's.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
	p.HasSession = c.Kind == policy.FederatedUser
	if s := c.Session; s != nil && s.Narrowed() {
		p.HasSession, p.Session = true, s.Inline()
		for _, arn := range s.PolicyARNs {
			// A managed session policy that is gone narrows to nothing.
			if m, ok := a.PolicyAttached(arn); ok {
				p.Session = append(p.Session[:len(p.Session):len(p.Session)], m)
			}
		}
		if s.Kind == sts.AssumedRoot && len(p.Session) == len(s.PolicyARNs) {
			// Task policies only deny; what they leave is the root user's.
			p.Session = append(p.Session, rootSession)
		}
	}
	return tags, nil
}

func split(action string) (service, name string) {
	service, name, _ = strings.Cut(action, ":")
	return service, name
}
