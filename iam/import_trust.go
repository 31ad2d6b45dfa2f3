package iam

import (
	"slices"
	"strings"

	"iamd/policy"
)

// trusts binds the principals of all trust policies, once all users and roles are
// there.
func (m *importing) trusts() error {
	for _, from := range m.in.Roles {
		r, err := m.Role(from.Name)
		if err != nil {
			return err
		}
		what := "role " + r.Name + ", trust policy"
		doc, err := checkDocument(from.Trust.Text(), policy.Trust, false)
		if err != nil {
			return about(what, err)
		}
		if r.ServiceLinked() && !trustsServices(r, doc) {
			return Errorf(CodeInvalidInput, "%s: the path %s is reserved for service-linked roles, which trust services alone.", what, r.Path)
		}
		kept, size := weighed(from.Trust.Text())
		m.quota(what, "ACLSizePerRole", size, m.env.Quotas.TrustSize)
		bound := map[string]string{}
		for _, name := range doc.Principals() {
			id, err := m.bindImported(what, name, from.Trust.Bound()[name])
			if err != nil {
				return err
			}
			if id != "" {
				bound[name] = id
			}
		}
		if len(bound) == 0 {
			bound = nil
		}
		next := clone(r)
		next.Trust = NewDocument(kept, bound)
		m.putRole(r, next)
	}
	return nil
}

// trustsServices holds a role under the reserved path to what services' roles are:
// service control policies don't bind them.
func trustsServices(r *Role, doc *policy.Document) bool {
	return strings.HasPrefix(r.Name, linkedRolePrefix) && !slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool {
		return s.NotPrincipal != nil || s.Principal == nil || s.Principal.Everyone ||
			slices.ContainsFunc(s.Principal.Named, func(n policy.NamedPrincipal) bool { return n.Type != "Service" })
	})
}

// bindImported is bind, and knows what only an import brings: the unique id of
// somebody who is gone, and somebody of an account that is not here, bound to the
// id that the file has. Of an account that is here its own word counts, not the
// file's.
func (m *importing) bindImported(what, name, hint string) (string, error) {
	service, account, resource, isARN := splitPrincipal(name)
	kind, _, _ := strings.Cut(resource, "/")
	person := isARN && service == "iam" && (kind == "user" || kind == "role")
	id, ok := m.bind(name)
	switch {
	case ok && id == nobody && hint != "":
		if prefix := idPrefix(kind); !uniqueID.MatchString(hint) || !strings.HasPrefix(hint, prefix) {
			return "", Errorf(CodeValidation, "%s: %q is not the unique id of %s.", what, hint, name)
		}
		return hint, nil
	case ok && id == nobody:
		m.note(what+" trusts "+name, "account "+account+" is not here: nobody is trusted by that name", "bring that account, then aws iam update-assume-role-policy")
		return nobody, nil
	case ok:
		return id, nil
	case strings.HasPrefix(name, PrefixUser) && uniqueID.MatchString(name), strings.HasPrefix(name, PrefixRole) && uniqueID.MatchString(name):
		return name, nil
	case person:
		m.note(what+" trusts "+name, "there is nobody of that name: nobody is trusted by it", "aws iam update-assume-role-policy")
		return nobody, nil
	}
	return "", Errorf(CodeMalformedPolicy, `%s: Invalid principal in policy: "AWS":"%s"`, what, name)
}

func idPrefix(kind string) string {
	if kind == "user" {
		return PrefixUser
	}
	return PrefixRole
}

// TrustBindings are the principals of other accounts that a role's trust policy
// names, as TrustText shows them, with the unique ids that they are bound to.
func (a *Account) TrustBindings(r *Role) map[string]string {
	var out map[string]string
	for name, id := range r.Trust.Bound() {
		_, account, _, ok := splitPrincipal(name)
		if !ok || account == a.ID || id == nobody {
			continue
		}
		if shown := a.shown(name, id); shown != id {
			if out == nil {
				out = map[string]string{}
			}
			out[shown] = id
		}
	}
	return out
}

// Trusts tells of every unique id of a user or role that the account's trust
// policies are bound to, and whose it is: the account that the principal was of.
func (a *Account) Trusts(yield func(account, id string)) {
	for _, r := range a.RolesAfter("") {
		for name, id := range r.Trust.Bound() {
			account := a.ID
			if _, other, _, ok := splitPrincipal(name); ok {
				account = other
			}
			if id != nobody {
				yield(account, id)
			}
		}
	}
}
