package policy

// text is a value of a String operator.
type text struct {
	raw   string
	parts []part // if it has variables
	bad   bool   // one of them is malformed
}

// texts are the values of a String operator, compared exactly, without regard to case, or with wildcards.
type texts struct {
	family family
	keys   bool // what is compared are tag keys
	values []text
}

// tagKeys is the condition key whose values are keys themselves.
const tagKeys = "aws:tagkeys"

func compileStrings(values []string, f family, variables, keys bool) *texts {
	out := &texts{family: f, keys: keys, values: make([]text, len(values))}
	for i, v := range values {
		t := text{raw: v}
		if variables {
			parts, ok := parseVariables(v)
			t.parts, t.bad = parts, !ok
		}
		out.values[i] = t
	}
	return out
}

// match: a variable without a value makes its text fit nothing, which a negated operator takes for a match.
func (s *texts) match(ctx *Context, value string) truth {
	t := no
	for i := range s.values {
		if t = t.or(s.one(&s.values[i], ctx, value)); t == yes {
			break
		}
	}
	return t
}

func (s *texts) parts() []part {
	var out []part
	for i := range s.values {
		out = append(out, s.values[i].parts...)
	}
	return out
}

func (s *texts) one(t *text, ctx *Context, value string) truth {
	switch {
	case t.bad:
		return unclear
	case t.parts != nil:
		return s.expanded(t, ctx, value)
	case s.family == familyString:
		return truthOf(t.raw == value)
	case s.family == familyStringLike:
		return truthOf(matchWild(t.raw, value, 0))
	case sameKey(t.raw, value):
		return yes
	}
	return s.likened(equalLower(nil, t.raw, value))
}

// expanded is one for a value with variables.
func (s *texts) expanded(t *text, ctx *Context, value string) truth {
	if s.family == familyStringIgnoreCase {
		return s.folded(t, ctx, value)
	}
	fits, found := matchParts(t.parts, value, ctx, s.family == familyStringLike)
	if found != yes {
		return found
	}
	return truthOf(fits)
}

func (s *texts) folded(t *text, ctx *Context, value string) truth {
	var stack [256]token
	pattern, found := appendParts(stack[:0], t.parts, ctx, false)
	if found != yes {
		return found
	}
	if equalLetters(pattern, value) {
		return yes
	}
	return s.likened(equalLower(pattern, "", value))
}

// likened is what becomes of texts that are not one as keys, but may be equal in lower case.
//
// Without regard to case, values may be equal that differ as keys do: É and é, or k and the Kelvin sign. Where such
// values are tag keys, "equal" would take a tag for another one and "different" would let one slip by; they can't be
// compared, so that a Deny applies and an Allow does not.
func (s *texts) likened(equal bool) truth {
	if s.keys && equal {
		return unclear
	}
	return truthOf(equal)
}
