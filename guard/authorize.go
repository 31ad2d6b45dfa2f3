package guard

import (
	"errors"
	"strings"
	"sync"

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
	p, tags, err := policies(c, account)
	if err != nil {
		return err
	}
	var principal, source Organization
	if principal, err = g.organization(c.Account); err != nil {
		return err
	}
	if c.OnBehalf != nil {
		if source, err = g.organization(c.OnBehalf.SourceAccount); err != nil {
			return err
		}
	}
	own := p.Identity
	for i := range checks {
		check := &checks[i]
		if err := mayCall(c, check.Action); err != nil {
			return err
		}
		resource := principal
		if owner := check.owner(c); owner != c.Account {
			if resource, err = g.organization(owner); err != nil {
				return err
			}
		}
		q := questions.Get().(*question)
		s := setting{c, tags, principal, resource, source}
		s.fill(q.begin(c, check), check)
		p.Resource, p.Trust, p.HasTrust = check.Policies, check.Trust, check.HasTrust
		g.control(&p, c, check, &principal, &resource)
		p.Identity = own
		if len(check.Granted) > 0 {
			p.Identity = append(own[:len(own):len(own)], check.Granted...)
		}
		if p.NeedsResource = resource.Closed; resource.Closed {
			// A closed account gives nothing any more, and without it nobody has
			// anything there, not even its own people.
			p.Resource, p.Trust = nil, nil
		}
		d := policy.Decide(&q.request, &p)
		if !d.Allowed {
			g.decided(d)
			// The question stays with the denial: a trace is made of it.
			return &Denied{
				Caller: c, Check: *check, Decision: d, question: q, policies: p, text: documentOf(d, c, account, check, &p),
				together: principal.ID != "" && principal.ID == resource.ID,
			}
		}
		if p, d, beyond := beyondDelegation(c, q); beyond {
			g.decided(d)
			return &Denied{Caller: c, Check: *check, Decision: d, question: q, policies: p, text: documentOf(d, c, account, check, &p)}
		}
		g.decided(d)
		questions.Put(q)
	}
	return nil
}

// rootSession allows everything to a session that its task policy narrows.
var rootSession = policy.Attached{ID: "AWSRootSession", Type: "Session Policy", Policy: iam.NewDocument(
	`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, nil).Compiled()}

// Allowed asks a question without a denial to hand out.
func (g *Guard) Allowed(c *Caller, account *iam.Account, check Check) bool {
	return g.Authorize(c, account, check) == nil
}

// question is what the policy engine is asked, and its memory.
type question struct {
	context policy.Context
	request policy.Request
}

// questions are kept, so that a call that is allowed allocates none.
var questions = sync.Pool{New: func() any { return new(question) }}

// begin asks for a check, without any condition keys yet.
func (q *question) begin(c *Caller, check *Check) *policy.Context {
	q.context.Reset()
	q.request = policy.Request{
		Principal: c.Principal, Action: check.Action, Resource: check.Resource, ResourceAccount: check.Account, Context: &q.context,
	}
	return &q.context
}

// policies collects everything that bears on the caller by itself, and the tags
// of the user or role.
func policies(c *Caller, a *iam.Account) (p policy.Policies, tags []iam.Tag, err error) {
	if c.Kind == policy.Anonymous || c.Kind == policy.Service || c.isFederated() {
		return p, nil, nil
	}
	if a == nil || a.ID != c.Account {
		return p, nil, errors.New("guard: the view is not of the caller's account")
	}
	var granted *iam.Granted
	switch c.Kind {
	case policy.Root:
		if c.Session == nil || !c.Session.Narrowed() {
			return p, nil, nil // full access by default; the policy engine knows root
		}
		granted = new(iam.Granted) // full access, and the session policies leave some of it
	case policy.User, policy.FederatedUser:
		if c.federatedByRoot() {
			granted = new(iam.Granted) // full access, and the session policy leaves some of it
			break
		}
		u, ok := a.UserByID(c.UniqueID)
		if !ok {
			return p, nil, badToken(errors.New("the user is gone"))
		}
		granted, tags = a.UserGranted(u), u.Tags
	case policy.Role:
		r, ok := a.RoleByID(c.UniqueID)
		if !ok {
			return p, nil, badToken(errors.New("the role is gone"))
		}
		granted, tags = a.RoleGranted(r), r.Tags
	default:
		return p, nil, errors.New("guard: a kind of caller that has no policies here")
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
	return p, tags, nil
}

func split(action string) (service, name string) {
	service, name, _ = strings.Cut(action, ":")
	return service, name
}
