package guard

import (
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
	standing standing
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
	switch policy.FoldKey(key) {
	case "aws:resourceaccount":
		s.owned = true
	case "aws:resourceorgid", "aws:resourceorgpaths":
		s.standing.owned = true
	}
	if many || len(values) != 1 {
		s.context.SetList(key, values...)
		return
	}
	s.context.Set(key, values[0])
}

// Bounded tells whether a permissions boundary has a say.
func (s *Simulation) Bounded() bool { return s.policies.HasBoundary }

// Account is the caller's.
func (s *Simulation) Account() string { return s.caller.Account }

// answerWeight is what an answer costs that no policy has a say in.
const answerWeight = 2048

// Weight is how much work Explain is at most, in steps of a nanosecond or two.
// Over the limit it is not weighed to the end, and within is false.
func (s *Simulation) Weight(action, resource, owner string, limit int) (weight int, within bool) {
	times := 1
	s.bind(action, resource, owner)
	if s.controlled() {
		times = 2 // they may be asked once more without
	}
	if limit < answerWeight {
		return answerWeight, false
	}
	work, within := s.policies.Work(s.request(action, resource, owner), (limit-answerWeight)/times)
	return answerWeight + times*work, within
}

// Explain answers for one action on one resource, which the account owner has;
// the resource "*" belongs to the caller's own. Keys that only control policies
// miss are not among the missing.
func (s *Simulation) Explain(action, resource, owner string) *policy.Explanation {
	if !s.owned {
		if v, _, ok := s.context.Get("aws:ResourceAccount"); resource != "*" && (!ok || v[0] != owner) {
			s.context.Set("aws:ResourceAccount", owner)
		} else if resource == "*" {
			s.context.Delete("aws:ResourceAccount")
		}
	}
	s.bind(action, resource, owner)
	req := s.request(action, resource, owner)
	x := policy.Explain(req, &s.policies)
	if s.controlled() && len(x.MissingContextKeys) > 0 {
		others := s.policies
		others.SCPs, others.RCPs = nil, nil
		x.MissingContextKeys = policy.Explain(req, &others).MissingContextKeys
	}
	return x
}

// controlled tells whether an organization has a say.
func (s *Simulation) controlled() bool { return len(s.policies.SCPs)+len(s.policies.RCPs) > 0 }

func (s *Simulation) request(action, resource, owner string) *policy.Request {
	return &policy.Request{
		Principal: s.caller, Action: action, Resource: resource, ResourceAccount: owner, Context: &s.context,
	}
}
