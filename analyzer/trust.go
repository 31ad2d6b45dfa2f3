package analyzer

import "strings"

// trustChecks are those of the trust policies of roles.
var trustChecks = []func(*document){trustStructure, federatedNames, mismatchedActions, rolesAnywhere}

// trustStructure finds elements that trust policies do not take.
func trustStructure(d *document) {
	if !d.trust() {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if s.notPrincipal != nil {
			d.report("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", []place{s.notPrincipal.keyAt})
		}
		if s.principal != nil && s.principal.value.text == "*" {
			d.report("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", []place{s.principal.value.place})
		}
		for _, e := range []*element{s.resource, s.notResource} {
			if e != nil {
				d.report("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", []place{e.keyAt})
			}
		}
	}
}

// The kinds of principals as far as they settle how a role is assumed.
const (
	samlProvider = "saml"
	oidcName     = "oidc"
	noProvider   = "other"
)

// providerKind tells a SAML provider's ARN from the ARN or domain of an OpenID Connect provider; "" for what is neither.
func providerKind(s string) string {
	if strings.HasPrefix(s, "arn:") {
		a, n := readARN(s)
		kind, name, _ := strings.Cut(a.field[arnResource], "/")
		if n < len(a.field) || a.field[arnService] != "iam" || !isAccount(a.field[arnAccount]) || name == "" {
			return ""
		}
		return map[string]string{"saml-provider": samlProvider, "oidc-provider": oidcName}[kind]
	}
	if !strings.Contains(s, ".") || strings.ContainsAny(s, " :*?") {
		return ""
	}
	return oidcName
}

// federatedNames finds identity providers that are neither ARNs of providers nor domains.
func federatedNames(d *document) {
	if !d.trust() {
		return
	}
	for i := range d.statement {
		for _, v := range principalsOf(d.statement[i].principals, "Federated") {
			if providerKind(v.text) == "" && !wild(v.text) && !strings.Contains(v.text, "${") {
				d.report("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", []place{v.place})
			}
		}
	}
}

// assumedBy says what kind of principal each way to assume a role is for.
var assumedBy = map[string]string{
	"sts:assumerole": noProvider, "sts:assumerolewithsaml": samlProvider, "sts:assumerolewithwebidentity": oidcName,
}

// mismatchedActions finds ways to assume a role that none of the statement's principals can go. A statement that names
// several kinds of principals and an action for each is let be.
func mismatchedActions(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if !d.assumed(s) || s.action == nil {
			continue
		}
		var at []place
		var names []string
		kinds := map[string]bool{}
		for _, p := range s.principals {
			for _, v := range p.list {
				kind := noProvider
				if p.key == "Federated" {
					kind = providerKind(v.text)
				}
				kinds[kind] = true
				if len(at) < maxNamed {
					at, names = append(at, v.place), append(names, v.text)
				}
			}
		}
		if len(at) == 0 || kinds[""] {
			continue
		}
		for _, v := range s.action.list {
			if kind, ok := assumedBy[strings.ToLower(v.text)]; ok && !kinds[kind] {
				d.report("MISMATCHED_ACTION_FOR_PRINCIPAL", append([]place{v.place}, at...),
					"actionName", v.text, "principalNames", strings.Join(names, ", "))
			}
		}
	}
}

// anywhere is the service principal of IAM Roles Anywhere, which does three things when it assumes a role (IAM Roles Anywhere
// User Guide, "Trust model").
const anywhere = "rolesanywhere.amazonaws.com"

var anywhereActions = []string{"sts:assumerole", "sts:setsourceidentity", "sts:tagsession"}

// rolesAnywhere finds trust in IAM Roles Anywhere that lacks one of its actions in all of the policy's statements.
func rolesAnywhere(d *document) {
	if !d.trust() {
		return
	}
	var at []place
	missing := map[string]bool{}
	for _, a := range anywhereActions {
		missing[a] = true
	}
	for i := range d.statement {
		s := &d.statement[i]
		if !s.allow() {
			continue
		}
		trusted := false
		for _, v := range principalsOf(s.principals, "Service") {
			if v.text == anywhere {
				at, trusted = append(at, v.place), true
			}
		}
		if !trusted {
			continue
		}
		for _, a := range anywhereActions {
			if s.covers(a) {
				delete(missing, a)
			}
		}
	}
	if len(at) > 0 && len(missing) > 0 {
		d.report("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", at)
	}
}

// covers tells whether the statement is about an action, given in lower case.
func (s *statement) covers(action string) bool {
	list, not := s.actions()
	for i := range list {
		if covers(strings.ToLower(list[i].text), action) {
			return !not
		}
	}
	return not
}
