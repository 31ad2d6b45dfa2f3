package lwa

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed grantless.tsv
var grantlessTable string

//go:embed restricted.tsv
var restrictedTable string

// operation is one that asks for more than a selling partner's access token.
type operation struct {
	path  string // a template, with {names} for segments
	scope string // of a grantless one
	// need says what a restricted operation asks for.
	need     need
	elements []string // what a restricted data token for it may choose
	personal []personal
}

// need is what restricted.tsv says under that name.
type need string

const (
	needToken    need = "token"
	needData     need = "data"
	needSpecific need = "specific"
)

// operations are found by method and the path's first segment.
type operations struct {
	grantless, restricted map[string][]operation
	scopes                map[string]bool
}

func readOperations() (*operations, error) {
	o := &operations{grantless: map[string][]operation{}, restricted: map[string][]operation{}, scopes: map[string]bool{}}
	err := rows(grantlessTable, 4, func(f []string) error {
		o.scopes[f[3]] = true
		at := bucket(f[1], f[2])
		o.grantless[at] = append(o.grantless[at], operation{path: f[2], scope: f[3]})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lwa: grantless.tsv: %w", err)
	}
	err = rows(restrictedTable, 5, func(f []string) error {
		op := operation{path: f[2], need: need(f[3])}
		if op.need != needToken && op.need != needData && op.need != needSpecific {
			return fmt.Errorf("%s needs %q", f[0], f[3])
		}
		if f[4] != "-" {
			op.elements = strings.Split(f[4], ",")
		}
		at := bucket(f[1], f[2])
		o.restricted[at] = append(o.restricted[at], op)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lwa: restricted.tsv: %w", err)
	}
	if err := rows(personalTable, 3, o.addPersonal); err != nil {
		return nil, fmt.Errorf("lwa: personal.tsv: %w", err)
	}
	return o, nil
}

// rows hands the fields of each row of a table on.
func rows(table string, fields int, row func([]string) error) error {
	n := 0
	for line := range strings.Lines(table) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != fields {
			return fmt.Errorf("line %d has %d fields, not %d", n, len(f), fields)
		}
		if err := row(f); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// bucket is where an operation is looked for.
func bucket(method, path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if method == "HEAD" {
		method = "GET" // which it is, but for the body
	}
	return method + " " + strings.ToLower(first)
}

// find gives the operation of a table that a call asks for; false if none. Some
// servers take a path in another case, or with a slash at its end, for the same:
// what asks for more than a seller's token asks for it then too.
func find(table map[string][]operation, method, path string) (operation, bool) {
	for _, op := range table[bucket(method, path)] {
		if matchesPath(op.path, strings.TrimSuffix(path, "/"), strings.EqualFold) {
			return op, true
		}
	}
	return operation{}, false
}

// matchesPath tells whether a path is one of a template's: the same segments, but
// for those that are {names}, which stand for any that is not empty.
func matchesPath(template, path string, same func(want, have string) bool) bool {
	for {
		want, restWanted, more := strings.Cut(template, "/")
		have, rest, moreHad := strings.Cut(path, "/")
		switch {
		case more != moreHad:
			return false
		case isPlaceholder(want):
			if have == "" {
				return false
			}
		case !same(want, have):
			return false
		}
		if !more {
			return true
		}
		template, path = restWanted, rest
	}
}

func isPlaceholder(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}
