package analyzer

import (
	"slices"
	"strconv"
	"strings"

	"iamd/policy/source"
)

var redundancyChecks = []func(*document){
	redundantActions,
	redundantResources,
	redundantStatements,
	redundantPrincipals,
}

// redundancyWork bounds what a document's comparisons of actions, and of resources, cost together, in characters
// looked at. AWS's largest managed policy takes a hundredth of it. What is not compared is not called redundant.
const redundancyWork = 1 << 23

// redundantActions: an action that another of the same statement covers.
func redundantActions(d *document) {
	work := redundancyWork
	for i := range d.statement {
		list, _ := d.statement[i].actions()
		text := make([]string, len(list))
		for j := range list {
			text[j] = strings.ToLower(list[j].text)
		}
		for _, g := range overlaps(text, covers, &work) {
			d.report("REDUNDANT_ACTION", g.places(list), "redundantActionCount", strconv.Itoa(len(g.all)), "redundantAction", list[g.longest].text)
		}
	}
}

// redundantResources: a resource that another of the same statement covers.
func redundantResources(d *document) {
	work := redundancyWork
	for i := range d.statement {
		list, _ := d.statement[i].resources()
		text := make([]string, len(list))
		for j := range list {
			text[j] = list[j].text
		}
		for _, g := range overlaps(text, coversARN, &work) {
			d.report("REDUNDANT_RESOURCE", g.places(list), "redundantResourceCount", strconv.Itoa(len(g.all)), "redundantResource", list[g.longest].text)
		}
	}
}

// coversARN tells whether a pattern of ARNs covers another. The parts are compared one by one, but for a pattern of
// fewer parts, whose last one reaches on.
func coversARN(pattern, other string) bool {
	for range 5 {
		p, prest, ok := strings.Cut(pattern, ":")
		if !ok {
			break // the last part
		}
		o, orest, ok := strings.Cut(other, ":")
		if !ok || !covers(p, o) {
			return false
		}
		pattern, other = prest, orest
	}
	return covers(pattern, other)
}

// overlap is a value of a list, those that it covers, and the longest of these.
type overlap struct {
	all     []int // in order
	longest int
}

func (o *overlap) places(list []value) []place {
	out := make([]place, len(o.all))
	for i, at := range o.all {
		out[i] = list[at].place
	}
	return out
}

// overlaps finds the values that another value covers, and puts them together with the one that no other covers.
// A pattern is compared only with what begins as it does, and no longer than there is work left.
func overlaps(values []string, covers func(pattern, other string) bool, work *int) []overlap {
	if len(values) < 2 {
		return nil
	}
	order := make([]int, len(values)) // the values by text
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(values[a], values[b]) })
	owner := make([]int, len(values)) // what covers a value; the value itself if nothing does
	for i, at := range order {
		owner[at] = at
		if i > 0 && values[order[i-1]] == values[at] {
			owner[at] = owner[order[i-1]] // the same again
		}
	}
	for p, pattern := range values {
		wildcard := strings.IndexAny(pattern, "*?")
		if wildcard < 0 || owner[p] != p {
			continue
		}
		start, _ := slices.BinarySearchFunc(order, pattern[:wildcard], func(at int, s string) int { return strings.Compare(values[at], s) })
		for _, o := range order[start:] {
			if !strings.HasPrefix(values[o], pattern[:wildcard]) {
				break
			}
			if *work -= len(pattern) + len(values[o]); *work < 0 {
				break
			}
			if owner[o] == o && o != p && covers(pattern, values[o]) {
				owner[o] = p
			}
		}
	}
	return grouped(values, owner)
}

// grouped puts together the values that have the same owner in the end.
func grouped(values []string, owner []int) []overlap {
	for i := range owner {
		for owner[i] != owner[owner[i]] {
			owner[i] = owner[owner[i]]
		}
	}
	found := map[int]int{}
	var out []overlap
	for i, o := range owner {
		if o == i {
			continue
		}
		at, ok := found[o]
		if !ok {
			at = len(out)
			found[o] = at
			out = append(out, overlap{all: []int{o}, longest: i})
		}
		out[at].all = append(out[at].all, i)
		if len(values[i]) > len(values[out[at].longest]) {
			out[at].longest = i
		}
	}
	for i := range out {
		slices.Sort(out[i].all)
	}
	return out
}

// redundantStatements: statements that say the same but for their Sid.
func redundantStatements(d *document) {
	same := map[string][]place{}
	var order []string
	for i := range d.statement {
		s := &d.statement[i]
		var says []string
		for j := range s.members {
			if m := &s.members[j]; m.key != "Sid" {
				says = append(says, strconv.Quote(m.key)+canonical(m.value.node, m.key == "Action" || m.key == "NotAction"))
			}
		}
		slices.Sort(says)
		key := strings.Join(says, ",")
		if len(same[key]) == 0 {
			order = append(order, key)
		}
		if len(same[key]) < maxPlaces {
			same[key] = append(same[key], s.place)
		}
	}
	for _, key := range order {
		if len(same[key]) > 1 {
			d.report("REDUNDANT_STATEMENT", same[key])
		}
	}
}

// canonical is a value of a statement with its lists in order, each item once, and a list of one as the item.
func canonical(n *source.Node, fold bool) string {
	var items []string
	switch n.Kind {
	case source.Array:
		for i := range n.Items {
			items = append(items, canonical(&n.Items[i], fold))
		}
	case source.Object:
		for i := range n.Members {
			m := &n.Members[i]
			items = append(items, strconv.Quote(m.Key)+":"+canonical(&m.Value, fold))
		}
	default:
		if fold {
			return strconv.Quote(strings.ToLower(n.Text))
		}
		return strconv.Quote(n.Text)
	}
	slices.Sort(items)
	items = slices.Compact(items)
	if n.Kind == source.Array && len(items) == 1 {
		return items[0]
	}
	open, end := "[", "]"
	if n.Kind == source.Object {
		open, end = "{", "}"
	}
	return open + strings.Join(items, ",") + end
}

// redundantPrincipals: a session of a role beside the role itself, in a trust policy.
func redundantPrincipals(d *document) {
	for i := range d.statement {
		s := &d.statement[i]
		if !d.assumed(s) {
			continue
		}
		roles := map[string]string{} // account and name: the ARN as written
		for _, v := range principalsOf(s.principals, "AWS") {
			if account, name, ok := roleARN(v.text, ":role/"); ok {
				roles[account+"/"+name[strings.LastIndexByte(name, '/')+1:]] = v.text
			}
		}
		for _, v := range principalsOf(s.principals, "AWS") {
			account, session, ok := roleARN(v.text, ":assumed-role/")
			name, _, _ := strings.Cut(session, "/")
			if role, known := roles[account+"/"+name]; ok && known {
				d.report("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", []place{v.place}, "redundant_principal", v.text, "parent_role", role)
			}
		}
	}
}

// roleARN takes the ARN of a role, or of a session of one, apart: "arn:aws:iam::" account kind name.
func roleARN(arn, kind string) (account, name string, ok bool) {
	head, name, ok := strings.Cut(arn, kind)
	if !ok || !strings.HasPrefix(head, "arn:") {
		return "", "", false
	}
	return head[strings.LastIndexByte(head, ':')+1:], name, name != ""
}
