package policy

import "strings"

// resources is a Resource or NotResource element.
type resources struct {
	patterns []resourcePattern
	absent   bool // the statement has neither, as in a trust policy
	not      bool
	fault    string
}

// resourcePattern is one ARN of the element. The first five parts take wildcards that keep to their segment, the sixth
// takes free ones and variables.
type resourcePattern struct {
	text     string
	sixth    int      // byte offset of the sixth part in text
	literal  int      // how many bytes at the start stand for themselves
	parts    []part   // if it has variables: what follows these bytes, and at most the sixth part
	open     bool     // one star follows them, and nothing else
	pieces   []string // what is behind each of the stars that follow them, if there is nothing else but text
	segments bool     // a star in the first parts may not cross a colon
	// partial: it was written with fewer than six parts and no star at the end to stand for the rest; text has one
	// added.
	partial bool
	fault   string
}

func compileResources(s *Statement, variables bool) *resources {
	r := &resources{}
	list := s.Resource
	switch {
	case s.Resource != nil && s.NotResource != nil:
		list, r.fault = nil, "both Resource and NotResource"
	case s.NotResource != nil:
		list, r.not = s.NotResource, true
	case s.Resource == nil:
		r.absent = true
	}
	r.patterns = make([]resourcePattern, len(list))
	for i, text := range list {
		r.patterns[i] = compileResource(text, variables)
	}
	return r
}

func compileResource(text string, variables bool) resourcePattern {
	p := resourcePattern{text: text, sixth: sixthPart(text)}
	if text == "*" {
		p.open = true
		return p
	}
	if !strings.HasPrefix(text, "arn:") {
		p.fault = "the resource " + text + " is not an ARN"
		return p
	}
	if p.sixth == len(text) && strings.Count(text, ":") < 5 {
		if p.partial = !strings.HasSuffix(text, "*"); p.partial {
			text += ":*"
			p.text, p.sixth = text, sixthPart(text)
		}
	}
	if variables {
		var ok bool
		if p.parts, ok = parseVariables(text[p.sixth:]); !ok {
			p.fault = "malformed variable in the resource " + text
			return p
		}
	}
	p.literal = literal(text)
	if p.parts != nil {
		p.literal = min(p.literal, p.sixth+strings.Index(text[p.sixth:], "${"))
		if p.literal > p.sixth {
			p.parts, _ = parseVariables(text[p.literal:])
		}
	}
	for i := 0; i < p.sixth; i++ {
		if text[i] == '*' && i+1 < len(text) && text[i+1] != ':' && text[i+1] != '*' {
			p.segments = true
		}
	}
	p.open = text[p.literal:] == "*" && !p.partial
	if rest := text[p.literal:]; p.parts == nil && !p.open && !strings.Contains(rest, "?") {
		p.pieces = strings.Split(rest, "*")[1:]
	}
	return p
}

// match tells whether the element covers a resource. A variable without a value makes neither Resource nor NotResource
// match.
func (r *resources) match(resource string, ctx *Context) truth {
	t, valueless := no, false
	for i := range r.patterns {
		p := &r.patterns[i]
		rest, begins := strings.CutPrefix(resource, p.text[:p.literal])
		if !begins && (!r.not || p.parts == nil) {
			continue
		}
		if p.open {
			t = yes
			break
		}
		u, unset := p.match(resource, rest, ctx)
		if !begins && u == yes {
			u = no
		}
		valueless = valueless || unset
		if t = t.or(u); t == yes {
			break
		}
	}
	if r.fault != "" {
		t = t.or(unclear)
	}
	if !r.not {
		return t
	}
	if valueless {
		return no
	}
	return t.not()
}

// match is given a resource that begins as the pattern does, and the rest of it. It also tells whether a variable had no
// value.
func (p *resourcePattern) match(resource, rest string, ctx *Context) (t truth, unset bool) {
	switch {
	case p.fault != "":
		return unclear, false
	case p.partial:
		// Whether AWS completes such an ARN with stars is open: what it would cover then can't be decided.
		// Stars reach beyond colons here, so that a Deny covers whatever it may be meant to.
		if p.wild(rest) {
			return unclear, false
		}
		return no, false
	case p.parts == nil && !p.segments:
		return truthOf(p.wild(rest)), false
	case p.literal < p.sixth:
		return p.matchExpanded(resource, ctx)
	}
	fits, found := matchParts(p.parts, rest, ctx, true)
	if found != yes {
		return found, found == no
	}
	return truthOf(fits), false
}

// wild matches what follows the literal beginning of a pattern without variables; its stars reach beyond colons.
func (p *resourcePattern) wild(rest string) bool {
	switch {
	case p.literal == len(p.text):
		return rest == ""
	case p.pieces != nil:
		return matchPieces(p.pieces, rest)
	}
	return matchWild(p.text[p.literal:], rest, p.sixth-p.literal)
}

// matchExpanded is match for a pattern with variables or with stars that keep to their segment. It is apart from match
// for the sake of its large frame.
func (p *resourcePattern) matchExpanded(resource string, ctx *Context) (t truth, unset bool) {
	var stack [384]token
	pattern := appendSegments(stack[:0], p.text[:p.sixth])
	if p.parts == nil {
		pattern = appendWild(pattern, p.text[p.sixth:])
	} else {
		var found truth
		if pattern, found = appendParts(pattern, p.parts, ctx, true); found != yes {
			return found, found == no
		}
	}
	if p.segments {
		return truthOf(matchStates(pattern, resource, false)), false
	}
	return truthOf(matchTokens(pattern, resource)), false
}
