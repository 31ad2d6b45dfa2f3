package guard

import (
	"errors"
	"strings"

	"iamd/iam"
	"iamd/policy"
)

// Hopeless tells whether a caller would be denied whatever else a request says.
// It is advice for who shows what can be done, before anything of a request is
// known but action and resource: a denial that hangs on a condition key which only
// the request, or the resource, can bring is not hopeless. Neither is one for the
// resource "*", which stands for any, when a statement allows the action on some.
// What costs too much to explain is never hopeless, nor is what the policies of the
// resource may allow by themselves: of another account's resource nothing is looked
// at, as the answer would tell of that account, and IAM's alone are out of reach.
func (g *Guard) Hopeless(c *Caller, account *iam.Account, check Check) bool {
	service, _ := split(check.Action)
	if check.owner(c) != c.Account {
		return strings.EqualFold(service, "iam")
	}
	err := g.Authorize(c, account, check)
	var denied *Denied
	if !errors.As(err, &denied) {
		return err != nil
	}
	request, policies := &denied.question.request, &denied.policies
	if _, within := policies.Work(request, maxTraceWork); !within {
		return false
	}
	x := policy.Explain(request, policies)
	if len(x.MissingContextKeys) > 0 || !x.Explicit && strings.EqualFold(service, "sts") {
		return false
	}
	if check.Resource != "*" || x.Explicit {
		return true
	}
	for i := range x.Types {
		t := &x.Types[i]
		if t.Result == policy.ResultImplicit && !t.Overridden && !elsewhere(t) {
			return true
		}
	}
	return false
}

// elsewhere tells whether the action is allowed on other resources than the one
// that was asked for.
func elsewhere(t *policy.TypeExplanation) bool {
	for i := range t.Statements {
		if s := &t.Statements[i]; s.Effect == "Allow" && s.Element == "Resource" {
			return true
		}
	}
	return false
}
