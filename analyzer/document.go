package analyzer

import "iamd/policy/source"

// document is a policy as it is written, broken or not: each check takes from it what it can read.
type document struct {
	text      string
	opt       Options
	root      place
	node      *source.Node
	members   []member // of the document itself, in order
	version   *value   // nil when absent or no string
	id        *value
	statement []statement
	// findings have their spans in bytes until locate.
	findings []Finding
	reported map[string]int // findings by code, those beyond maxFindings too
}

// place is where something stands: its first byte and the one after its last. No two values of a document have the same
// span, so that it leads to the path, which is found for what is reported alone (path.go): a document has 40,000 values.
type place struct {
	start, end int
	part       *PathElement // the last step, for a part of a string
}

// value is a JSON value of the document. text is a string's value, or the source text of a number or boolean.
type value struct {
	place
	kind source.Kind
	text string
	node *source.Node
}

// member is a key of an object with its value. keyAt is the place of the key's own text.
type member struct {
	key   string
	keyAt place
	value value
}

// element is an element of a statement whose values may be a list, such as Action. list is also set for one value.
type element struct {
	member
	list []value
}

// principal is one entry of a Principal or NotPrincipal element: its type ("AWS", "Service"…) and values. everyone is
// set for an element that is the string "*", whose type is then "".
type principal struct {
	element
	everyone bool
}

// condition is one key under one operator.
type condition struct {
	operator *member // its key is the operator
	element          // its key is the condition key
}

// statement is one statement. An element that is absent, or unreadable as what it should be, is nil; its member is still
// among the members.
type statement struct {
	place
	index         int
	node          *source.Node
	members       []member
	sid           *value // only if a string
	effect        *value // only if a string
	action        *element
	notAction     *element
	resource      *element
	notResource   *element
	principals    []principal // of Principal
	notPrincipals []principal
	principal     *member // Principal itself, whatever it holds
	notPrincipal  *member
	condition     *member // Condition itself, whatever it holds
	operators     []member
	conditions    []condition
}

// allow and deny tell the effect; a statement whose effect is neither is neither.
func (s *statement) allow() bool { return s.effect != nil && s.effect.text == "Allow" }
func (s *statement) deny() bool  { return s.effect != nil && s.effect.text == "Deny" }

// all is the whole of what the document says where it is a policy of actions: Action or else NotAction.
func (s *statement) actions() (list []value, not bool) {
	switch {
	case s.action != nil:
		return s.action.list, false
	case s.notAction != nil:
		return s.notAction.list, true
	}
	return nil, false
}

// resources is Resource or else NotResource.
func (s *statement) resources() (list []value, not bool) {
	switch {
	case s.resource != nil:
		return s.resource.list, false
	case s.notResource != nil:
		return s.notResource.list, true
	}
	return nil, false
}

// trust tells whether the document is a role's trust policy.
func (d *document) trust() bool {
	return d.opt.Type == ResourcePolicy && d.opt.ResourceType == RoleTrust
}

// principled tells whether the type of policy names principals.
func (d *document) principled() bool { return d.opt.Type == ResourcePolicy || d.opt.Type == RCP }

// variables tells whether ${…} are policy variables.
func (d *document) variables() bool { return d.version != nil && d.version.text == "2012-10-17" }
