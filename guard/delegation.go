package guard

import (
	"errors"
	"strings"
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// delegatedHolder finds whose access a delegation request gave: its approver's,
// as they are now. The request must stand as it stood when the token was traded
// in.
func delegatedHolder(a *iam.Account, s *sts.Session) (c *Caller, notBefore time.Time, err error) {
	r, err := a.OwnedDelegationRequest(s.Request)
	if err != nil || r.State != iam.DelegationFinalized || r.Requestor != s.Delegate || r.Approver.UniqueID != s.UniqueID {
		return nil, notBefore, errors.New("the delegation is gone")
	}
	switch r.Approver.Kind {
	case iam.IdentityRole:
		role, ok := a.RoleByID(s.UniqueID)
		if !ok {
			return nil, notBefore, errors.New("the role that approved is gone")
		}
		return roleCaller(a, role, s), role.SessionsNotBefore, nil
	case iam.IdentityUser:
		u, ok := a.UserByID(s.UniqueID)
		if !ok {
			return nil, notBefore, errors.New("the user who approved is gone")
		}
		return userCaller(a, u, s.KeyID), u.SessionsNotBefore, nil
	case iam.IdentityRoot:
		return rootCaller(a, s.KeyID), a.Root.SessionsNotBefore, nil
	}
	return nil, notBefore, errors.New("an approver of a kind that this program does not know")
}

// aboutDelegation tells whether an action makes, decides or uses delegation
// requests.
func aboutDelegation(name string) bool {
	return strings.HasSuffix(name, "DelegationRequest") || name == "ListDelegationRequests" ||
		name == "SendDelegationToken" || name == "GetDelegatedAccessToken"
}

// beyondDelegation decides once more for delegated access, by nothing but what
// was delegated: a policy of a resource, or a trust policy, that names the
// approver may allow what the session's own policies do not, and that is not for
// whom the approver let in. It gives what denies it, and nil for what is within.
func beyondDelegation(c *Caller, q *question) (*policy.Policies, policy.Decision) {
	if c.Session == nil || c.Session.Kind != sts.Delegated {
		return nil, policy.Decision{}
	}
	p := &policy.Policies{Identity: c.Session.Inline(), Session: c.Session.Inline(), HasSession: true}
	q.request.ResourceAccount = ""
	d := policy.Decide(&q.request, p)
	if d.Allowed {
		return nil, d
	}
	if !d.Explicit {
		d.Type = policy.Session
	}
	return p, d
}

// DelegatedPrincipal is the ARN of whose access a session has been delegated. It
// fails when that was taken back, or its principal is gone.
func DelegatedPrincipal(a *iam.Account, s *sts.Session) (string, error) {
	c, notBefore, err := delegatedHolder(a, s)
	if err != nil {
		return "", err
	}
	if s.Issued.Before(notBefore) {
		return "", errors.New("the approver's sessions were revoked")
	}
	return c.ARN, nil
}
