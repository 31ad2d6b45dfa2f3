package org

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"iamd/iam"
)

// operators are inheritance operators: those that child policies may use.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
type operators uint8

const (
	opAssign operators = 1 << iota
	opAppend
	opRemove

	noOperators  operators = 0
	allOperators           = opAssign | opAppend | opRemove
)

// operatorNames are the operators, in lower case: AWS reads them in any.
var operatorNames = map[string]operators{
	"@@assign": opAssign, "@@append": opAppend, "@@remove": opRemove,
	"@@all": allOperators, "@@none": noOperators,
}

const childOperators = "@@operators_allowed_for_child_policies"

// node is a part of a management policy as it was written: a container of others,
// or a setting.
type node struct {
	name     string // as it was written
	shape    *shape
	children []*node // in the order they were written

	// What the policy says of a setting; has names the operators that stand there.
	has                     operators
	assign, appends, remove []string

	// allowed limits the policies below.
	allowed operators
}

// checkManagement checks the text of a management policy.
func checkManagement(t PolicyType, text string) error {
	_, err := parseManagement(t, text)
	return err
}

// parseManagement reads a management policy of a type. What is wrong exactly goes
// to the log; AWS tells its callers one sentence. A document can't nest deeper
// than its type's syntax, so that the work is bounded by the text's length.
func parseManagement(t PolicyType, text string) (*node, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	r := reader{d}
	root := &node{shape: syntaxes[t], allowed: allOperators}
	err := errors.New("no management policy")
	if root.shape != nil {
		if err = r.expect('{'); err == nil {
			err = r.object(root)
		}
	}
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("text after the document")
		} else if len(root.children) == 0 {
			err = errors.New("an empty document")
		}
	}
	if err != nil {
		return nil, &iam.Error{Code: CodeMalformedPolicy, Message: notOfItsType, Err: err}
	}
	return root, nil
}

const notOfItsType = "The provided policy document does not meet the requirements of the specified policy type."

// reader reads JSON token by token, as only so keys that come twice are seen.
type reader struct{ *json.Decoder }

func (r reader) expect(want json.Delim) error {
	token, err := r.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%v where %v belongs", token, want)
	}
	return nil
}

// object reads what is between a node's braces.
func (r reader) object(n *node) error {
	seen := map[string]bool{}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		folded := strings.ToLower(key)
		if seen[folded] {
			return fmt.Errorf("key %q comes twice", key)
		}
		seen[folded] = true
		switch op, operator := operatorNames[folded]; {
		case folded == childOperators:
			err = r.control(n)
		case operator && op != noOperators && op != allOperators:
			err = r.operator(n, op)
		default:
			err = r.child(n, key)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.Token() // the brace
	return err
}

func (r reader) child(n *node, key string) error {
	s := n.shape.child(key)
	if s == nil {
		return fmt.Errorf("key %q", key)
	}
	c := &node{name: key, shape: s, allowed: allOperators}
	if err := r.expect('{'); err != nil {
		return err
	}
	if err := r.object(c); err != nil {
		return err
	}
	if s.check != nil {
		if err := s.check(c); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
	}
	n.children = append(n.children, c)
	return nil
}

// operator reads what stands at an operator. AWS takes any values at the top of a
// document, where there is nothing to set.
func (r reader) operator(n *node, op operators) error {
	list, isList, err := r.values()
	if err != nil || n.shape.top {
		return err
	}
	switch {
	case n.shape.kind == container || n.shape.kind == single && op != opAssign:
		return errors.New("an operator where it can't be")
	case isList != (n.shape.kind == multiple):
		return errors.New("a list where one value belongs, or the other way round")
	case len(list) == 0 && op != opAssign && n.shape.filled:
		return errors.New("an empty list")
	}
	for _, v := range list {
		if n.shape.value != nil && !n.shape.value(v) {
			return fmt.Errorf("value %q", v)
		}
	}
	n.has |= op
	switch op {
	case opAssign:
		n.assign = list
	case opAppend:
		n.appends = list
	default:
		n.remove = list
	}
	return nil
}

// control reads what child policies may do: @@all, or @@none alone, or some
// operators. Operators are read in any case, but only the same spelling is one
// that comes twice; so was it seen of AWS.
func (r reader) control(n *node) error {
	list, isList, err := r.values()
	if err != nil {
		return err
	}
	if !isList || len(list) == 0 {
		return errors.New("no list of operators")
	}
	n.allowed = noOperators
	for i, v := range list {
		op, ok := operatorNames[strings.ToLower(v)]
		if !ok || slices.Contains(list[:i], v) || op == noOperators && len(list) > 1 {
			return fmt.Errorf("child control operator %q", v)
		}
		n.allowed |= op
	}
	return nil
}

// values reads a value or a list of them, each as text, which is what an effective
// policy shows of numbers and the rest.
func (r reader) values() (list []string, isList bool, err error) {
	token, err := r.Token()
	if err != nil {
		return nil, false, err
	}
	if token != json.Delim('[') {
		v, err := scalar(token)
		return []string{v}, false, err
	}
	list = []string{}
	for r.More() {
		if token, err = r.Token(); err != nil {
			return nil, true, err
		}
		v, err := scalar(token)
		if err != nil {
			return nil, true, err
		}
		list = append(list, v)
	}
	_, err = r.Token()
	return list, true, err
}

func scalar(token json.Token) (string, error) {
	switch v := token.(type) {
	case nil:
		return "null", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%v where a value belongs", token)
}
