package org

import (
	"encoding/json"
	"slices"
	"strings"
)

// written is a management policy, and its id.
type written struct {
	id   string
	node *node
}

// setting is a part of an effective policy: a container of others, or the value
// of a setting.
type setting struct {
	name     string // as it is shown
	kind     kind
	order    []string // the children's keys, as they came
	children map[string]*setting
	set      bool
	values   []string
	allowed  operators // that policies of the next level may use
	policies []string  // that contributed, from the root down
}

func newSetting(name string, k kind) *setting {
	return &setting{name: name, kind: k, allowed: allOperators, children: map[string]*setting{}}
}

// clone is a copy that may be changed.
func (s *setting) clone() *setting {
	next := *s
	next.order, next.values, next.policies = slices.Clone(s.order), slices.Clone(s.values), slices.Clone(s.policies)
	next.children = make(map[string]*setting, len(s.children))
	for key, c := range s.children {
		next.children[key] = c.clone()
	}
	return &next
}

// mergeManagement makes the effective policy of the policies of each level, from
// the root down, those of one level in the order in which they were attached.
// https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html
func mergeManagement(t PolicyType, levels [][]written) *setting {
	root := newSetting("", container)
	for _, level := range levels {
		if len(level) > 0 {
			root.merge(level)
		}
	}
	root.complete(syntaxes[t])
	return root
}

// merge brings in what the policies of one level say. Among them the first to
// assign wins, then all append, then all remove. What one of them allows children
// binds the levels below, not its neighbours, and an ancestor's limits can't be
// loosened.
func (s *setting) merge(level []written) {
	if s.kind == container {
		s.mergeChildren(level)
	} else {
		s.mergeValues(level)
	}
	for _, w := range level {
		s.allowed &= w.node.allowed
	}
}

func (s *setting) mergeChildren(level []written) {
	var order []string
	byKey := map[string][]written{}
	for _, w := range level {
		for _, c := range w.node.children {
			key := strings.ToLower(c.name)
			if _, ok := byKey[key]; !ok {
				order = append(order, key)
			}
			byKey[key] = append(byKey[key], written{w.id, c})
		}
	}
	for _, key := range order {
		of := byKey[key]
		child, ok := s.children[key]
		if !ok {
			if !s.grows() {
				continue
			}
			child = newSetting(key, of[0].node.shape.kind)
			if level[0].node.shape.cased {
				child.name = of[0].node.name
			}
			s.children[key] = child
			s.order = append(s.order, key)
		}
		child.merge(of)
	}
}

// grows tells whether the next level may add keys to a container. AWS says that
// @@none forbids it and that @@append allows it; @@assign is taken to allow it
// too, and @@remove alone is not.
func (s *setting) grows() bool { return s.allowed&(opAssign|opAppend) != 0 }

func (s *setting) mergeValues(level []written) {
	may := s.allowed
	if may&opAssign != 0 {
		for _, w := range level {
			if w.node.has&opAssign != 0 {
				s.set, s.values, s.policies = true, slices.Clone(w.node.assign), []string{w.id}
				break
			}
		}
	}
	if may&opAppend != 0 {
		for _, w := range level {
			if w.node.has&opAppend != 0 {
				s.set = true
				s.append(w.node.appends)
				s.contribute(w.id)
			}
		}
	}
	if may&opRemove != 0 && s.set {
		for _, w := range level {
			if w.node.has&opRemove != 0 {
				gone := wordsOf(w.node.remove)
				s.values = slices.DeleteFunc(s.values, func(v string) bool { return gone[v] })
				s.contribute(w.id)
			}
		}
	}
}

func (s *setting) append(add []string) {
	have := wordsOf(s.values)
	for _, v := range add {
		if !have[v] {
			have[v] = true
			s.values = append(s.values, v)
		}
	}
}

func wordsOf(list []string) map[string]bool {
	words := make(map[string]bool, len(list))
	for _, v := range list {
		words[v] = true
	}
	return words
}

func (s *setting) contribute(policy string) {
	if !slices.Contains(s.policies, policy) {
		s.policies = append(s.policies, policy)
	}
}

// complete adds what is shown though no policy says it, and takes away what
// nothing stands in.
func (s *setting) complete(shape *shape) {
	if s.kind != container {
		return
	}
	if shape.shown != nil {
		shape.shown(s)
	}
	for _, key := range s.order {
		if sub := shape.child(s.children[key].name); sub != nil {
			s.children[key].complete(sub)
		}
	}
	s.order = slices.DeleteFunc(s.order, func(key string) bool {
		c := s.children[key]
		empty := !c.set && len(c.order) == 0
		if empty {
			delete(s.children, key)
		}
		return empty
	})
	for _, key := range s.order {
		for _, id := range s.children[key].policies {
			s.contribute(id)
		}
	}
}

// defaults gives a container a setting that no policy has set.
func (s *setting) defaults(key string, k kind, v string) {
	c, ok := s.children[key]
	if !ok {
		c = newSetting(key, k)
		s.children[key] = c
		s.order = append(s.order, key)
	}
	if !c.set {
		c.set, c.values = true, []string{v}
	}
}

// at is what stands under some keys, or nil.
func (s *setting) at(path ...string) *setting {
	for _, key := range path {
		if s == nil {
			return nil
		}
		s = s.children[key]
	}
	return s
}

// text is a single value, "" when it is not set.
func (s *setting) text() string {
	if s == nil || !s.set || len(s.values) != 1 {
		return ""
	}
	return s.values[0]
}

// format writes an effective policy as AWS does, without operators and without
// white space. Keys come as policies brought them, from the root down; AWS's come
// in no order that means anything.
func (s *setting) format(dst []byte) []byte {
	switch s.kind {
	case single:
		return appendText(dst, s.text())
	case multiple:
		dst = append(dst, '[')
		for i, v := range s.values {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, v)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, key := range s.order {
		if i > 0 {
			dst = append(dst, ',')
		}
		c := s.children[key]
		dst = append(appendText(dst, c.name), ':')
		dst = c.format(dst)
	}
	return append(dst, '}')
}

func appendText(dst []byte, v string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("org: " + err.Error()) // a string always marshals
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
