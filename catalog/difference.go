package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference is what tells two releases' managed policies apart, each list
// ordered by ARN.
type Difference struct {
	Old     string          `json:"old"` // what each was made of
	New     string          `json:"new"`
	Added   []PolicyVersion `json:"added"`
	Removed []PolicyVersion `json:"removed"`
	Changed []PolicyChange  `json:"changed"`
}

// PolicyVersion is a policy at the version that was or is in force.
type PolicyVersion struct {
	ARN     string `json:"arn"`
	Version string `json:"version"`
}

// PolicyChange is a policy whose version in force is another. Statements is
// empty when what it says is the same but for names and order.
type PolicyChange struct {
	ARN        string            `json:"arn"`
	Old        string            `json:"oldVersion"`
	New        string            `json:"newVersion"`
	Statements []StatementChange `json:"statements"`
}

// StatementChange is the actions that a policy speaks of anew or no longer, in
// one way: with one effect, on the same resources, under the same conditions.
type StatementChange struct {
	Change  string   `json:"change"` // "added" or "removed"
	Effect  string   `json:"effect"`
	Element string   `json:"element"` // "Action" or "NotAction"
	Actions []string `json:"actions"`
	// Rest is the statement's other elements but the Sid, as JSON with its keys in
	// order: {"Condition":…,"Resource":"*"}.
	Rest json.RawMessage `json:"rest"`
}

// Compare tells how the policies of one release came to be those of another.
func Compare(old, now *Dump) (*Difference, error) {
	d := &Difference{Old: old.Source, New: now.Source, Added: []PolicyVersion{}, Removed: []PolicyVersion{}, Changed: []PolicyChange{}}
	was := map[string]*ManagedPolicy{}
	for _, p := range old.Policies {
		was[p.ARN] = p
	}
	for _, p := range now.Policies {
		before, ok := was[p.ARN]
		delete(was, p.ARN)
		switch {
		case !ok:
			d.Added = append(d.Added, PolicyVersion{p.ARN, p.DefaultVersionID})
		case before.DefaultVersionID != p.DefaultVersionID || before.Document != p.Document:
			statements, err := compareDocuments(before.Document, p.Document)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.ARN, err)
			}
			d.Changed = append(d.Changed, PolicyChange{p.ARN, before.DefaultVersionID, p.DefaultVersionID, statements})
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(was)) {
		d.Removed = append(d.Removed, PolicyVersion{arn, was[arn].DefaultVersionID})
	}
	return d, nil
}

// way is how a statement speaks of its actions.
type way struct{ effect, element, rest string }

func compareDocuments(old, now string) ([]StatementChange, error) {
	before, err := ways(old)
	if err != nil {
		return nil, err
	}
	after, err := ways(now)
	if err != nil {
		return nil, err
	}
	list := []StatementChange{}
	note := func(change string, from, without map[way]map[string]bool) {
		for w, actions := range from {
			only := maps.Clone(actions)
			maps.DeleteFunc(only, func(action string, _ bool) bool { return without[w][action] })
			if len(only) > 0 {
				list = append(list, StatementChange{change, w.effect, w.element, slices.Sorted(maps.Keys(only)), json.RawMessage(w.rest)})
			}
		}
	}
	note("removed", before, after)
	note("added", after, before)
	slices.SortFunc(list, func(a, b StatementChange) int {
		return strings.Compare(a.Change+a.Effect+a.Element+string(a.Rest), b.Change+b.Effect+b.Element+string(b.Rest))
	})
	return list, nil
}

// ways sorts a document's actions by the way in which it speaks of them. Several
// statements that do so in one way are as one.
func ways(document string) (map[way]map[string]bool, error) {
	var doc struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		return nil, err
	}
	var statements []map[string]any
	if json.Unmarshal(doc.Statement, &statements) != nil {
		var one map[string]any
		if err := json.Unmarshal(doc.Statement, &one); err != nil {
			return nil, err
		}
		statements = append(statements, one)
	}
	all := map[way]map[string]bool{}
	for _, s := range statements {
		effect, _ := s["Effect"].(string)
		delete(s, "Sid")
		delete(s, "Effect")
		for _, element := range []string{"Action", "NotAction"} {
			actions, ok := s[element]
			if !ok {
				continue
			}
			rest := maps.Clone(s)
			delete(rest, element)
			text, err := json.Marshal(sorted(rest))
			if err != nil {
				return nil, err
			}
			w := way{effect, element, string(text)}
			if all[w] == nil {
				all[w] = map[string]bool{}
			}
			list, ok := actions.([]any)
			if !ok {
				list = []any{actions}
			}
			for _, action := range list {
				all[w][fmt.Sprint(action)] = true
			}
		}
	}
	return all, nil
}

// sorted is a value whose lists are in order, as in a policy their order says
// nothing; a list of one is its member.
func sorted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, member := range v {
			out[k] = sorted(member)
		}
		return out
	case []any:
		if len(v) == 1 {
			return sorted(v[0])
		}
		out := slices.Clone(v)
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return out
	}
	return v
}
