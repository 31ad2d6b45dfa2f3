package policy

import (
	"fmt"
	"strings"
)

// Malformed is a document that AWS would not take: the text of a MalformedPolicyDocument error.
type Malformed struct {
	Message   string // AWS's sentence
	Detail    string // what exactly, in our words; may be ""
	Statement int    // index of the statement, -1 for the document
}

func (e *Malformed) Error() string {
	if e.Detail == "" {
		return "policy: " + e.Message
	}
	return "policy: " + e.Message + " (" + e.Detail + ")"
}

// CheckOptions say what a document alone does not.
type CheckOptions struct {
	Managed bool // a managed policy, which must be of version 2012-10-17
	// KnownVendor tells whether a service prefix, in lower case, exists; nil takes any that is well formed.
	KnownVendor func(prefix string) bool
}

// AWS's sentences.
const (
	msgJSON          = "This policy contains invalid Json"
	msgSyntax        = "Syntax errors in policy."
	msgVersion       = "Policy document must be version 2012-10-17 or greater."
	msgPrincipal     = "Policy document should not specify a principal."
	msgLegacy        = "The policy failed legacy parsing"
	msgSIDForm       = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	msgSIDs          = "Statement IDs (SID) in a single policy must be unique."
	msgNoActions     = "Policy statement must contain actions."
	msgNoVendor      = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	msgColons        = "Actions/Condition can contain only one colon."
	msgNoResources   = "Policy statement must contain resources."
	msgHasResource   = "Has prohibited field Resource."
	msgNotPrincipal  = "Has prohibited field NotPrincipal."
	msgNeedPrincipal = "Missing required field Principal"
	msgSTSOnly       = "AssumeRole policy may only specify STS AssumeRole actions."
	msgEveryone      = `AssumeRolepolicy contained an invalid principal: "STAR":"*".`
	msgOrganizations = "The provided policy document does not meet the requirements of the specified policy type."
)

// Check returns what AWS says to a document when it is written as a policy of that kind: the first fault in AWS's order,
// each step over all statements before the next. The error is a *Malformed.
func Check(d *Document, k Kind, opt CheckOptions) error {
	c := checker{d, k, opt}
	for _, step := range []func() *Malformed{
		c.syntax, c.version, c.principalPresence, c.legacy, c.sids, c.actionPresence, c.resourceForm, c.vendors,
		c.resourcePresence, c.trust, c.principalForm, c.organizations,
	} {
		if m := step(); m != nil {
			if k == SCP || k == RCP {
				// Organizations has one sentence for them all.
				m.Detail = strings.TrimSuffix(m.Message+" "+m.Detail, " ")
				m.Message = msgOrganizations
			}
			return m
		}
	}
	return nil
}

type checker struct {
	d   *Document
	k   Kind
	opt CheckOptions
}

// each calls f for every statement until one is refused.
func (c *checker) each(f func(s *Statement) *Malformed) *Malformed {
	for i := range c.d.Statements {
		if m := f(&c.d.Statements[i]); m != nil {
			m.Statement = i
			return m
		}
	}
	return nil
}

func refuse(message, detail string, args ...any) *Malformed {
	return &Malformed{Message: message, Detail: fmt.Sprintf(detail, args...), Statement: -1}
}

func (c *checker) syntax() *Malformed {
	switch {
	case c.d.Version != "" && c.d.Version != version2008 && c.d.Version != version2012:
		return refuse(msgSyntax, "no version %s of the policy language", c.d.Version)
	case c.d.HasID && !c.k.namesPrincipal():
		return refuse(msgSyntax, "Id is for resource-based policies")
	case len(c.d.Statements) == 0:
		return refuse(msgSyntax, "no statement")
	}
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.Effect == "":
			return refuse(msgSyntax, "no Effect")
		case !strings.EqualFold(s.Effect, "Allow") && !strings.EqualFold(s.Effect, "Deny"):
			return refuse(msgSyntax, "Effect is neither Allow nor Deny")
		case s.Action != nil && s.NotAction != nil:
			return refuse(msgSyntax, "both Action and NotAction")
		case s.Resource != nil && s.NotResource != nil:
			return refuse(msgSyntax, "both Resource and NotResource")
		case s.Principal != nil && s.NotPrincipal != nil:
			return refuse(msgSyntax, "both Principal and NotPrincipal")
		}
		for i := range s.Condition {
			if _, ok := parseOperator(s.Condition[i].Operator); !ok {
				return refuse(msgSyntax, "unknown condition operator %s", s.Condition[i].Operator)
			}
		}
		return nil
	})
}

