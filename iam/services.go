package iam

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"iamd/catalog"
	"iamd/policy"
)

// Services lists, by prefix and in order, the services of which the documents'
// Allow statements open at least one action, on whatever resource and under
// whatever condition, that no Deny statement of theirs takes away again.
// everything says that all services are open; the list is empty then. Documents
// that would take too long to see through count as opening everything.
func (a *Access) Services() (everything bool, prefixes []string) {
	allows, denials := statementsOf(a.Documents)
	return opened(allows, denials)
}

// statementsOf reads documents: what they allow, and what they take away under
// all conditions.
func statementsOf(documents []*Document) (allows []*policy.Statement, denials []denial) {
	for _, document := range documents {
		doc, err := policy.Parse([]byte(document.Text()))
		if err != nil {
			continue // such a document denies everything
		}
		for i := range doc.Statements {
			if s := &doc.Statements[i]; s.Effect == "Allow" {
				allows = append(allows, s)
			} else if d, ok := denialOf(s); ok {
				denials = append(denials, d)
			}
		}
	}
	return allows, denials
}

// opened lists the services that the statements open, as Services does.
func opened(allows []*policy.Statement, denials []denial) (everything bool, prefixes []string) {
	open := opening{open: map[string]bool{}, seen: map[string]bool{}, left: maxOpening, names: namesOfActions()}
	for _, s := range allows {
		if open.against(s, denials) {
			return true, nil
		}
		for _, pattern := range s.Action {
			if open.by(pattern) {
				return true, nil
			}
		}
		if s.Action == nil && s.NotAction != nil && open.byAllBut(s.NotAction) || open.left < 0 {
			return true, nil
		}
	}
	return false, slices.Sorted(maps.Keys(open.open))
}

// maxOpening bounds how many names one report compares with patterns: AWS has
// some twenty thousand actions, and a user may have thousands of patterns.
const maxOpening = 1_000_000

// opening finds out which services are open.
type opening struct {
	open  map[string]bool // by prefix
	seen  map[string]bool // patterns
	left  int             // of maxOpening
	names *actionNames

	// denials are what is taken away from the statement that is looked at: for
	// each of its resources, those that cover it. nil when a resource has none.
	denials [][]*denial
}

// by opens what an Action's pattern matches; it tells whether that is all.
func (o *opening) by(pattern string) (everything bool) {
	if pattern == "*" {
		pattern = "*:*"
	}
	prefix, name, ok := strings.Cut(pattern, ":")
	if !ok {
		return false
	}
	prefix, name = tidy(prefix), tidy(name)
	folded := prefix + ":" + name
	switch {
	case o.seen[folded]:
		return false
	case folded == "*:*" && o.denials == nil:
		return true
	case !strings.ContainsAny(prefix, "*?"):
		o.within(prefix, name)
	default:
		o.across(prefix, name)
	}
	if o.denials == nil {
		o.seen[folded] = true
	}
	return o.left < 0
}

// across opens the services that a pattern of prefixes matches if a pattern of
// names matches an action of theirs.
func (o *opening) across(prefix, name string) {
	if name == "*" {
		for s := range catalog.Services() {
			if o.left--; !o.open[s.Prefix] && Like(prefix, s.Prefix) && !o.closed(s.Prefix, nil) {
				o.open[s.Prefix] = true
			}
		}
		return
	}
	for _, a := range o.names.candidates(name) {
		if o.open[a.service] {
			continue
		}
		if o.left--; o.left < 0 {
			return
		}
		if Like(name, a.name) && Like(prefix, a.service) && !o.shut(a.service, a.name) {
			o.open[a.service] = true
		}
	}
}

// within opens a service if a pattern of names matches an action of it.
func (o *opening) within(prefix, name string) {
	s, ok := catalog.Service(prefix)
	if !ok || o.open[s.Prefix] {
		return
	}
	if !strings.ContainsAny(name, "*?") {
		if _, ok := s.Action(name); ok && !o.shut(s.Prefix, name) {
			o.open[s.Prefix] = true
		}
		return
	}
	for _, action := range o.names.of[s.Prefix] {
		if o.left--; o.left < 0 || Like(name, action) && !o.shut(s.Prefix, action) {
			o.open[s.Prefix] = true
			return
		}
	}
}

// byAllBut opens what no pattern of a NotAction matches all of; it tells
// whether nothing is closed.
func (o *opening) byAllBut(patterns []string) (everything bool) {
	byPrefix := map[string][]string{} // the patterns of names
	for _, p := range patterns {
		if p == "*" {
			return false
		}
		if prefix, name, ok := strings.Cut(p, ":"); ok {
			prefix = tidy(prefix)
			byPrefix[prefix] = append(byPrefix[prefix], tidy(name))
		}
	}
	everything = true
	for s := range catalog.Services() {
		if o.open[s.Prefix] {
			continue
		}
		var within []string // the patterns that reach into this service
		for prefix, names := range byPrefix {
			if o.left--; o.left < 0 {
				return true
			}
			if Like(prefix, s.Prefix) {
				within = append(within, names...)
			}
		}
		if o.closed(s.Prefix, within) {
			everything = false
		} else {
			o.open[s.Prefix] = true
		}
	}
	return everything
}

// closed tells whether the patterns together match every action of the service
// that is not shut.
func (o *opening) closed(prefix string, patterns []string) bool {
	if len(patterns) == 0 && o.denials == nil {
		return false
	}
	if slices.Contains(patterns, "*") {
		return true
	}
	for _, action := range o.names.of[prefix] {
		if !slices.ContainsFunc(patterns, func(p string) bool {
			o.left--
			return o.left >= 0 && Like(p, action)
		}) && !o.shut(prefix, action) {
			return false
		}
	}
	return true
}

// tidy folds a pattern and leaves one star of several in a row.
func tidy(pattern string) string {
	for strings.Contains(pattern, "**") {
		pattern = strings.ReplaceAll(pattern, "**", "*")
	}
	return policy.FoldKey(pattern)
}

// actionNames are the catalogue's names of actions, folded.
type actionNames struct {
	of  map[string][]string // by the service's prefix
	all []actionName        // by name
}

type actionName struct{ name, service string }

// namesOfActions is the table of them, made on first use.
var namesOfActions = sync.OnceValue(func() *actionNames {
	n := &actionNames{of: map[string][]string{}}
	for s := range catalog.Services() {
		for a := range s.Actions() {
			name := policy.FoldKey(a.Name)
			n.of[s.Prefix] = append(n.of[s.Prefix], name)
			n.all = append(n.all, actionName{name, s.Prefix})
		}
	}
	slices.SortFunc(n.all, func(a, b actionName) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.service, b.service))
	})
	return n
})

// candidates are the actions whose names start as the pattern does.
func (n *actionNames) candidates(pattern string) []actionName {
	start := pattern
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		start = pattern[:i]
	}
	from, _ := slices.BinarySearchFunc(n.all, start, func(a actionName, start string) int { return strings.Compare(a.name, start) })
	to := from
	for to < len(n.all) && strings.HasPrefix(n.all[to].name, start) {
		to++
	}
	return n.all[from:to]
}

// Like matches a text with a pattern of * and ?, regardless of the case of
// ASCII letters, in time pattern × text at worst.
func Like(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t])):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
