package guard

import (
	"errors"
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// holder finds whose session it is, as that user or role is now. A role or
// user that was deleted, and made again under the same name, is another.
func holder(a *iam.Account, s *sts.Session) (c *Caller, notBefore time.Time, err error) {
	switch {
	case s.Kind.OfRole():
		r, ok := a.RoleByID(s.UniqueID)
		if !ok {
			return nil, notBefore, errors.New("the role is gone")
		}
		return roleCaller(a, r, s), r.SessionsNotBefore, nil
	case s.Kind == sts.Console:
		return consoleCaller(a, s)
	case s.Kind == sts.SessionToken && s.UniqueID == "":
		return rootCaller(a, s.KeyID), a.Root.SessionsNotBefore, nil
	case s.Kind == sts.SessionToken:
		u, ok := a.UserByID(s.UniqueID)
		if !ok {
			return nil, notBefore, errors.New("the user is gone")
		}
		return userCaller(a, u, s.KeyID), u.SessionsNotBefore, nil
	case s.Kind == sts.Federation && s.UniqueID == "":
		return federatedCaller(a, a.ID, a.RootARN(), s), a.Root.SessionsNotBefore, nil
	case s.Kind == sts.Federation:
		u, ok := a.UserByID(s.UniqueID)
		if !ok {
			return nil, notBefore, errors.New("the user who federated is gone")
		}
		return federatedCaller(a, u.ID, a.UserARN(u), s), u.SessionsNotBefore, nil
	case s.Kind == sts.Delegated:
		return delegatedHolder(a, s)
	case s.Kind == sts.AssumedRoot:
		return rootCaller(a, s.KeyID), a.Root.SessionsNotBefore, nil
	default:
		return nil, notBefore, errors.New("a kind of session that this program does not know")
	}
}

// consoleCaller is who signed in to the console, unless the password that was right
// then is no more: it was taken away, or somebody else set another.
func consoleCaller(a *iam.Account, s *sts.Session) (c *Caller, notBefore time.Time, err error) {
	ended := errors.New("the password that the session began with is gone")
	if s.UniqueID == "" {
		if a.Root.Password == "" || a.Root.Generation != s.Login {
			return nil, notBefore, ended
		}
		return rootCaller(a, s.KeyID), a.Root.SessionsNotBefore, nil
	}
	u, ok := a.UserByID(s.UniqueID)
	if !ok {
		return nil, notBefore, errors.New("the user is gone")
	}
	if u.Login == nil || u.Login.Generation != s.Login {
		return nil, notBefore, ended
	}
	return userCaller(a, u, s.KeyID), u.SessionsNotBefore, nil
}

// Bearer is who calls with a session, by its account as it is now. It fails with
// *Refused for a session that is of no use any more.
func (g *Guard) Bearer(a *iam.Account, s *sts.Session, from Origin) (*Caller, error) {
	c, err := g.bearer(a, s)
	if err != nil {
		return nil, err
	}
	c.Origin = from
	return c, nil
}

// bearer is Bearer wherever the call is from.
func (g *Guard) bearer(a *iam.Account, s *sts.Session) (*Caller, error) {
	if !a.Closed.IsZero() {
		return nil, badToken(errors.New("the account is closed"))
	}
	c, notBefore, err := holder(a, s)
	if err != nil {
		return nil, badToken(err)
	}
	if s.Issued.Before(notBefore) {
		return nil, badToken(errors.New("the session was revoked"))
	}
	if err := g.assumable(s); err != nil {
		return nil, err
	}
	c.Session = s
	return c, nil
}

// assumable refuses a session of a root user whose account has left the
// organization since, or that nobody could begin any more: the feature was
// disabled, or the account that began it may not now.
func (g *Guard) assumable(s *sts.Session) error {
	if s.Kind != sts.AssumedRoot {
		return nil
	}
	where, err := g.organization(s.Account)
	if err != nil {
		return err
	}
	if len(s.PolicyARNs) != 1 || where.MayAssumeRoot == nil || !where.MayAssumeRoot(s.Delegate, s.PolicyARNs[0]) {
		return badToken(errors.New("the root user may no longer be assumed"))
	}
	return nil
}

// Open admits a caller to an action that AWS leaves open to everyone with good
// credentials, policies aside; the rules about kinds of sessions still hold.
func (g *Guard) Open(c *Caller, action string) error {
	if c.Kind == policy.Anonymous {
		return errors.New("guard: nobody called")
	}
	return mayCall(c, action)
}

// mayCall refuses what a kind of session may not call, whatever its policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
func mayCall(c *Caller, action string) error {
	if c.Session == nil {
		return nil
	}
	service, name := split(action)
	switch {
	case service == "sts" && (name == "GetSessionToken" || name == "GetFederationToken"):
		return iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with session credentials", name)
	case c.Session.Kind == sts.Federation && service == "iam":
		return badToken(errors.New("GetFederationToken credentials may not call IAM"))
	case c.Session.Kind == sts.Federation && service == "sts" && name == "GetWebIdentityToken":
		return iam.Errorf(iam.CodeAccessDenied, "GetWebIdentityToken does not support federated user sessions")
	case c.Session.Kind == sts.Federation && service == "sts" && name != "GetCallerIdentity":
		// AWS documents that it refuses these; the words are those of its other refusals of sessions.
		return iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with session credentials", name)
	case c.Session.Kind == sts.AssumedRoot && service == "sts" && name != "GetCallerIdentity":
		// No task policy lets it either.
		return iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with session credentials", name)
	case c.Session.Kind == sts.Delegated && aboutDelegation(name):
		// Whoever was let in by one approval does not give or take another.
		return iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with session credentials", name)
	case c.Session.Kind != sts.SessionToken:
		return nil
	case service == "iam" && c.Session.MFA.IsZero():
		return badToken(errors.New("GetSessionToken credentials without MFA may not call IAM"))
	case service == "sts" && (name == "GetWebIdentityToken" || name == "TagGetWebIdentityToken"):
		return nil
	case service == "sts" && name != "AssumeRole" && name != "GetCallerIdentity" && name != "TagSession" && name != "SetSourceIdentity":
		return iam.Errorf(iam.CodeAccessDenied, "Cannot call %s with session credentials", name)
	}
	return nil
}
