package guard

import (
	"strings"

	"iamd/iam"
	"iamd/policy"
)

// What a door asks of a simulation beyond what AWS's simulator does.

// CalledAsRoot makes the account's root user the caller. It has no policies of its
// own, and needs none.
func (s *Simulation) CalledAsRoot(a *iam.Account) { s.call(rootCaller(a, ""), nil) }

// Caller is the ARN of who is simulated: of a role's session, the role's.
func (s *Simulation) Caller() string {
	if s.caller.Kind == policy.Role {
		return s.caller.RoleARN
	}
	return s.caller.ARN
}

// Tagged gives the resource that an action is asked for its tags, by the keys that
// a request for it would have. A tag beside another value of the same key, as Set
// may have given it, is unclear.
func (s *Simulation) Tagged(action, resource string, tags []iam.Tag) {
	service, _ := split(action)
	own := ownTag(strings.ToLower(service), resource)
	for _, t := range tags {
		setTag(&s.context, "aws:resourcetag/"+t.Key, t.Value)
		if own != "" {
			setTag(&s.context, own+t.Key, t.Value)
		}
	}
}

// Attach makes a policy that somebody brings ready for a Check. The error is an
// *Unusable.
func Attach(kind policy.Kind, in Input) (policy.Attached, error) {
	doc, reason := parse(kind, in.Text)
	if reason != "" {
		return policy.Attached{}, &Unusable{Reason: reason}
	}
	return policy.Attached{ID: in.ID, Type: typeOf(kind), Policy: policy.Compile(doc, policy.CompileOptions{})}, nil
}

// ToldOf tells what of a simulation's answer whoever may simulate is told: the
// statements that led to it, and the keys that were missing. Where the organization
// denies, that is nothing: its policies are not the account's to read.
func ToldOf(x *policy.Explanation) (led []policy.StatementExplanation, missing []string) {
	for _, t := range x.Types {
		if (t.Type == policy.SCP || t.Type == policy.RCP) && t.Result != policy.ResultAllowed && !t.Overridden {
			return nil, nil
		}
	}
	for _, s := range x.Matched {
		switch s.Kind {
		case policy.Identity, policy.Resource, policy.Trust:
			if x.Allowed && s.Effect == "Allow" || x.Explicit && s.Effect == "Deny" {
				led = append(led, s)
			}
		case policy.Boundary: // it grants nothing
			if x.Explicit && s.Effect == "Deny" {
				led = append(led, s)
			}
		}
	}
	return led, x.MissingContextKeys
}
