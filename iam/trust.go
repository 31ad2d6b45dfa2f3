package iam

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"iamd/policy"
)

// nobody stands for the unique id of a principal in an account that is not kept
// here. No unique id looks like it, so nobody can be that principal; reading
// the policy back shows the ARN as it was written.
const nobody = "-"

// checkTrust makes a trust policy of its text. Users and roles that it names
// are bound to their unique ids: whoever has that name later is not trusted.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (d *Draft) checkTrust(text string) (*Document, error) {
	doc, err := checkDocument(text, policy.Trust, false)
	if err != nil {
		return nil, err
	}
	text, size := weighed(text)
	if limit := d.env.Quotas.TrustSize; size > limit {
		return nil, quota("ACLSizePerRole", limit)
	}
	var bound map[string]string
	for _, name := range doc.Principals() {
		id, ok := d.bind(name)
		if !ok {
			return nil, Errorf(CodeMalformedPolicy, `Invalid principal in policy: "AWS":"%s"`, name)
		}
		if id != "" {
			if bound == nil {
				bound = map[string]string{}
			}
			bound[name] = id
		}
	}
	return NewDocument(text, bound), nil
}

// bind finds who a principal's name stands for now. An empty id with ok is a
// principal that is matched by its name: an account, or a session.
func (d *Draft) bind(name string) (id string, ok bool) {
	if isAccountID(name) {
		return "", true
	}
	if _, found := d.UserByID(name); found {
		return name, true
	}
	if _, found := d.RoleByID(name); found {
		return name, true
	}
	service, account, resource, ok := splitPrincipal(name)
	if !ok {
		return "", false
	}
	kind, rest, _ := strings.Cut(resource, "/")
	switch {
	case service == "iam" && resource == "root":
		return "", true
	case service == "sts" && kind == "assumed-role":
		role, session, _ := strings.Cut(rest, "/")
		return "", role != "" && session != "" && !strings.Contains(session, "/")
	case service == "sts" && kind == "federated-user":
		return "", rest != ""
	case service != "iam" || rest == "":
		return "", false
	case kind != "user" && kind != "role":
		return "", false
	case account != d.ID:
		id, found, held := d.env.Principal(name)
		if !held {
			return nobody, true
		}
		return id, found && id != ""
	case kind == "user":
		if u, found := d.UserByARN(name); found {
			return u.ID, true
		}
	default:
		if r, found := d.RoleByARN(name); found {
			return r.ID, true
		}
	}
	return "", false
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// splitPrincipal takes arn:aws:SERVICE::ACCOUNT:RESOURCE apart.
func splitPrincipal(arn string) (service, account, resource string, ok bool) {
	p := strings.SplitN(arn, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] != "aws" || p[3] != "" || !isAccountID(p[4]) {
		return "", "", "", false
	}
	return p[2], p[4], p[5], true
}

// TrustText is a role's trust policy as it is read back: byte for byte as it
// was written, except that a principal whose ARN has changed since shows the
// present one, and a principal that is gone its unique id.
func (a *Account) TrustText(r *Role) string {
	text, bound := r.Trust.Text(), r.Trust.Bound()
	var swap map[string]string
	for name, id := range bound {
		if shown := a.shown(name, id); shown != name {
			if swap == nil {
				swap = map[string]string{}
			}
			swap[name] = shown
		}
	}
	if swap == nil {
		return text
	}
	return swapPrincipals(text, swap)
}

// shown is what stands now for a principal that was bound to an id.
func (a *Account) shown(name, id string) string {
	if id == nobody {
		return name
	}
	if _, account, _, ok := splitPrincipal(name); ok && account != a.ID {
		if arn, found := a.env.Named(id, account); found {
			return arn
		}
		return id
	}
	if u, ok := a.UserByID(id); ok {
		return a.UserARN(u)
	}
	if r, ok := a.RoleByID(id); ok {
		return a.RoleARN(r)
	}
	return id
}

// swapPrincipals replaces AWS principals in a document and touches no other
// byte: the same text in a condition stays.
func swapPrincipals(text string, swap map[string]string) string {
	type frame struct {
		object, key bool   // in an object; what comes next is a key
		name        string // the member that is open
	}
	var out strings.Builder
	var stack []frame
	var done int // bytes of text that are in out
	dec := json.NewDecoder(strings.NewReader(text))
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		if err != nil {
			break // the end: what stands in a role was parsed when it was written
		}
		top := len(stack) - 1
		if top >= 0 && stack[top].object && stack[top].key {
			if name, isKey := token.(string); isKey {
				stack[top].name, stack[top].key = name, false
				continue
			}
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				stack = append(stack, frame{object: v == '{', key: v == '{'})
				continue
			}
			stack = stack[:top]
			top--
		case string:
			var path []string
			for _, f := range stack {
				if f.object {
					path = append(path, f.name)
				}
			}
			shown, ok := swap[v]
			if ok && slices.Equal(path, []string{"Statement", "Principal", "AWS"}) {
				start := before + strings.IndexByte(text[before:], '"')
				out.WriteString(text[done:start])
				out.Write(quoteJSON(shown))
				done = int(dec.InputOffset())
			}
		}
		if top >= 0 && stack[top].object {
			stack[top].key = true
		}
	}
	out.WriteString(text[done:])
	return out.String()
}

// quoteJSON writes a JSON string as people do, leaving <, > and & alone.
func quoteJSON(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil // a string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
