package iam

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"iamd/policy"
)

// Summary says in English who asks for what and for how long, as it stands in
// the request and its policy: nothing is left out, guessed or weighed.
func (r *DelegationRequest) Summary() string {
	var b strings.Builder
	who := "account " + r.Requestor
	if r.RequestorName != "" {
		who = r.RequestorName + " (" + who + ")"
	}
	fmt.Fprintf(&b, "%s asks for access for %s.\n", who, time.Duration(r.Seconds)*time.Second)
	doc, err := policy.Parse([]byte(r.Policy))
	if err != nil {
		return b.String() // a policy that can't be read allows nothing
	}
	for _, s := range doc.Statements {
		b.WriteString(sentence(&s))
	}
	if len(r.Boundaries) > 0 {
		fmt.Fprintf(&b, "Roles that it makes must have as their permissions boundary: %s.\n", strings.Join(r.Boundaries, ", "))
	}
	return b.String()
}

func sentence(s *policy.Statement) string {
	var b strings.Builder
	if s.Effect == "Allow" {
		b.WriteString("It may call ")
	} else {
		b.WriteString("It may never call ")
	}
	b.WriteString(everyOr(s.Action, s.NotAction, "action"))
	b.WriteString(" on ")
	b.WriteString(everyOr(s.Resource, s.NotResource, "resource"))
	for i, c := range s.Condition {
		if i == 0 {
			b.WriteString(", if ")
		} else {
			b.WriteString(" and ")
		}
		fmt.Fprintf(&b, "%s fits %s (%s)", c.Key, strings.Join(quoted(c.Values), " or "), c.Operator)
	}
	b.WriteString(".\n")
	return b.String()
}

func everyOr(list, not []string, what string) string {
	switch {
	case not != nil:
		return "every " + what + " but " + strings.Join(quoted(not), ", ")
	case len(list) == 1 && list[0] == "*":
		return "every " + what
	}
	return strings.Join(quoted(list), ", ")
}

// quoted puts quotes around what could be taken for more than one value: the
// requestor's parameters stand in them, and must not add to what is said.
func quoted(list []string) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		if strings.ContainsAny(v, " ,;()\"") {
			v = strconv.Quote(v)
		}
		out = append(out, v)
	}
	return out
}