func (c *checker) version() *Malformed {
	if (c.opt.Managed || c.k == RCP) && c.d.Version != version2012 {
		return refuse(msgVersion, "")
	}
	return nil
}

// principalPresence refuses a principal where the policy's place already says whom it is about. Where in AWS's order
// this comes is not known.
func (c *checker) principalPresence() *Malformed {
	if c.k.namesPrincipal() {
		return nil
	}
	return c.each(func(s *Statement) *Malformed {
		if s.Principal != nil || s.NotPrincipal != nil {
			return refuse(msgPrincipal, "")
		}
		return nil
	})
}

// legacy refuses what AWS's older parser can't read.
func (c *checker) legacy() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return refuse(msgLegacy, "Effect %s", s.Effect)
		}
		for i := range s.Condition {
			cond := &s.Condition[i]
			if op, _ := parseOperator(cond.Operator); !op.family.isDate() {
				continue
			}
			for _, v := range cond.Values {
				if _, ok := parseDate(v); !ok {
					return refuse(msgLegacy, "%s is not a date", v)
				}
			}
		}
		if c.k == Trust {
			return nil
		}
		for _, list := range [][]string{s.Resource, s.NotResource} {
			for _, r := range list {
				if legacyResource(r) {
					return refuse(msgLegacy, "resource %s", r)
				}
			}
		}
		return nil
	})
}

func (c *checker) sids() *Malformed {
	seen := map[string]bool{}
	return c.each(func(s *Statement) *Malformed {
		if c.k == Resource {
			return nil // each service has rules of its own
		}
		for i := 0; i < len(s.SID); i++ {
			if b := lower(s.SID[i]); (b < 'a' || b > 'z') && (b < '0' || b > '9') {
				return refuse(msgSIDForm, "")
			}
		}
		if s.SID != "" && seen[s.SID] {
			return refuse(msgSIDs, "%s", s.SID)
		}
		seen[s.SID] = true
		return nil
	})
}

func (c *checker) actionPresence() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		if len(s.Action) == 0 && len(s.NotAction) == 0 {
			return refuse(msgNoActions, "")
		}
		return nil
	})
}

func (c *checker) vendors() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		for _, list := range [][]string{s.Action, s.NotAction} {
			for _, a := range list {
				if m := c.vendor(a); m != nil {
					return m
				}
			}
		}
		return nil
	})
}

func (c *checker) vendor(action string) *Malformed {
	if action == "*" {
		return nil
	}
	vendor, name, ok := strings.Cut(action, ":")
	switch {
	case !ok:
		return refuse(msgNoVendor, "%s", action)
	case strings.Contains(name, ":"):
		return refuse(msgColons, "%s", action)
	case vendor == "*":
		return nil
	}
	for i := 0; i < len(vendor); i++ {
		b := lower(vendor[i])
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '.' {
			return refuse("Vendor "+vendor+" is not valid", "")
		}
	}
	if vendor == "" || c.opt.KnownVendor != nil && !c.opt.KnownVendor(strings.ToLower(vendor)) {
		return refuse("Vendor "+vendor+" is not valid", "")
	}
	return nil
}

func (c *checker) resourcePresence() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		present := s.Resource != nil || s.NotResource != nil
		switch {
		case c.k == Trust && present:
			return refuse(msgHasResource, "")
		case c.k != Trust && len(s.Resource) == 0 && len(s.NotResource) == 0:
			return refuse(msgNoResources, "")
		}
		return nil
	})
}
