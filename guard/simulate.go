package guard

import (
	"errors"
	"strconv"
	"time"

	"iamd/iam"
	"iamd/policy"
)

// Simulation is a question that is only asked to see the answer: what would
// these policies say to this caller? Nothing happens by it, and what it decides
// admits nobody. It is for one goroutine.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
type Simulation struct {
	caller   policy.Principal
	policies policy.Policies
	context  policy.Context
	owned    bool // aws:ResourceAccount was set by hand
}

// Source is a policy of the entity that is simulated, as it may be left out.
type Source struct {
	// Kind and Entity say whom an inline policy is part of; Kind is empty for a
	// managed one.
	Kind     iam.EntityKind
	Entity   string
	Name     string // of an inline policy; the ARN of a managed one
	Boundary bool   // it is the entity's permissions boundary
}

// NewSimulation begins a simulation: no policies, and a caller of whom only the
// account is known.
func NewSimulation(account string, at time.Time) *Simulation {
	s := &Simulation{caller: policy.Principal{Kind: policy.User, Account: account}}
	s.context.Set("aws:CurrentTime", at.UTC().Format(time.RFC3339))
	s.context.Set("aws:EpochTime", strconv.FormatInt(at.Unix(), 10))
	s.context.Set("aws:PrincipalAccount", account)
	return s
}

// Of takes the policies of a user, group or role, but those that keep refuses.
// A missing entity is NoSuchEntity.
func (s *Simulation) Of(a *iam.Account, arn string, keep func(Source) bool) error {
	e, _, err := iam.ParseEntityARN(arn)
	if err != nil {
		return err
	}
	switch e.Kind {
	case iam.KindUser:
		u, ok := a.UserByARN(arn)
		if !ok {
			return e.NoSuch()
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
			return e.NoSuch()
		}
		s.take(a, e, g.Grants, keep)
	default:
		r, ok := a.RoleByARN(arn)
		if !ok {
			return e.NoSuch()
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
		if keep(Source{Name: arn}) {
			s.policies.Identity = append(s.policies.Identity, s.managed(a, arn)...)
		}
	}
}

func (s *Simulation) bound(a *iam.Account, arn string, keep func(Source) bool) {
	if arn != "" && keep(Source{Name: arn, Boundary: true}) {
		// A boundary that is gone still bounds.
		s.policies.HasBoundary, s.policies.Boundary = true, s.managed(a, arn)
	}
}

func (s *Simulation) managed(a *iam.Account, arn string) []policy.Attached {
	attached, ok := a.PolicyAttached(arn)
	if !ok {
		return nil
	}
	return []policy.Attached{attached}
}

// CalledAs makes an entity of the account the caller, with the keys that the
// server knows of it. The name of a role's session is not known, nor what
// aws:userid would be in it, and a group can't call at all.
func (s *Simulation) CalledAs(a *iam.Account, arn string) error {
	if u, ok := a.UserByARN(arn); ok {
		s.call(userCaller(a, u, ""), u.Tags)
		return nil
	}
	if r, ok := a.RoleByARN(arn); ok {
		s.call(&Caller{Principal: policy.Principal{
			Kind: policy.Role, Account: a.ID, RoleARN: arn, UniqueID: r.ID,
		}}, r.Tags)
		return nil
	}
	return s.CalledBy(arn)
}

// CalledBy makes whoever would have this ARN the caller. Nothing is looked up:
// tags and unique ids stay unknown, so that a simulation tells nothing about
// entities that the asker may not look at.
func (s *Simulation) CalledBy(arn string) error {
	e, account, err := iam.ParseEntityARN(arn)
	if err != nil {
		return iam.Errorf(iam.CodeInvalidInput, "Invalid caller - Caller must be an IAM user, role or group in this context.")
	}
	p := policy.Principal{Kind: policy.User, Account: account}
	switch e.Kind {
	case iam.KindUser:
		p.ARN = arn
		s.call(&Caller{Principal: p, UserName: e.Name}, nil)
	case iam.KindRole:
		p.Kind, p.RoleARN = policy.Role, arn
		s.call(&Caller{Principal: p}, nil)
	default:
		s.caller = p
		s.context.Set("aws:PrincipalAccount", account)
	}
	return nil
}

func (s *Simulation) call(c *Caller, tags []iam.Tag) {
	s.caller = c.Principal
	fillPrincipal(&s.context, c, tags)
	if c.UserID == "" {
		s.context.Delete("aws:userid")
	}
}

// Set gives a condition key its values, in place of what the server knows.
func (s *Simulation) Set(key string, many bool, values []string) {
	s.owned = s.owned || policy.FoldKey(key) == "aws:resourceaccount"
	if many || len(values) != 1 {
		s.context.SetList(key, values...)
		return
	}
	s.context.Set(key, values[0])
}

// Input is a policy that a simulation brings: what the answer calls it, and its
// text.
type Input struct{ ID, Text string }

// Add adds policies of one kind; those of a resource and a boundary take the
// place of what was, and service control policies make one more level. The
// error is InvalidInput in AWS's words.
func (s *Simulation) Add(kind policy.Kind, policyType string, inputs ...Input) error {
	list := make([]policy.Attached, 0, len(inputs))
	for _, in := range inputs {
		doc, err := parse(kind, in.Text)
		if err != nil {
			return err
		}
		list = append(list, policy.Attached{ID: in.ID, Type: policyType, Policy: policy.Compile(doc, policy.CompileOptions{})})
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

func parse(kind policy.Kind, text string) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		err = policy.Check(doc, kind, policy.CheckOptions{})
	}
	if err == nil {
		return doc, nil
	}
	message := "Syntax errors in policy."
	var (
		unread  *policy.ParseError
		refused *policy.Malformed
	)
	switch {
	case errors.As(err, &unread):
		message = unread.Malformed(kind).Message
	case errors.As(err, &refused):
		message = refused.Message
	}
	return nil, &iam.Error{Code: iam.CodeInvalidInput, Message: message, Err: err}
}

// Bounded tells whether a permissions boundary has a say.
func (s *Simulation) Bounded() bool { return s.policies.HasBoundary }

// Account is the caller's.
func (s *Simulation) Account() string { return s.caller.Account }

// answerWeight is what an answer costs that no policy has a say in.
const answerWeight = 2048

// Weight is about how much work Explain is at most, in steps of a nanosecond or
// two.
func (s *Simulation) Weight(action, resource, owner string) int {
	return answerWeight + s.policies.Work(s.request(action, resource, owner))
}

// Explain answers for one action on one resource, which the account owner has;
// the resource "*" belongs to the caller's own.
func (s *Simulation) Explain(action, resource, owner string) *policy.Explanation {
	if !s.owned {
		if v, _, ok := s.context.Get("aws:ResourceAccount"); resource != "*" && (!ok || v[0] != owner) {
			s.context.Set("aws:ResourceAccount", owner)
		} else if resource == "*" {
			s.context.Delete("aws:ResourceAccount")
		}
	}
	return policy.Explain(s.request(action, resource, owner), &s.policies)
}

func (s *Simulation) request(action, resource, owner string) *policy.Request {
	return &policy.Request{
		Principal: s.caller, Action: action, Resource: resource, ResourceAccount: owner, Context: &s.context,
	}
}
