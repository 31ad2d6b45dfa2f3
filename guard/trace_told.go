package guard

import (
	"slices"
	"strings"

	"iamd/policy"
)

// ToldTo is the trace as an account that holds it may read it. All of its own
// policies stand in it. Of another account's resource it tells no more than the
// denial's sentence did, as Message does; of the organization's control policies
// which ones apply, and not what they say. The operator reads the whole.
func (t *Trace) ToldTo(account string) *Trace {
	out := *t
	out.Context, out.Types, out.Omitted = slices.Clone(t.Context), nil, slices.Clone(t.Omitted)
	foreign := t.ResourceAccount != account
	hidden, controlled := false, false
	for _, k := range t.Types {
		if foreign && ofOwner(k.Type) {
			hidden = true
			continue
		}
		if k.Type == policy.SCP.String() || k.Type == policy.RCP.String() {
			k.Statements = slices.Clone(k.Statements)
			for i := range k.Statements {
				s := &k.Statements[i]
				s.SID, s.Line, s.Element, s.Detail = "", 0, "", ""
				controlled = true
			}
		}
		out.Types = append(out.Types, k)
	}
	if controlled {
		out.Missing = slices.DeleteFunc(slices.Clone(out.Missing), func(key string) bool { return !out.asks(key) })
		out.omit("What the statements of control policies say: the organization's management account can read them.")
	}
	if !foreign || t.Resource == "" {
		return &out
	}
	out.CrossAccount, out.ResourceAccount = true, ""
	if !strings.Contains(t.Message, t.Resource) {
		out.Resource = ""
	}
	out.Context = slices.DeleteFunc(out.Context, func(k TracedKey) bool { return ofResource(k.Key) })
	if hidden {
		out.Missing = nil // whose statements asked for which is not told apart
		out.omit("What policies say that belong to the account of the resource.")
	}
	if ofOwner(t.DecidedBy) {
		out.Policy, out.Statement = "", -1
		out.Reason = "The " + t.DecidedBy + " does not allow it; it belongs to the account of the resource."
	}
	return &out
}

// asks tells whether a statement that is shown asked for a condition key which was
// missing.
func (t *Trace) asks(key string) bool {
	for _, k := range t.Types {
		for _, s := range k.Statements {
			if strings.Contains(s.Detail, " "+key+": ") {
				return true
			}
		}
	}
	return false
}

// ofOwner tells whether a kind of policy, by its words, belongs to the account of
// the resource.
func ofOwner(kind string) bool {
	return slices.Contains([]string{policy.Resource.String(), policy.Trust.String(), policy.RCP.String(), policy.VPCEndpoint.String()}, kind)
}
