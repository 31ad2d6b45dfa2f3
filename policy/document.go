package policy

import (
	"strings"

	"iamd/policy/source"
)

// Position is a place in a document's source.
type Position = source.Position

// Document is a policy as written: nothing resolved, lower-cased or dropped.
type Document struct {
	Version    string // "" when the document has none, which means 2008-10-17
	ID         string
	HasID      bool
	Statements []Statement
	Source     string // what was parsed, byte for byte
}

// Statement is one statement of a document. A nil slice or pointer means that the element is absent; an element present
// but empty is a slice of length 0.
type Statement struct {
	SID          string
	HasSID       bool
	Effect       string // as written; "" when absent
	Principal    *Principals
	NotPrincipal *Principals
	Action       []string
	NotAction    []string
	Resource     []string
	NotResource  []string
	Condition    []Condition

	// Start and End are the places just after the statement's opening and closing brace: the positions that AWS's
	// simulator reports for a matched statement.
	Start, End Position
}

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	Everyone bool // the element is the string "*"
	Named    []NamedPrincipal
}

// NamedPrincipal is one entry of a Principal element.
type NamedPrincipal struct {
	Type  string // AWS, Service, Federated or CanonicalUser
	Value string
}

// Condition is one operator applied to one key.
type Condition struct {
	Operator string // as written: "ForAllValues:StringLikeIfExists"
	Key      string
	Values   []string // booleans and numbers by their JSON text
}

// Variables tells whether ${…} in the document are policy variables; in older documents they are plain text.
func (d *Document) Variables() bool { return d.Version == version2012 }

// indented tells whether white space comes before the document, which AWS does not like everywhere.
func (d *Document) indented() bool {
	return d.Source != "" && strings.IndexByte(" \t\r\n", d.Source[0]) >= 0
}

// Principals lists the AWS principals that the document's Principal and NotPrincipal elements name, each once, as
// written and in order; "*" is not among them.
func (d *Document) Principals() []string {
	var out []string
	seen := map[string]bool{}
	for i := range d.Statements {
		for _, p := range []*Principals{d.Statements[i].Principal, d.Statements[i].NotPrincipal} {
			if p == nil {
				continue
			}
			for _, n := range p.Named {
				if n.Type == principalAWS && n.Value != "*" && !seen[n.Value] {
					seen[n.Value] = true
					out = append(out, n.Value)
				}
			}
		}
	}
	return out
}

// The versions of the policy language.
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// The keys of a Principal element.
const (
	principalAWS       = "AWS"
	principalService   = "Service"
	principalFederated = "Federated"
	principalCanonical = "CanonicalUser"
)

// principalTypes are all of them.
var principalTypes = []string{principalAWS, principalService, principalFederated, principalCanonical}
