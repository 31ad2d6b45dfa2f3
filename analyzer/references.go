package analyzer

import (
	"slices"
	"strings"
)

// referenceChecks are those of how statements and principals are named.
var referenceChecks = []func(*document){
	allowWithNotPrincipal,
	uniqueIDs,
	repeatedSids,
	serviceWildcards,
}

func allowWithNotPrincipal(d *document) {
	for i := range d.statement {
		if s := &d.statement[i]; s.allow() && s.notPrincipal != nil {
			d.report("ALLOW_WITH_NOT_PRINCIPAL", []place{s.notPrincipal.value.place})
		}
	}
}

// uniqueIDs: an id for a principal is what IAM puts in the place of the ARN of one that is gone.
func uniqueIDs(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		for _, v := range slices.Concat(principalsOf(s.principals, "AWS"), principalsOf(s.notPrincipals, "AWS")) {
			switch {
			case uniqueID(v.text, "AROA"):
				d.report("INVALID_ROLE_REFERENCE", []place{v.place}, "roleid", v.text)
			case uniqueID(v.text, "AIDA"):
				d.report("INVALID_USER_REFERENCE", []place{v.place}, "userid", v.text)
			}
		}
	}
}

// uniqueID tells whether a text is an id of IAM's, of 16 characters or more, with the prefix.
func uniqueID(s, prefix string) bool {
	return strings.HasPrefix(s, prefix) && len(s) >= 16 &&
		!strings.ContainsFunc(s, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
}

// sidsRequired tells whether a type of policy is not taken when Sids are repeated. IAM and Organizations refuse it; the
// policies of resources are other services' to judge.
func (d *document) sidsRequired() bool { return d.opt.Type != ResourcePolicy || d.trust() }

// repeatedSids: the same Sid twice, where that is allowed.
func repeatedSids(d *document) {
	if d.sidsRequired() {
		return
	}
	for _, at := range d.repeated() {
		d.report("UNIQUE_SIDS_RECOMMENDED", at)
	}
}

// repeated lists the places of the Sids that come more than once, by Sid.
func (d *document) repeated() (out [][]place) {
	bySid := map[string][]place{}
	var order []string
	for i := range d.statement {
		if sid := d.statement[i].sid; sid != nil && sid.text != "" {
			if bySid[sid.text] == nil {
				order = append(order, sid.text)
			}
			bySid[sid.text] = append(bySid[sid.text], sid.place)
		}
	}
	for _, sid := range order {
		if len(bySid[sid]) > 1 {
			out = append(out, bySid[sid])
		}
	}
	return out
}

// serviceWildcards: a part of a service's name with a wildcard takes in services of like names that are yet to come; a
// mere * does not look like any. In an action, AWS calls such a service invalid.
func serviceWildcards(d *document) {
	for i := range d.statement {
		list, _ := d.statement[i].resources()
		for _, v := range list {
			if part := strings.SplitN(v.text, ":", 4); len(part) == 4 && wild(part[2]) && strings.Trim(part[2], "*?") != "" {
				d.report("WILDCARD_IN_SERVICE_NAME", []place{v.place})
			}
		}
	}
}
