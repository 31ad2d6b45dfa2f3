package policy

import "slices"

// arnValue is a value of an Arn operator.
type arnValue struct {
	parts6 arn    // without variables
	parts  []part // with
	bad    bool   // not an ARN, or a malformed variable
}

// arns are the values of an Arn operator: six parts compared one by one, with wildcards. ArnEquals and ArnLike are the
// same.
type arns struct {
	values []arnValue
	// negated: a variable without a value can't be evaluated. That such a value makes negated operators match is known
	// for String operators only.
	negated bool
}

func compileARNs(values []string, negated, variables bool) *arns {
	out := &arns{negated: negated, values: make([]arnValue, len(values))}
	for i, s := range values {
		v := &out.values[i]
		ok := true
		if variables {
			v.parts, ok = parseVariables(s)
		}
		if ok && v.parts == nil {
			v.parts6, ok = cutARN(s)
		}
		v.bad = !ok
	}
	return out
}

// match is given the six parts of what was read. The first value from the left that fits or can't be read settles it, as
// AWS was seen to do.
func (a *arns) match(ctx *Context, parts *arn, ok bool) truth {
	if !ok {
		return unclear
	}
	for i := range a.values {
		if t := a.values[i].match(ctx, parts, a.negated); t != no {
			return t
		}
	}
	return no
}

func (v *arnValue) match(ctx *Context, value *arn, negated bool) truth {
	if v.bad {
		return unclear
	}
	if v.parts == nil {
		for i := range value {
			if !matchWild(v.parts6[i], value[i], 0) {
				return no
			}
		}
		return yes
	}
	return v.matchExpanded(ctx, value, negated)
}

// matchExpanded is match for a value with variables.
func (v *arnValue) matchExpanded(ctx *Context, value *arn, negated bool) truth {
	var stack [256]token
	pattern, found := appendParts(stack[:0], v.parts, ctx, true)
	switch {
	case found == no && negated:
		return unclear
	case found != yes:
		return found
	}
	var parts [6][]token
	for i := range 5 {
		end := slices.Index(pattern, ':')
		if end < 0 {
			return unclear // not an ARN, now that its variables are filled in
		}
		parts[i], pattern = pattern[:end], pattern[end+1:]
	}
	parts[5] = pattern
	for i := range value {
		if !matchTokens(parts[i], value[i]) {
			return no
		}
	}
	return yes
}

func (a *arns) parts() []part {
	var out []part
	for i := range a.values {
		out = append(out, a.values[i].parts...)
	}
	return out
}
