package policy

import "strings"

// flags are the values of Bool and Null: which of true and false the policy lists.
type flags struct {
	isTrue, isFalse bool
	bad             bool // a value is neither
}

func compileNull(values []string) flags { return compileFlags(values) }

func compileFlags(values []string) flags {
	var f flags
	for _, v := range values {
		switch {
		case strings.EqualFold(v, "true"):
			f.isTrue = true
		case strings.EqualFold(v, "false"):
			f.isFalse = true
		default:
			f.bad = true
		}
	}
	return f
}

func (f flags) match(value string) truth {
	t := no
	switch {
	case strings.EqualFold(value, "true"):
		t = truthOf(f.isTrue)
	case strings.EqualFold(value, "false"):
		t = truthOf(f.isFalse)
	default:
		return unclear
	}
	if f.bad {
		t = t.or(unclear)
	}
	return t
}

func (f flags) parts() []part { return nil }

// evalNull asks for presence only: "true" means that the key must be absent.
func evalNull(values flags, present bool) truth {
	if present {
		return values.match("false")
	}
	return values.match("true")
}
