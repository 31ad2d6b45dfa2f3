package policy

// filter tells, mostly, that a statement can't apply before the statement itself is looked at: by the service of the
// action and by the pairs of bytes in the resource, for one of the statement's patterns.
type filter struct {
	services services
	at       int32 // of the statement, in its list
	pairs    pairs // what the resource must have
}

// services is a set of services, of which several may look the same: what is not in it surely is not meant.
type services uint32

const everyService = ^services(0)

// service is the set of one, the name of which an action or pattern begins with, up to its first colon, in whatever case;
// where it can't be told, it may be any.
func service(action string) services {
	for i := 1; i < len(action); i++ {
		if action[i] == ':' {
			return 1 << ((uint(action[0]|0x20) + 7*uint(action[i-1]|0x20) + 13*uint(i)) & 31)
		}
	}
	return everyService
}

// pairs is a set of pairs of bytes that follow one another, of which several may look the same: a text that has all that
// a pattern needs may still not fit it, one that lacks any can't.
type pairs [2]uint64

// add adds the pairs in a text.
func (p *pairs) add(text string) {
	if text == "" {
		return
	}
	// In two variables, since they stay in registers.
	low, high := p[0], p[1]
	last := uint(text[0])
	for i := 1; i < len(text); i++ {
		next := uint(text[i])
		bit := 13*last + 37*next
		if bit&64 == 0 {
			low |= 1 << (bit & 63)
		} else {
			high |= 1 << (bit & 63)
		}
		last = next
	}
	p[0], p[1] = low, high
}

// has tells whether all of needs are in p.
func (p *pairs) has(needs *pairs) bool { return needs[0]&^p[0]|needs[1]&^p[1] == 0 }

// needs are the pairs in the text between the pattern's wildcards. Of a pattern with variables only what comes before its
// first wildcard or variable counts: with a variable that can't be filled in, a statement that can't be evaluated must be
// found, though it could not fit.
func (p *resourcePattern) needs() (out pairs) {
	if p.fault != "" {
		return out
	}
	text := p.text
	if p.parts != nil {
		text = text[:p.literal]
	}
	for text != "" {
		n := literal(text)
		out.add(text[:n])
		text = text[min(n+1, len(text)):]
	}
	return out
}

// filters are those of one statement.
func (s *statement) filters(at int) []filter {
	out := []filter{{services: s.actions.services, at: int32(at)}}
	if s.resources.anything() {
		return out
	}
	out = out[:0]
	for i := range s.resources.patterns {
		out = append(out, filter{s.actions.services, int32(at), s.resources.patterns[i].needs()})
	}
	return out
}

// anything tells whether the element can apply to resources that none of its patterns fits.
func (r *resources) anything() bool { return r.not || r.absent || r.fault != "" }
