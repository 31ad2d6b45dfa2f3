package guard

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"iamd/iam"
	"iamd/policy"
)

// Source is a policy of the entity that is simulated, as it may be left out.
type Source struct {
	// Kind and Entity say whom an inline policy is part of; Kind is empty for a
	// managed one.
	Kind     iam.EntityKind
	Entity   string
	Name     string // of an inline policy; the ARN of another one
	Boundary bool   // it is the entity's permissions boundary
	// Control is policy.SCP or policy.RCP for an organization's, 0 for others.
	Control policy.Kind
}

// What the answers call the kinds of policies, beside iam.AttachedType.
const (
	BoundaryType = "Permissions Boundary Policy"
	ResourceType = "Resource Policy"
	controlType  = "Service Control Policy"
)

// Of takes the policies of a user, group or role, but those that keep refuses.
// A user has those of its groups too, and each managed policy once. A missing
// entity is NoSuchEntity.
func (s *Simulation) Of(a *iam.Account, arn string, keep func(Source) bool) error {
	e, _, err := iam.ParseEntityARN(arn)
	if err != nil {
		return err
	}
	missing := iam.Errorf(iam.CodeNoSuchEntity, "Unable to retrieve specified IAM entity.")
	switch e.Kind {
	case iam.KindUser:
		u, ok := a.UserByARN(arn)
		if !ok {
			return missing
		}
		s.take(a, e, u.Grants, keep)
		for _, id := range u.Groups {
			if g, ok := a.GroupByID(id); ok {
				s.take(a, iam.Entity{Kind: iam.KindGroup, Name: g.Name}, g.Grants, keep)
			}
		}
		s.bound(a, u.Boundary, keep)
	case iam.KindGroup:
		g, ok := a.GroupByARN(arn)
		if !ok {
			return missing
		}
		s.take(a, e, g.Grants, keep)
	default:
		r, ok := a.RoleByARN(arn)
		if !ok {
			return missing
		}
		s.take(a, e, r.Grants, keep)
		s.bound(a, r.Boundary, keep)
	}
	return nil
}

func (s *Simulation) take(a *iam.Account, e iam.Entity, grants iam.Grants, keep func(Source) bool) {
	for _, in := range grants.Inline {
		if keep(Source{Kind: e.Kind, Entity: e.Name, Name: in.Name}) {
			s.policies.Identity = append(s.policies.Identity, policy.Attached{
				ID: e.Word() + "_" + e.Name + "_" + in.Name, Type: iam.AttachedType, Policy: in.Document.Compiled(),
			})
		}
	}
	for _, arn := range grants.Attached {
		has := func(p policy.Attached) bool { return p.ID == arn }
		if keep(Source{Name: arn}) && !slices.ContainsFunc(s.policies.Identity, has) {
			s.policies.Identity = append(s.policies.Identity, s.managed(a, arn)...)
		}
	}
}

func (s *Simulation) bound(a *iam.Account, arn string, keep func(Source) bool) {
	if arn != "" && keep(Source{Name: arn, Boundary: true}) {
		// A boundary that is gone still bounds.
		s.policies.HasBoundary, s.policies.Boundary = true, s.managed(a, arn)
		for i := range s.policies.Boundary {
			s.policies.Boundary[i].Type = BoundaryType
		}
	}
}

func (s *Simulation) managed(a *iam.Account, arn string) []policy.Attached {
	attached, ok := a.PolicyAttached(arn)
	if !ok {
		return nil
	}
	return []policy.Attached{attached}
}

// Input is a policy that a simulation brings: what the answer calls it, and its
// text.
type Input struct{ ID, Text string }

// Unusable is a policy that a simulation brings and that can't be one.
type Unusable struct {
	Index  int    // of the input, from 0
	Reason string // AWS's sentence, and what exactly; it may quote the policy at length
}

func (e *Unusable) Error() string { return "guard: input " + strconv.Itoa(e.Index) + ": " + e.Reason }

// Add adds policies of one kind; those of a resource and a boundary take the
// place of what was, and service control policies make one more level. The
// error is an *Unusable.
func (s *Simulation) Add(kind policy.Kind, inputs ...Input) error {
	list := make([]policy.Attached, 0, len(inputs))
	for i, in := range inputs {
		doc, reason := parse(kind, in.Text)
		if reason != "" {
			return &Unusable{Index: i, Reason: reason}
		}
		list = append(list, policy.Attached{ID: in.ID, Type: typeOf(kind), Policy: policy.Compile(doc, policy.CompileOptions{})})
	}
	p := &s.policies
	switch kind {
	case policy.Identity:
		p.Identity = append(p.Identity, list...)
	case policy.Boundary:
		p.Boundary, p.HasBoundary = list, true
	case policy.Trust:
		p.Trust, p.HasTrust = list, true
	case policy.SCP:
		p.SCPs = append(p.SCPs, list)
	default:
		p.Resource = list
	}
	return nil
}

func typeOf(kind policy.Kind) string {
	switch kind {
	case policy.Identity:
		return iam.AttachedType
	case policy.Boundary:
		return BoundaryType
	case policy.SCP:
		return controlType
	default:
		return ResourceType
	}
}

// parse reads a policy, or says why it is none.
func parse(kind policy.Kind, text string) (doc *policy.Document, reason string) {
	doc, err := policy.Parse([]byte(text))
	var unread *policy.ParseError
	if errors.As(err, &unread) {
		return nil, unread.Malformed(kind).Message + " (" + strings.TrimPrefix(unread.Error(), "policy: ") + ")"
	}
	if err = policy.Check(doc, kind, policy.CheckOptions{}); err != nil {
		return nil, strings.TrimPrefix(err.Error(), "policy: ")
	}
	return doc, ""
}

// ContextKeys lists the condition keys that the policies of the identity and
// its boundary refer to, each once, as first written and in order.
func (s *Simulation) ContextKeys() []string {
	var keys []string
	seen := map[string]bool{}
	for _, list := range [][]policy.Attached{s.policies.Identity, s.policies.Boundary} {
		for _, p := range list {
			for _, key := range p.Policy.ContextKeys() {
				if folded := policy.FoldKey(key); !seen[folded] {
					seen[folded] = true
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}
