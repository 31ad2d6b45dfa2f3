package analyzer

import (
	"strings"

	"iamd/catalog"
	"iamd/policy/source"
)

// controlChecks are those of resource control policies (AWS Organizations User Guide, "RCP syntax").
var controlChecks = []func(*document){rcpStructure, rcpPrincipalKeys}

// stars tells whether an element is the string "*", or a list of nothing else.
func (m *member) stars() bool {
	for _, v := range m.list() {
		if v.kind != source.String || v.text != "*" {
			return false
		}
	}
	return true
}

// rcpStructure finds what resource control policies do not take. They deny; AWS's own RCPFullAWSAccess, which allows
// everything, is the one form of Allow. AWS's text about Allow leaves actions out; that an Allow of some actions is that
// fault, and the actions only where no statement takes them, is ours.
func rcpStructure(d *document) {
	if d.opt.Type != RCP {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if s.notPrincipal != nil {
			d.report("RCP_SYNTAX_ERROR_PRINCIPAL", []place{s.notPrincipal.keyAt})
		}
		if p := s.principal; p != nil && (p.value.kind != source.String || p.value.text != "*") {
			d.report("RCP_SYNTAX_ERROR_PRINCIPAL", []place{p.value.place})
		}
		if s.notAction != nil {
			d.report("RCP_SYNTAX_ERROR_NOTACTION", []place{s.notAction.keyAt})
		}
		if s.allow() && (s.notResource != nil || s.condition != nil || s.resource != nil && !s.resource.stars() ||
			s.action != nil && !s.action.stars()) {
			d.report("RCP_SYNTAX_ERROR_ALLOW", []place{s.effect.place})
		}
		if s.action == nil {
			continue
		}
		for _, v := range s.action.list {
			if !controlled(v.text) && !(s.allow() && v.text == "*") {
				d.report("RCP_SYNTAX_ERROR_ACTION", []place{v.place})
			}
		}
	}
}

// controlled tells whether an action's service takes resource control policies. What has no service that there is, is
// another check's, but for "*": a policy must say which service it is about.
func controlled(action string) bool {
	prefix, _, ok := strings.Cut(action, ":")
	if !ok || open(prefix) {
		return action != "*" && !open(prefix)
	}
	s, ok := catalog.Service(prefix)
	return !ok || s.ResourceControlPolicies
}

// The condition keys of who calls and for whom. AWS names two of them in its examples of control policies; that the
// others of their family count too is ours.
var (
	identityKeys = []string{
		"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
		"aws:SourceVpc", "aws:SourceVpce", "aws:SourceIp", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths",
	}
	behalfKeys  = []string{"aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths"}
	serviceFlag = []string{"aws:PrincipalIsAWSService"}
	presentKeys = []string{"aws:SourceAccount", "aws:SourceArn"}
)

// rcpPrincipalKeys finds denials that hit services that act for the account because they lack a key, or its own
// principals because they call for themselves. A condition that only holds when the request has the key is let be.
func rcpPrincipalKeys(d *document) {
	if d.opt.Type != RCP {
		return
	}
	for i := range d.statement {
		s := &d.statement[i]
		if !s.deny() {
			continue
		}
		flagged := s.conditioned(serviceFlag) != nil
		present := false
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			present = present || ok && op.family == opNull && foldIn(presentKeys, c.key)
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			op, ok := parseOperator(c.operator.key)
			if !ok || op.needsKey() || op.family == opNull {
				continue
			}
			at := []place{c.keyAt}
			switch {
			case foldIn(identityKeys, c.key) && !flagged:
				d.report("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", at, "conditionKeyName", c.key)
			case foldIn(behalfKeys, c.key) && !flagged:
				d.report("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", at, "conditionKeyName", c.key)
			case foldIn(behalfKeys, c.key) && !present:
				d.report("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", at, "conditionKeyName", c.key)
			}
		}
	}
}
