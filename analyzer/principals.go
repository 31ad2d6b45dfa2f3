package analyzer

import (
	"strings"

	"iamd/policy/source"
)

// principalChecks are those of Principal and NotPrincipal, but for role trust policies and control policies.
var principalChecks = []func(*document){unsupportedPrincipals, principalForms, federatedPrincipals, principalKeys}

// principalTypes are the keys of a Principal.
var principalTypes = map[string]bool{"AWS": true, "CanonicalUser": true, "Federated": true, "Service": true}

// principalElements are Principal and NotPrincipal as far as the statement has them.
func (s *statement) principalElements() (out []*member) {
	for _, m := range []*member{s.principal, s.notPrincipal} {
		if m != nil {
			out = append(out, m)
		}
	}
	return out
}

// unsupportedPrincipals finds principals where the policy's place says whom it is about.
func unsupportedPrincipals(d *document) {
	for i := range d.statement {
		for _, m := range d.statement[i].principalElements() {
			switch d.opt.Type {
			case IdentityPolicy:
				d.report("UNSUPPORTED_PRINCIPAL", []place{m.keyAt}, "policy_type", string(IdentityPolicy))
			case SCP:
				d.report("SCP_SYNTAX_ERROR_PRINCIPAL", []place{m.keyAt})
			}
		}
	}
}

// principalForms finds principals that are no pairs of a type and names, types that there are not, and wildcards: only
// "*" alone stands for everyone, under AWS or without a type.
func principalForms(d *document) {
	if d.opt.Type != ResourcePolicy {
		return // RCPs take "*" only, the others none
	}
	for i := range d.statement {
		s := &d.statement[i]
		for _, m := range s.principalElements() {
			if m.value.kind != source.Object && (m.value.kind != source.String || m.value.text != "*") {
				d.report("INVALID_PRINCIPAL_FORMAT", []place{m.value.place})
			}
		}
		for _, list := range [][]principal{s.principals, s.notPrincipals} {
			for j := range list {
				d.principalForm(&list[j])
			}
		}
	}
}

func (d *document) principalForm(p *principal) {
	switch {
	case p.keyAt == place{}:
		return // no type
	case !principalTypes[p.key]:
		d.report("INVALID_PRINCIPAL_KEY", []place{p.keyAt}, "principal-key", p.key)
		return
	}
	for i := range p.list {
		v := &p.list[i]
		switch {
		case strings.Contains(v.text, "${"): // others say so
		case wild(v.text) && (v.text != "*" || p.key != "AWS"):
			d.report("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", []place{v.place}, "principal_key", p.key)
		case p.key == "Service" && !servicePrincipal(v.text):
			d.report("INVALID_SERVICE_PRINCIPAL_FORMAT", []place{v.place}, "expectedFormat", "service-name.amazonaws.com")
		}
	}
}

// federatedPrincipals finds identity providers in policies that are not about assuming a role.
func federatedPrincipals(d *document) {
	if d.opt.Type != ResourcePolicy {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if d.assumed(s) {
			continue
		}
		for _, list := range [][]principal{s.principals, s.notPrincipals} {
			for j := range list {
				if list[j].key == "Federated" {
					d.report("FEDERATED_PRINCIPAL_NOT_SUPPORTED", []place{list[j].value.place})
				}
			}
		}
	}
}

// organizationKeys are of principals that are in an organization or have tags, as AWS services are and have not (IAM User
// Guide, "AWS global condition context keys").
var organizationKeys = []string{"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalTag/"}

// principalKeys finds conditions that let services in, and them only, if they have what no service has. A condition that
// also holds without its key is let be.
func principalKeys(d *document) {
	if d.opt.Type != ResourcePolicy {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		services := principalsOf(s.principals, "Service")
		if !s.allow() || len(services) == 0 || len(s.principals) > 1 {
			continue
		}
		var at []place
		var keys []string
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			name, _, tag := strings.Cut(c.key, "/")
			if tag {
				name += "/"
			}
			if ok && op.needsKey() && foldIn(organizationKeys, name) {
				at, keys = append(at, c.keyAt), append(keys, c.key)
			}
		}
		if len(keys) > 0 {
			d.report("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", at, "conditionKeys", strings.Join(keys, ", "))
		}
	}
}
