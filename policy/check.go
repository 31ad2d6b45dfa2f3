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
	// Element is what is wrong or missing in the statement or the document, "" when it is none of its elements. Action,
	// Resource and Principal stand for NotAction, NotResource and NotPrincipal too.
	Element string
	// Value is the value of the element that is wrong, or the condition operator; "" when it is the element as a whole.
	Value string
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
	// KnownVendor tells whether a service prefix, in lower case, exists, for a resource control policy whether such
	// policies reach the service; nil takes any that is well formed.
	KnownVendor func(prefix string) bool
}

// AWS's sentences. Those of trust policies, which another parser of AWS's reads, are in check_trust.go.
const (
	msgSyntax        = "Syntax errors in policy."
	msgVersion       = "Policy document must be version 2012-10-17 or greater."
	msgPrincipal     = "Policy document should not specify a principal."
	msgLegacy        = "The policy failed legacy parsing"
	msgSIDForm       = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	msgSIDs          = "Statement IDs (SID) in a single policy must be unique."
	msgNoActions     = "Policy statement must contain actions."
	msgNoVendor      = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	msgColons        = "Actions/Condition can contain only one colon."
	msgWildVendor    = "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards."
	msgNoResources   = "Policy statement must contain resources."
	msgOrganizations = "The provided policy document does not meet the requirements of the specified policy type."
)

// Check returns what AWS says to a document when it is written as a policy of that kind: the first fault in AWS's order,
// each step over all statements before the next. The error is a *Malformed. AWS's own documents are not held to it:
// RCPFullAWSAccess is no resource control policy that anybody else could write.
func Check(d *Document, k Kind, opt CheckOptions) error {
	c := checker{d, k, opt}
	steps := []func() *Malformed{
		c.syntax, c.version, c.principalPresence, c.legacy, c.sids, c.actionPresence, c.resourceForm, c.vendors,
		c.resourcePresence, c.principalForm, c.organizations,
	}
	if k == Trust {
		steps = []func() *Malformed{c.trustDocument, c.trustStatements, c.sids, c.principalForm, c.cognito}
	}
	for _, step := range steps {
		if m := step(); m != nil {
			if k.inOrganizations() && m.Message != msgOrganizations {
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

// in says which element is at fault, and which of its values.
func (m *Malformed) in(element, value string) *Malformed {
	m.Element, m.Value = element, value
	return m
}

func (c *checker) syntax() *Malformed {
	switch {
	case c.d.Version != "" && c.d.Version != version2008 && c.d.Version != version2012:
		return refuse(msgSyntax, "no version %s of the policy language", c.d.Version).in("Version", c.d.Version)
	case c.d.HasID && (!c.k.namesPrincipal() || c.k == RCP):
		return refuse(msgSyntax, "Id is for resource-based policies").in("Id", "")
	case len(c.d.Statements) == 0:
		return refuse(msgSyntax, "no statement").in("Statement", "")
	}
	return c.each(func(s *Statement) *Malformed {
		switch {
		case s.Effect == "":
			return refuse(msgSyntax, "no Effect").in("Effect", "")
		case !strings.EqualFold(s.Effect, "Allow") && !strings.EqualFold(s.Effect, "Deny"):
			return refuse(msgSyntax, "Effect is neither Allow nor Deny").in("Effect", s.Effect)
		case s.Resource != nil && s.NotResource != nil:
			return refuse(msgSyntax, "both Resource and NotResource").in("Resource", "")
		case s.Principal != nil && s.NotPrincipal != nil:
			return refuse(msgSyntax, "both Principal and NotPrincipal").in("Principal", "")
		}
		return statementSyntax(s)
	})
}

// statementSyntax is the part of the syntax that trust policies share.
func statementSyntax(s *Statement) *Malformed {
	if s.Action != nil && s.NotAction != nil {
		return refuse(msgSyntax, "both Action and NotAction").in("Action", "")
	}
	for i := range s.Condition {
		if m := conditionSyntax(&s.Condition[i]); m != nil {
			return m
		}
	}
	return nil
}

// version refuses the older language. The Organizations guide wants the newer of its policies too, but Organizations was
// seen to take the older.
func (c *checker) version() *Malformed {
	if c.opt.Managed && c.d.Version != version2012 {
		return refuse(msgVersion, "").in("Version", c.d.Version)
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
			return refuse(msgPrincipal, "").in("Principal", "")
		}
		return nil
	})
}

// legacy refuses what AWS's older parser can't read.
func (c *checker) legacy() *Malformed {
	if (c.k == Identity || c.k == Boundary) && c.d.indented() {
		return refuse(msgLegacy, "white space before the document")
	}
	return c.each(func(s *Statement) *Malformed {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return refuse(msgLegacy, "Effect %s", s.Effect).in("Effect", s.Effect)
		}
		for i := range s.Condition {
			if m := legacyCondition(&s.Condition[i]); m != nil {
				return m
			}
		}
		for _, list := range [][]string{s.Resource, s.NotResource} {
			for _, r := range list {
				if legacyResource(r) {
					return refuse(msgLegacy, "resource %s", r).in("Resource", r)
				}
			}
		}
		return nil
	})
}

func (c *checker) sids() *Malformed {
	unique := msgSIDs
	switch c.k {
	case Resource:
		return nil // each service has rules of its own
	case Trust:
		unique = msgTrustSIDs
	}
	seen := map[string]bool{}
	return c.each(func(s *Statement) *Malformed {
		for i := 0; i < len(s.SID); i++ {
			if !alphanumeric(s.SID[i]) {
				return refuse(msgSIDForm, "").in("Sid", s.SID)
			}
		}
		if s.SID != "" && seen[s.SID] {
			return refuse(unique, "%s", s.SID).in("Sid", s.SID)
		}
		seen[s.SID] = true
		return nil
	})
}

func alphanumeric(b byte) bool {
	b = lower(b)
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9'
}

func (c *checker) actionPresence() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		if len(s.Action) == 0 && len(s.NotAction) == 0 {
			return refuse(msgNoActions, "").in("Action", "")
		}
		return nil
	})
}

func (c *checker) vendors() *Malformed {
	return c.each(func(s *Statement) *Malformed {
		for _, list := range [][]string{s.Action, s.NotAction} {
			for _, a := range list {
				if m := c.vendor(a); m != nil {
					return m.in("Action", a)
				}
			}
		}
		return nil
	})
}

// vendor refuses an action whose service can't be. "*:*" was seen to be taken, other wildcards not.
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
	case strings.ContainsAny(vendor, "*?"):
		return refuse(msgWildVendor, "%s", action)
	}
	for i := 0; i < len(vendor); i++ {
		if b := vendor[i]; !alphanumeric(b) && b != '-' && b != '.' {
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
		if len(s.Resource) == 0 && len(s.NotResource) == 0 {
			return refuse(msgNoResources, "").in("Resource", "")
		}
		return nil
	})
}
