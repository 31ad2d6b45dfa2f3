package policy

import "strings"

// grants says how a statement of a resource-based policy names the caller, and so which implicit denies of the same
// account no longer matter when it allows (IAM User Guide, "Policy evaluation logic": how resource-based policies
// affect other policy types).
type grants uint8

const (
	named        grants = 1 << iota
	skipIdentity        // identity-based policies need not allow
	skipBoundary        // the permissions boundary need not
	skipSession         // the session policy need not

	asAccount = named
	asRole    = named | skipIdentity
	asUser    = named | skipIdentity | skipBoundary
	asSession = named | skipIdentity | skipBoundary | skipSession
)

// principals is a Principal or NotPrincipal element.
type principals struct {
	entries []principalEntry
	absent  bool
	not     bool
	fault   string
}

type principalForm uint8

const (
	formEveryone principalForm = iota + 1
	formAccount
	formUser
	formRole
	formSession
	formFederatedUser
	formUniqueID
	formService
	formProvider
)

type principalEntry struct {
	form  principalForm
	value string
	id    string // the unique id that the entry was bound to when it was written
}

func compilePrincipals(s *Statement, bound map[string]string) *principals {
	p := &principals{}
	el := s.Principal
	switch {
	case s.Principal != nil && s.NotPrincipal != nil:
		p.fault = "both Principal and NotPrincipal"
		return p
	case s.NotPrincipal != nil:
		el, p.not = s.NotPrincipal, true
	case el == nil:
		p.absent = true
		return p
	}
	if el.Everyone {
		p.entries = []principalEntry{{form: formEveryone}}
	}
	for _, n := range el.Named {
		e := principalEntry{value: n.Value}
		if e.form = n.form(); e.form == 0 {
			p.fault = "the principal " + n.Type + ": " + n.Value + " can't be read"
			continue
		}
		if e.form == formAccount && !isAccount(n.Value) {
			a, _ := cutARN(n.Value)
			e.value = a[4]
		} else if id, ok := bound[n.Value]; ok && n.Type == principalAWS {
			if e.id = id; id == "" {
				p.fault = "the principal " + n.Value + " is bound to nothing"
				continue
			}
		}
		p.entries = append(p.entries, e)
	}
	return p
}

// form says what an entry names; 0 if it can't be told.
func (n NamedPrincipal) form() principalForm {
	wild := strings.ContainsAny(n.Value, "*?")
	switch {
	case n.Value == "*" && n.Type == principalAWS:
		return formEveryone
	case wild || n.Value == "":
		return 0
	case n.Type == principalService:
		return formService
	case n.Type == principalFederated:
		return formProvider
	case n.Type != principalAWS:
		return 0
	case isAccount(n.Value):
		return formAccount
	case isUniqueID(n.Value):
		return formUniqueID
	}
	a, ok := cutARN(n.Value)
	if !ok || a[0] != "arn" || !isPartition(a[1]) || a[3] != "" || !isAccount(a[4]) {
		return 0
	}
	kind, name, _ := strings.Cut(a[5], "/")
	switch {
	case a[2] == "iam" && a[5] == "root":
		return formAccount
	case name == "":
		return 0
	case a[2] == "iam" && kind == "user":
		return formUser
	case a[2] == "iam" && kind == "role":
		return formRole
	case a[2] == "sts" && kind == "assumed-role" && strings.Count(name, "/") == 1:
		return formSession
	case a[2] == "sts" && kind == "federated-user":
		return formFederatedUser
	}
	return 0
}

// isUniqueID tells whether s is the unique id of a user or role.
func isUniqueID(s string) bool {
	if len(s) < 16 || len(s) > 128 || !strings.HasPrefix(s, "AIDA") && !strings.HasPrefix(s, "AROA") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// hasAccount tells whether the principal belongs to an account, and so has identity-based policies.
func (p *Principal) hasAccount() bool {
	return p.Kind == Root || p.Kind == User || p.Kind == Role || p.Kind == FederatedUser
}

// match says how the entry names p; 0 if it does not.
func (e *principalEntry) match(p *Principal) grants {
	// is tells whether the entry names the identity with that ARN. A bound entry goes by unique id alone: whoever
	// later has the same name is someone else.
	is := func(arn string) bool {
		if e.id != "" {
			return p.UniqueID == e.id
		}
		return arn == e.value
	}
	switch e.form {
	case formEveryone:
		return asSession
	case formAccount:
		if p.hasAccount() && p.Account == e.value {
			return asAccount
		}
	case formUser:
		switch {
		case p.Kind == User && is(p.ARN):
			return asUser
		case p.Kind == FederatedUser && is(p.UserARN):
			return asRole // the user who federated: boundary and session policy still limit
		}
	case formRole:
		if p.Kind == Role && is(p.RoleARN) {
			return asRole
		}
	case formSession:
		if p.Kind == Role && p.ARN == e.value && (e.id == "" || p.UniqueID == e.id) {
			return asSession
		}
	case formFederatedUser:
		if p.Kind == FederatedUser && p.ARN == e.value {
			return asSession
		}
	case formUniqueID:
		switch {
		case p.UniqueID != e.value:
		case p.Kind == User:
			return asUser
		case p.Kind == Role || p.Kind == FederatedUser:
			return asRole
		}
	case formService:
		if p.Kind == Service && p.Service == e.value {
			return asSession
		}
	case formProvider:
		if (p.Kind == WebIdentity || p.Kind == SAML) && p.Federated == e.value {
			return asSession
		}
	}
	return 0
}

// match tells whether the element, in a policy of kind k, covers p, and how it names p. deny is the statement's effect,
// bounded whether the request comes with a permissions boundary.
func (s *principals) match(p *Principal, k Kind, deny, bounded bool) (truth, grants) {
	var g grants
	exempt := s.not && deny
	var account, itself, role, everyone bool
	for i := range s.entries {
		e := &s.entries[i]
		m := e.match(p)
		if m == 0 {
			continue
		}
		switch e.form {
		case formEveryone:
			everyone = true
			// A bearer of a token or assertion has no identity in AWS yet: to let one in, a trust policy must name the
			// provider.
			if k == Trust && !deny && !s.not && (p.Kind == WebIdentity || p.Kind == SAML) {
				m = 0
			}
		case formAccount:
			account = true
		case formRole:
			role = true
		case formUniqueID:
			role = role || p.Kind == Role
			itself = itself || p.Kind == User
		case formUser:
			itself = itself || p.Kind == User
		default:
			itself = true
		}
		g |= m
	}
	t := truthOf(g != 0)
	switch {
	case exempt:
		// NotPrincipal with Deny exempts who is listed whole, account and role included, and never a principal with a
		// permissions boundary.
		t = truthOf(everyone || p.listed(account, itself, role)).not()
		if bounded && p.hasAccount() {
			t = yes
		}
		g = 0
	case s.not:
		t = t.not()
		// Whoever is not listed is meant no closer than a role is by its ARN.
		if g = 0; t == yes {
			g = asRole
		}
	}
	if s.fault != "" {
		if s.not {
			t = t.and(unclear)
		} else {
			t = t.or(unclear)
		}
	}
	return t, g
}

// listed tells whether a NotPrincipal element lists all that p is.
func (p *Principal) listed(account, itself, role bool) bool {
	switch p.Kind {
	case Anonymous:
		return false
	case Root:
		return account
	case Role:
		return account && role && itself
	case User, FederatedUser:
		return account && itself
	}
	return itself
}
