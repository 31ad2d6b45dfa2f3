package mock

import (
	"bytes"
	"errors"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// nodeWeight is about what a value of a document takes, in bytes.
const nodeWeight = 64

var errAliases = errors.New("its aliases make more of it than a document may be")

// checkAliases refuses YAML that is short as it was written and long once its
// aliases stand for what they name: aliases of aliases multiply.
func checkAliases(data []byte) error {
	if !bytes.Contains(data, []byte("&")) || !bytes.Contains(data, []byte("*")) {
		return nil
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return err
	}
	named, sum := map[string]int{}, 0
	for _, doc := range file.Docs {
		if sum += weigh(doc.Body, named); len(named) > 0 && sum > maxDocument {
			return errAliases
		}
	}
	return nil
}

// weigh is about how many bytes a node takes, once written out; it does not grow
// beyond what is refused.
func weigh(n ast.Node, named map[string]int) int {
	sum := nodeWeight
	add := func(inner ast.Node) {
		if inner != nil {
			sum = min(sum+weigh(inner, named), maxDocument+1)
		}
	}
	switch n := n.(type) {
	case nil:
		return 0
	case *ast.MappingNode:
		for _, v := range n.Values {
			add(v)
		}
	case *ast.MappingValueNode:
		add(n.Key)
		add(n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			add(v)
		}
	case *ast.TagNode:
		add(n.Value)
	case *ast.AnchorNode:
		add(n.Value)
		named[n.Name.GetToken().Value] = sum
	case *ast.AliasNode:
		sum = min(sum+named[n.Value.GetToken().Value], maxDocument+1)
	default:
		if t := n.GetToken(); t != nil {
			sum = min(sum+len(t.Value), maxDocument+1)
		}
	}
	return sum
}
