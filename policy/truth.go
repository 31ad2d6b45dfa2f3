package policy

// truth is the value of an element of a statement: it fits the request, it does not, or it can't be evaluated.
type truth uint8

const (
	no truth = iota
	yes
	unclear // can't be evaluated: enough for a Deny, never for an Allow
)

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unclear
}

// and is no if either is no, unclear if either is unclear.
func (t truth) and(u truth) truth {
	switch {
	case t == no || u == no:
		return no
	case t == unclear || u == unclear:
		return unclear
	}
	return yes
}

// or is yes if either is yes, unclear if either is unclear.
func (t truth) or(u truth) truth {
	switch {
	case t == yes || u == yes:
		return yes
	case t == unclear || u == unclear:
		return unclear
	}
	return no
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}
