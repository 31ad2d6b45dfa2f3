package policy

import "strings"

// trust checks what is particular to trust policies.
func (c *checker) trust() *Malformed {
	if c.k != Trust {
		return nil
	}
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.NotPrincipal != nil:
			return refuse(msgNotPrincipal, "")
		case s.Principal == nil || !s.Principal.Everyone && len(s.Principal.Named) == 0:
			return refuse(msgNeedPrincipal, "")
		case s.Principal.Everyone:
			return refuse(msgEveryone, "")
		}
		for _, list := range [][]string{s.Action, s.NotAction} {
			for _, a := range list {
				if vendor, _, _ := strings.Cut(a, ":"); !strings.EqualFold(vendor, "sts") {
					return refuse(msgSTSOnly, "%s", a)
				}
			}
		}
		return nil
	})
}

// principalForm refuses principals that can't be. Whether one exists is not known here.
func (c *checker) principalForm() *Malformed {
	if !c.k.namesPrincipal() {
		return nil
	}
	return c.each(func(s *Statement) *Malformed {
		p := s.Principal
		if p == nil {
			p = s.NotPrincipal
		}
		if p == nil || !p.Everyone && len(p.Named) == 0 {
			return refuse(msgNeedPrincipal, "")
		}
		for _, n := range p.Named {
			if !c.principal(n) {
				name := n.Type
				if name != principalAWS {
					name = strings.ToUpper(name)
				}
				return refuse(`Invalid principal in policy: "`+name+`":"`+n.Value+`"`, "")
			}
		}
		return nil
	})
}

func (c *checker) principal(n NamedPrincipal) bool {
	switch form := n.form(); form {
	case 0:
		// Canonical user ids are for buckets; that they then match nobody here is the evaluation's business.
		return n.Type == principalCanonical && c.k == Resource && n.Value != "" && !strings.ContainsAny(n.Value, "*?")
	case formService:
		return strings.Contains(n.Value, ".")
	case formProvider:
		return !strings.HasPrefix(n.Value, "arn:") || providerARN(n.Value)
	}
	return true
}

func providerARN(s string) bool {
	a, ok := cutARN(s)
	return ok && a[2] == "iam" && isAccount(a[4]) &&
		(strings.HasPrefix(a[5], "saml-provider/") || strings.HasPrefix(a[5], "oidc-provider/"))
}

// organizations checks what is particular to resource control policies.
func (c *checker) organizations() *Malformed {
	if c.k != RCP {
		return nil
	}
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.Effect != "Deny":
			return refuse(msgOrganizations, "Effect is not Deny")
		case s.NotPrincipal != nil || !s.Principal.Everyone:
			return refuse(msgOrganizations, `Principal is not "*"`)
		case s.NotAction != nil:
			return refuse(msgOrganizations, "NotAction")
		}
		for _, a := range s.Action {
			if strings.HasPrefix(a, "*") {
				return refuse(msgOrganizations, "the action %s has no service prefix", a)
			}
		}
		return nil
	})
}
