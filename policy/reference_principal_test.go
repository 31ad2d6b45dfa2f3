package policy_test

import (
	"regexp"
	"slices"
	"strings"

	"iamd/policy"
)

// hasAccount tells whether the caller belongs to an account.
func hasAccount(p *policy.Principal) bool {
	return slices.Contains([]policy.PrincipalKind{policy.Root, policy.User, policy.Role, policy.FederatedUser}, p.Kind)
}

// The lines of the table "when a resource-based policy in the same account allows".
var (
	theAccount   = lifts{named: true}
	theRole      = lifts{named: true, identity: true}
	theUser      = lifts{named: true, identity: true, boundary: true}
	theSession   = lifts{named: true, identity: true, boundary: true, session: true}
	notNamed     = lifts{}
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	uniqueID     = regexp.MustCompile(`^(AIDA|AROA)[A-Z0-9]{12,124}$`)
	principalARN = regexp.MustCompile(`^arn:(?:aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc):` +
		`(iam|sts)::([0-9]{12}):(?s:(root|user/.+|role/.+|assumed-role/[^/]*/[^/]*|federated-user/.+))$`)
)

// principal is the Principal or NotPrincipal element, which policies on resources must have and the others may not.
func (r *evaluation) principal(s *policy.Statement, kind policy.Kind, bound map[string]string) (verdict, lifts) {
	onResource := slices.Contains([]policy.Kind{policy.Resource, policy.Trust, policy.RCP, policy.VPCEndpoint}, kind)
	absent := s.Principal == nil && s.NotPrincipal == nil
	switch {
	case !onResource && absent:
		return yes, theAccount
	case !onResource || absent:
		return maybe, notNamed
	case s.Principal != nil && s.NotPrincipal != nil:
		return maybe, notNamed
	case s.Principal != nil:
		return r.listed(s, kind, bound)
	}
	return r.notListed(s, bound)
}

// entry is how one entry of a Principal element names the caller; form tells what it names at all, "" if that can't be
// told.
type entry struct {
	form string
	how  lifts
}

func (r *evaluation) entries(el *policy.Principals, bound map[string]string) (out []entry) {
	if el.Everyone {
		out = append(out, entry{"everyone", theSession})
	}
	for _, n := range el.Named {
		out = append(out, r.entry(n, bound))
	}
	return out
}

func (r *evaluation) entry(n policy.NamedPrincipal, bound map[string]string) entry {
	p := &r.req.Principal
	when := func(form string, named bool, how lifts) entry {
		if !named {
			how = notNamed
		}
		return entry{form, how}
	}
	switch {
	case n.Type == "AWS" && n.Value == "*":
		return entry{"everyone", theSession}
	case strings.ContainsAny(n.Value, "*?") || n.Value == "":
		return entry{}
	case n.Type == "Service":
		return when("itself", p.Kind == policy.Service && p.Service == n.Value, theSession)
	case n.Type == "Federated":
		return when("itself", (p.Kind == policy.WebIdentity || p.Kind == policy.SAML) && p.Federated == n.Value, theSession)
	case n.Type != "AWS":
		return entry{}
	}
	id, isBound := bound[n.Value]
	arn := principalARN.FindStringSubmatch(n.Value)
	isAccountARN := arn != nil && arn[1] == "iam" && arn[3] == "root"
	if isBound && id == "" && !isAccountARN {
		return entry{} // whom it named is gone
	}
	// is tells whether the caller is the one of that ARN, or of that unique id if the entry is bound to one.
	is := func(callers string) bool {
		if isBound {
			return p.UniqueID == id
		}
		return callers == n.Value
	}
	switch {
	case accountID.MatchString(n.Value):
		return when("account", hasAccount(p) && p.Account == n.Value, theAccount)
	case uniqueID.MatchString(n.Value):
		mine := p.UniqueID == n.Value
		switch p.Kind {
		case policy.User:
			return when("itself", mine, theUser)
		case policy.Role:
			return when("role", mine, theRole)
		case policy.FederatedUser:
			return when("issuer", mine, theRole)
		}
		return entry{"itself", notNamed}
	case arn == nil:
		return entry{}
	}
	word, _, _ := strings.Cut(arn[3], "/")
	switch arn[1] + " " + word {
	case "iam root":
		return when("account", hasAccount(p) && p.Account == arn[2], theAccount)
	case "iam user":
		if p.Kind == policy.FederatedUser {
			return when("issuer", is(p.UserARN), theRole)
		}
		return when("itself", p.Kind == policy.User && is(p.ARN), theUser)
	case "iam role":
		return when("role", p.Kind == policy.Role && is(p.RoleARN), theRole)
	case "sts assumed-role":
		return when("itself", p.Kind == policy.Role && p.ARN == n.Value && (!isBound || p.UniqueID == id), theSession)
	case "sts federated-user":
		return when("itself", p.Kind == policy.FederatedUser && p.ARN == n.Value, theSession)
	}
	return entry{}
}

// listed is a Principal element.
func (r *evaluation) listed(s *policy.Statement, kind policy.Kind, bound map[string]string) (verdict, lifts) {
	out, how := no, notNamed
	bearer := r.req.Principal.Kind == policy.WebIdentity || r.req.Principal.Kind == policy.SAML
	for _, e := range r.entries(s.Principal, bound) {
		if e.form == "" {
			out = max(out, maybe)
			continue
		}
		if e.form == "everyone" && kind == policy.Trust && !denies(s) && bearer {
			continue // who only bears a token has no identity that "*" could mean
		}
		if e.how.named {
			out = yes
			how = how.or(e.how)
		}
	}
	return out, how
}

// notListed is a NotPrincipal element.
func (r *evaluation) notListed(s *policy.Statement, bound map[string]string) (verdict, lifts) {
	p := &r.req.Principal
	named := map[string]bool{}
	fault, any := false, false
	for _, e := range r.entries(s.NotPrincipal, bound) {
		fault = fault || e.form == ""
		if e.how.named {
			named[e.form], any = true, true
		}
	}
	if denies(s) {
		// Exempt is who is listed whole, and nobody with a permissions boundary.
		exempt := named["everyone"]
		switch p.Kind {
		case policy.Anonymous:
		case policy.Root:
			exempt = exempt || named["account"]
		case policy.Role:
			exempt = exempt || named["account"] && named["role"] && named["itself"]
		case policy.User, policy.FederatedUser:
			exempt = exempt || named["account"] && named["itself"]
		default:
			exempt = exempt || named["itself"]
		}
		if hasAccount(p) && r.has(policy.Boundary) {
			exempt = false
		}
		out := verdictOf(!exempt)
		if fault {
			out = min(out, maybe)
		}
		return out, notNamed
	}
	switch {
	case any:
		return no, notNamed
	case fault:
		return maybe, notNamed
	}
	return yes, theRole // meant no closer than a role by its ARN
}
