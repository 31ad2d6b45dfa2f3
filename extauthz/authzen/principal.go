package authzen

import (
	"errors"
	"net/http"
	"strings"

	"iamd/catalog"
	"iamd/guard"
	"iamd/policy"
)

// decision is the answer to one question.
type decision struct {
	Decision bool    `json:"decision"`
	Context  grounds `json:"context,omitzero"`
}

// grounds say why, as far as the asker may know.
type grounds struct {
	Reason  string      `json:"reason,omitempty"`        // in AWS's words
	Kind    string      `json:"decision_type,omitempty"` // allowed, explicitDeny, implicitDeny
	Matched []statement `json:"matched_statements,omitempty"`
	Missing []string    `json:"missing_context_keys,omitempty"`
	Error   *itemError  `json:"error,omitempty"`
	*verdict
}

// statement is one that led to the decision.
type statement struct {
	Policy string          `json:"policy"`
	Type   string          `json:"policy_type,omitempty"`
	SID    string          `json:"sid,omitempty"`
	Effect string          `json:"effect"`
	Start  policy.Position `json:"start"`
	End    policy.Position `json:"end"`
}

// itemError is why one of several questions could not be answered.
type itemError struct {
	Status  int    `json:"status"`
	Message string `json:"message"`
}

func no(reason string) decision { return decision{Context: grounds{Reason: reason}} }

// Types of subjects that are principals.
const (
	typeUser = "user"
	typeRole = "role"
	typeRoot = "root"
	typeAny  = "aws" // any of these
)

// evaluation answers one question.
func (q *inquiry) evaluation(in object) (any, error) {
	asked, err := read(in, whole)
	if err != nil {
		return nil, err
	}
	return q.evaluate(asked)
}

func (q *inquiry) evaluate(asked question) (decision, error) {
	if asked.subject.kind == typeSignature {
		return q.signed(asked)
	}
	p, why, err := q.principal(asked.subject)
	if err != nil || why != "" {
		return no(why), err
	}
	s, err := q.simulation(p, asked)
	if err != nil {
		return decision{}, err
	}
	return q.simulate(s, asked.action, asked.resource)
}

// principal is a user, role or root user of the asker's account, whom the asker
// may ask about.
type principal struct {
	arn  string
	root bool
}

// principal finds a subject. Why says what is wrong with one that is no principal
// here; before that, the asker must be allowed to know.
func (q *inquiry) principal(e entity) (p principal, why string, err error) {
	switch e.kind {
	case typeUser, typeRole, typeRoot, typeAny:
	default:
		return p, "Subjects of the type " + clip(e.kind) + " are not known here: a principal is a user, a role, root, or any of these by the type aws.", nil
	}
	if strings.HasPrefix(e.id, "arn:aws:sts:") {
		return p, "A session is asked about by a request that it signed, with a subject of the type signature: its own policies count too.", nil
	}
	check, found := q.find(e)
	if owner := accountOf(check.Resource); owner != q.caller.Account {
		return p, "", forbidden("Invalid Policy Source Arn: caller's account "+q.caller.Account+" does not have access to policies in account "+clip(owner)+".", nil)
	}
	if err := q.allowed(check); err != nil {
		return p, "", err
	}
	if !found {
		return p, "There is no such subject: " + clip(e.id) + ".", nil
	}
	if len(q.event.About) < 10 {
		q.event.About = append(q.event.About, check.Resource)
	}
	return principal{arn: check.Resource, root: check.Resource == q.account.RootARN()}, "", nil
}

// find looks a subject up by its ARN or unique id, and tells what the asker must
// be allowed: by its tags too where it is asked about by a wrong type, as the asker
// is checked once for each. An id that is none is asked for as if it were a user's
// name, so that only who may know learns that it is none.
func (q *inquiry) find(e entity) (check guard.Check, found bool) {
	check = guard.Check{Action: actionPrincipal, Resource: e.id, Named: clip(e.id)}
	is := func(kind string) bool { return e.kind == kind || e.kind == typeAny }
	a := q.account
	if strings.HasPrefix(e.id, "arn:") {
		if u, ok := a.UserByARN(e.id); ok {
			check.Tags, found = u.Tags, is(typeUser)
		} else if r, ok := a.RoleByARN(e.id); ok {
			check.Tags, found = r.Tags, is(typeRole)
		} else if e.id == a.RootARN() && is(typeRoot) {
			found = true
		}
		return check, found
	}
	if u, ok := a.UserByID(e.id); ok {
		check.Resource, check.Tags = a.UserARN(u), u.Tags
		return check, is(typeUser)
	}
	if r, ok := a.RoleByID(e.id); ok {
		check.Resource, check.Tags = a.RoleARN(r), r.Tags
		return check, is(typeRole)
	}
	if isAccount(e.id) && is(typeRoot) { // the root user's unique id
		check.Resource = "arn:aws:iam::" + e.id + ":root"
		return check, e.id == a.ID
	}
	check.Resource = "arn:aws:iam::" + a.ID + ":user/" + e.id
	return check, false
}

