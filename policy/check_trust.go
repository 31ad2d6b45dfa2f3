package policy

import "strings"

// AWS's sentences for trust policies. They come from the parser that also reads the policies of other services'
// resources, which names the fault where that of identity policies only says that there is one.
const (
	msgJSON              = "This policy contains invalid Json"
	msgLeadingSpace      = "JSON strings must not have leading spaces"
	msgPosition          = "Syntax error at position (%d,%d)"
	msgTrustVersion      = "The policy must contain a valid version string"
	msgNoStatement       = "Could not parse the policy: Statement is empty!"
	msgTrustSIDs         = "The Statement Ids in the policy are not unique"
	msgNoEffect          = "Missing required field Effect"
	msgEffect            = "Invalid effect: "
	msgAllowNotPrincipal = "Allow with NotPrincipal is not allowed."
	msgNotPrincipal      = "AssumeRole policy must not contain NotPrincipal field."
	msgNeedPrincipal     = "Missing required field Principal"
	msgEmptyPrincipal    = "Missing required field Principal cannot be empty!"
	msgEveryone          = `AssumeRolepolicy contained an invalid principal: "STAR":"*".`
	msgNeedAction        = "Missing required field Action"
	msgSTSOnly           = "AssumeRole policy may only specify STS AssumeRole actions."
	msgHasResource       = "Has prohibited field Resource."
	msgHasNotResource    = "AssumeRole policy must not contain resources."
	msgCognito           = "A condition block must be present for the Cognito provider"
)

// cognitoIdentity is the provider of everybody's identity pools, and cognitoPool the key that says which of them.
const (
	cognitoIdentity = "cognito-identity.amazonaws.com"
	cognitoPool     = cognitoIdentity + ":aud"
)

func (c *checker) trustDocument() *Malformed {
	switch {
	case c.d.indented():
		return refuse(msgLeadingSpace, "")
	case c.d.Version != "" && c.d.Version != version2008 && c.d.Version != version2012:
		return refuse(msgTrustVersion, "no version %s of the policy language", c.d.Version).in("Version", c.d.Version)
	case len(c.d.Statements) == 0:
		return refuse(msgNoStatement, "").in("Statement", "")
	}
	return nil
}

// trustStatements takes each statement whole before the next.
func (c *checker) trustStatements() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.Effect == "":
			return refuse(msgNoEffect, "").in("Effect", "")
		case s.Effect != "Allow" && s.Effect != "Deny":
			return refuse(msgEffect+s.Effect, "").in("Effect", s.Effect)
		case s.NotPrincipal != nil && s.Effect == "Allow":
			return refuse(msgAllowNotPrincipal, "").in("Principal", "")
		case s.NotPrincipal != nil:
			return refuse(msgNotPrincipal, "").in("Principal", "")
		case s.Principal == nil:
			return refuse(msgNeedPrincipal, "").in("Principal", "")
		case s.Principal.Everyone:
			return refuse(msgEveryone, "").in("Principal", "")
		case len(s.Principal.Named) == 0:
			return refuse(msgEmptyPrincipal, "").in("Principal", "")
		}
		if m := statementSyntax(s); m != nil {
			return m
		}
		for i := range s.Condition {
			if m := legacyCondition(&s.Condition[i]); m != nil {
				return m
			}
		}
		if len(s.Action) == 0 && len(s.NotAction) == 0 {
			return refuse(msgNeedAction, "").in("Action", "")
		}
		for _, list := range [][]string{s.Action, s.NotAction} {
			for _, a := range list {
				if !assumes(a) {
					return refuse(msgSTSOnly, "%s", a).in("Action", a)
				}
			}
		}
		switch {
		case s.Resource != nil:
			return refuse(msgHasResource, "").in("Resource", "")
		case s.NotResource != nil:
			return refuse(msgHasNotResource, "").in("Resource", "")
		}
		return nil
	})
}

// trustActions are what a trust policy decides: a call that assumes the role, by its first letters, and what may come
// with it.
var trustActions = []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"}

// assumes tells whether an action is one that a trust policy decides. AWS was seen to refuse "sts:*"; that a star may
// end one of the names is an assumption.
func assumes(action string) bool {
	for _, a := range trustActions {
		if len(action) >= len(a) && strings.EqualFold(action[:len(a)], a) {
			return true
		}
	}
	return false
}

// cognito refuses trust in all the identity pools of the world.
func (c *checker) cognito() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		if s.Effect != "Allow" {
			return nil
		}
		for _, n := range s.Principal.Named {
			if n.Type == principalFederated && n.Value == cognitoIdentity && !s.has(cognitoPool) {
				return refuse(msgCognito, "no condition on %s", cognitoPool).in("Condition", "")
			}
		}
		return nil
	})
}

// has tells whether the statement has a condition on a key.
func (s *Statement) has(key string) bool {
	for i := range s.Condition {
		if FoldKey(s.Condition[i].Key) == key {
			return true
		}
	}
	return false
}
