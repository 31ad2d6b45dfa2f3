package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"iamd/catalog/internal/layout"
)

var (
	// globalKey is one entry of the list that the package keeps as a program.
	globalKey = regexp.MustCompile(`\{\s*key: '([^']+)',\s*category: '[a-z]+',\s*type: '([A-Za-z]+)',`)
	// variable is a part of a key that anything may stand for. The reference
	// writes it in three ways.
	variable = regexp.MustCompile(`\$\{[^}]+\}|<key>|tag-key$`)
)

// valueTypes are the types that a condition key's value can have.
var valueTypes = []string{
	"String", "ARN", "Bool", "Date", "IPAddress", "Numeric",
	"ArrayOfString", "ArrayOfARN", "ArrayOfBool",
}

// readGlobalKeys returns the global condition keys.
func readGlobalKeys(dir string) ([]layout.Key, error) {
	text, err := os.ReadFile(filepath.Join(dir, "dist", "esm", "globalConditionKeys.js"))
	if err != nil {
		return nil, err
	}
	var out []layout.Key
	for _, m := range globalKey.FindAllSubmatch(text, -1) {
		out = append(out, layout.Key{Name: string(m[1]), Type: string(m[2])})
	}
	if n := strings.Count(string(text), "category: '"); n != len(out) || n == 0 {
		return nil, fmt.Errorf("global condition keys: understood %d of %d", len(out), n)
	}
	return out, nil
}

// conditionKeys gathers the keys of all. Where services disagree on a type,
// the global list has the first word, then the service whose prefix the key
// bears, then the first by prefix.
func conditionKeys(services []service, global []layout.Key) (layout.ConditionKeys, error) {
	types := map[string]string{}
	add := func(k layout.Key) {
		if name := layout.Fold(k.Name); types[name] == "" {
			types[name] = k.Type
		}
	}
	for _, k := range global {
		add(k)
	}
	for _, own := range []bool{true, false} {
		for _, s := range services {
			for _, k := range s.Keys {
				if strings.HasPrefix(layout.Fold(k.Name), s.prefix+":") == own {
					add(k)
				}
			}
		}
	}

	var out layout.ConditionKeys
	seen := map[string]string{} // type by the literals joined
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if !slices.Contains(valueTypes, types[name]) {
			return out, fmt.Errorf("condition key %s: type %q", name, types[name])
		}
		literals := variable.Split(name, -1)
		if len(literals) == 1 {
			out.Exact = append(out.Exact, layout.Key{Name: name, Type: types[name]})
			continue
		}
		id := strings.Join(literals, "\x00")
		if was, ok := seen[id]; ok {
			if was != types[name] {
				return out, fmt.Errorf("condition key %s: both %s and %s", name, was, types[name])
			}
			continue // one key, written in two of the three ways
		}
		seen[id] = types[name]
		out.Templates = append(out.Templates, layout.Template{Literals: literals, Type: types[name]})
	}
	slices.SortStableFunc(out.Templates, func(a, b layout.Template) int {
		return cmp.Compare(len(strings.Join(b.Literals, "")), len(strings.Join(a.Literals, "")))
	})
	return out, nil
}
