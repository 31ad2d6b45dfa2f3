package policy

import "strings"

// AWS's sentences for principals, the first of which names the principal.
const (
	msgInvalidPrincipal = "Invalid principal in policy: "
	msgFederated        = "Federated principals must be valid domain names or SAML metadata ARNs"
)

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
			return refuse(msgNeedPrincipal, "").in("Principal", "")
		}
		for _, n := range p.Named {
			if m := c.principal(n); m != nil {
				return m.in("Principal", n.Value)
			}
		}
		return nil
	})
}

func (c *checker) principal(n NamedPrincipal) *Malformed {
	form := n.form()
	switch {
	case n.Type == principalCanonical && c.k == Trust:
		return refuse(msgInvalidPrincipal+`"`+principalCanonical+`"`, "%s", n.Value)
	case n.Type == principalCanonical:
		// Canonical user ids are for buckets; that they then match nobody here is the evaluation's business.
		if c.k == Resource && n.Value != "" && !strings.ContainsAny(n.Value, "*?") {
			return nil
		}
	case n.Type == principalFederated:
		if form == formProvider && (isDomain(n.Value) || providerARN(n.Value)) {
			return nil
		}
		return refuse(msgFederated, "%s", n.Value)
	case form != 0 && (form != formService || isDomain(n.Value)):
		return nil
	}
	name := n.Type
	if name != principalAWS {
		name = strings.ToUpper(name)
	}
	return refuse(msgInvalidPrincipal+`"`+name+`":"`+n.Value+`"`, "")
}

// isDomain tells whether s is a domain name of at least two labels of letters, digits and hyphens.
func isDomain(s string) bool {
	dots, label := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '.' && label > 0:
			dots, label = dots+1, 0
		case alphanumeric(s[i]) || s[i] == '-':
			label++
		default:
			return false
		}
	}
	return dots > 0 && label > 0
}

func providerARN(s string) bool {
	a, ok := cutARN(s)
	return ok && a[0] == "arn" && isPartition(a[1]) && a[2] == "iam" && a[3] == "" && isAccount(a[4]) &&
		(strings.HasPrefix(a[5], "saml-provider/") || strings.HasPrefix(a[5], "oidc-provider/"))
}

// organizations checks what is particular to resource control policies. Which services they reach is for
// CheckOptions.KnownVendor to say.
func (c *checker) organizations() *Malformed {
	if c.k != RCP {
		return nil
	}
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.Effect != "Deny":
			return refuse(msgOrganizations, "Effect is not Deny").in("Effect", s.Effect)
		case s.NotPrincipal != nil || !s.Principal.everyone():
			return refuse(msgOrganizations, `Principal is not "*"`).in("Principal", "")
		case s.NotAction != nil:
			return refuse(msgOrganizations, "NotAction").in("Action", "")
		}
		for _, a := range s.Action {
			if strings.HasPrefix(a, "*") {
				return refuse(msgOrganizations, "the action %s has no service prefix", a).in("Action", a)
			}
		}
		return nil
	})
}

// everyone tells whether it is "*" or {"AWS":"*"}, and nobody beside.
func (p *Principals) everyone() bool {
	if p.Everyone {
		return len(p.Named) == 0
	}
	return len(p.Named) == 1 && p.Named[0] == NamedPrincipal{Type: principalAWS, Value: "*"}
}