func accountOf(arn string) string {
	part := strings.SplitN(arn, ":", 6)
	if len(part) < 6 {
		return ""
	}
	return part[4]
}

// simulation prepares to ask about a principal. Action and resource of the
// question say what the resource's policy and tags are.
func (q *inquiry) simulation(p principal, asked question) (*guard.Simulation, error) {
	s := guard.NewSimulation(q.account.ID, q.event.Time)
	all := func(guard.Source) bool { return true }
	if p.root {
		s.CalledAsRoot(q.account)
	} else {
		if err := s.Of(q.account, p.arn, all); err != nil {
			return nil, err
		}
		if err := s.CalledAs(q.account, p.arn); err != nil {
			return nil, err
		}
	}
	if err := q.door.deps.Simulate(s, q.account.ID); err != nil {
		return nil, err
	}
	given, err := keys(asked.context, ofPrincipal)
	if err != nil {
		return nil, err
	}
	for _, k := range given {
		s.Set(k.Name, k.Many, k.Values)
	}
	text, has, err := asked.resource.policy()
	if err != nil {
		return nil, err
	}
	if has {
		if err := q.reads(text); err != nil {
			return nil, err
		}
		if err := s.Add(kindOf(asked.action), guard.Input{ID: "ResourcePolicy", Text: text}); err != nil {
			return nil, unusable(err)
		}
	}
	tags, err := asked.resource.tags()
	if err != nil {
		return nil, err
	}
	s.Tagged(asked.action, asked.resource.id, tags)
	return s, nil
}

func unusable(err error) error {
	var bad *guard.Unusable
	if !errors.As(err, &bad) {
		return err
	}
	return badRequest("resource.properties.policy: " + clip(bad.Reason))
}

// simulate asks one question.
func (q *inquiry) simulate(s *guard.Simulation, action string, resource entity) (decision, error) {
	if why := senseless(action, resource.id); why != "" {
		return no(why), nil
	}
	owner, err := resource.owner(s.Account())
	if err != nil {
		return decision{}, err
	}
	on := resource.id
	if knowsNoResources(action) {
		on = "*"
	}
	if on == "*" {
		owner = s.Account()
	}
	work, within := s.Weight(action, on, owner, q.budget)
	if !within {
		return decision{}, tooMuch()
	}
	q.budget -= work
	x := s.Explain(action, on, owner)
	d := decision{Decision: x.Allowed, Context: grounds{Kind: kindOfDecision(x)}}
	led, missing := guard.ToldOf(x)
	q.budget -= statementWork * len(led)
	if d.Context.Missing = missing; !x.Allowed {
		d.Context.Reason = "User: " + s.Caller() + " is not authorized to perform: " + clip(action) + " on resource: " + clip(resource.id) + " " + x.Reason
	}
	for _, m := range led {
		d.Context.Matched = append(d.Context.Matched, statement{
			Policy: m.PolicyID, Type: m.PolicyType, SID: m.SID, Effect: m.Effect, Start: m.Start, End: m.End,
		})
	}
	return d, nil
}

func kindOfDecision(x *policy.Explanation) string {
	switch {
	case x.Allowed:
		return string(policy.ResultAllowed)
	case x.Explicit:
		return string(policy.ResultExplicit)
	}
	return string(policy.ResultImplicit)
}

// statementWork is what a statement in an answer costs, byteWork a byte of a policy
// that comes with a question.
const (
	statementWork = 16 << 10
	byteWork      = 32
)

// reads counts the work of reading a policy.
func (q *inquiry) reads(text string) error {
	work := byteWork * len(text)
	if work > q.budget {
		return tooMuch()
	}
	q.budget -= work
	return nil
}

func tooMuch() error {
	return badRequest("The questions are too much work: ask fewer at a time, or about less.")
}

// servedHere are the services whose actions iamd itself authorizes, on resources
// that the service reference does not list for some of them.
var servedHere = map[string]bool{"iam": true, "sts": true, "organizations": true, "access-analyzer": true}

// knowsNoResources tells whether an action is only ever asked for on "*", as the
// policy simulator takes it.
func knowsNoResources(action string) bool {
	prefix, name, _ := strings.Cut(action, ":")
	service, ok := catalog.Service(prefix)
	if !ok || servedHere[service.Prefix] {
		return false
	}
	info, ok := service.Action(name)
	return ok && len(info.ResourceTypes) == 0
}

// item is an answer among several: an error is one answer's, unless it is ours.
func item(d decision, err error) (decision, error) {
	if err == nil {
		return d, nil
	}
	f := faultOf(err)
	if f.status >= http.StatusInternalServerError {
		return decision{}, err
	}
	return decision{Context: grounds{Reason: f.message, Error: &itemError{f.status, f.message}}}, nil
}

var _ Guard = (*guard.Guard)(nil)
