package scenario

import (
	"maps"

	"iamd/policy"
	"iamd/policy/source"
)

// things are what makes a question, each by its name: "principal", "action", "resource", "resourceAccount", "statement",
// "bind", each condition key as "context KEY", each kind of policy as "policies KIND". Defaults, scenario and case are laid
// over each other thing by thing, and two cases are compared so.
type things map[string]thing

type thing struct {
	value
	key string // of a condition key, as written
}

const (
	contextPrefix  = "context "
	policiesPrefix = "policies "
	needsResource  = "needsResource"
)

// with returns a copy with the fields laid over it. A null takes a thing away, which must be there.
func (t things) with(fields []field) (things, *Error) {
	out := things{}
	maps.Copy(out, t)
	put := func(name string, v value, key string) *Error {
		if v.Kind == source.Null {
			if _, ok := out[name]; !ok {
				return v.fault("there is no %s to take away", name)
			}
			delete(out, name)
			return nil
		}
		out[name] = thing{v, key}
		return nil
	}
	for _, f := range fields {
		var err *Error
		switch f.key {
		case "principal", "action", "resource", "resourceAccount", "statement", "bind":
			err = put(f.key, f.value, "")
		case "context":
			seen := map[string]bool{}
			err = each(f.value, nil, func(k field) *Error {
				folded := policy.FoldKey(k.key)
				if seen[folded] {
					return k.fault("the condition key %q stands twice", k.key)
				}
				seen[folded] = true
				return put(contextPrefix+folded, k.value, k.key)
			})
		case "policies":
			words := []string{needsResource}
			for _, k := range kinds {
				words = append(words, k.word)
			}
			err = each(f.value, words, func(k field) *Error { return put(policiesPrefix+k.key, k.value, "") })
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// each does something with every field of an object.
func each(v value, allowed []string, do func(field) *Error) *Error {
	fields, err := v.fields(allowed...)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// differences counts the things that are not the same.
func (t things) differences(u things) int {
	n := 0
	for name, v := range t {
		if w, ok := u[name]; !ok || v.text() != w.text() {
			n++
		}
	}
	for name := range u {
		if _, ok := t[name]; !ok {
			n++
		}
	}
	return n
}

// has tells whether any thing's name starts so.
func (t things) has(prefix string) bool {
	for name := range t {
		if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}
