package iam

import (
	"maps"
	"slices"
	"strings"

	"iamd/catalog"
	"iamd/policy"
)

// Services lists, by prefix and in order, the services of which the documents'
// Allow statements open at least one action, on whatever resource and under
// whatever condition. everything says that all services are open; the list is
// empty then.
func (a *Access) Services() (everything bool, prefixes []string) {
	open := openServices{}
	for _, document := range a.Documents {
		doc, err := policy.Parse([]byte(document.Text()))
		if err != nil {
			continue // such a document denies everything
		}
		for i := range doc.Statements {
			s := &doc.Statements[i]
			if s.Effect != "Allow" {
				continue
			}
			for _, pattern := range s.Action {
				if open.by(pattern) {
					return true, nil
				}
			}
			if s.Action == nil && s.NotAction != nil && open.byAllBut(s.NotAction) {
				return true, nil
			}
		}
	}
	return false, slices.Sorted(maps.Keys(open))
}

// openServices are prefixes of services known to be open.
type openServices map[string]bool

// by opens what an Action's pattern matches; it tells whether that is all.
func (o openServices) by(pattern string) (everything bool) {
	prefix, name, ok := strings.Cut(pattern, ":")
	if !ok {
		return pattern == "*"
	}
	if !strings.ContainsAny(prefix, "*?") {
		if s, ok := catalog.Service(prefix); ok && !o[s.Prefix] && opens(s, name) {
			o[s.Prefix] = true
		}
		return false
	}
	if strings.Trim(prefix, "*") == "" && strings.Trim(name, "*") == "" && name != "" {
		return true
	}
	for s := range catalog.Services() {
		if !o[s.Prefix] && Like(prefix, s.Prefix) && opens(s, name) {
			o[s.Prefix] = true
		}
	}
	return false
}

// opens tells whether a pattern of names matches an action of the service.
func opens(s *catalog.ServiceInfo, pattern string) bool {
	if pattern == "*" {
		return true
	}
	if !strings.ContainsAny(pattern, "*?") {
		_, ok := s.Action(pattern)
		return ok
	}
	for action := range s.Actions() {
		if Like(pattern, action.Name) {
			return true
		}
	}
	return false
}

// byAllBut opens what no pattern of a NotAction matches all of; it tells
// whether nothing is closed.
func (o openServices) byAllBut(patterns []string) (everything bool) {
	everything = true
	for s := range catalog.Services() {
		var within []string // the patterns that reach into this service
		for _, p := range patterns {
			if p == "*" {
				return false
			}
			if prefix, name, ok := strings.Cut(p, ":"); ok && Like(prefix, s.Prefix) {
				within = append(within, name)
			}
		}
		if len(within) == 0 || !closes(s, within) {
			o[s.Prefix] = true
		}
		everything = everything && o[s.Prefix]
	}
	return everything
}

// closes tells whether the patterns together match every action of the service.
func closes(s *catalog.ServiceInfo, patterns []string) bool {
	if slices.Contains(patterns, "*") {
		return true
	}
	for action := range s.Actions() {
		if !slices.ContainsFunc(patterns, func(p string) bool { return Like(p, action.Name) }) {
			return false
		}
	}
	return true
}

// Like matches a text with a pattern of * and ?, regardless of case, in time
// pattern × text at worst.
func Like(pattern, text string) bool {
	pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
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
