package guard

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"iamd/iam"
	"iamd/policy"
)

// Trace is why one call was denied: what was asked, by whom, under which
// condition keys, and what each policy said to it. It holds no secret, no
// session token and nothing of a body but what condition keys tell of it.
type Trace struct {
	RequestID string       `json:"requestId"`
	Time      time.Time    `json:"time"`
	Principal TracedCaller `json:"principal"`
	Action    string       `json:"action"`
	// Resource is empty when the call was denied before a resource was looked at.
	Resource        string `json:"resource,omitempty"`
	ResourceAccount string `json:"resourceAccount,omitempty"`
	CrossAccount    bool   `json:"crossAccount"`
	Message         string `json:"message"` // what the caller was told
	Reason          string `json:"reason"`  // what settled it, in words
	Explicit        bool   `json:"explicitDeny"`
	// DecidedBy, Policy and Statement say which kind of policy settled it, and
	// for an explicit deny which statement, counted from 0. DecidedBy is empty
	// where policies had no say, Statement -1 where no statement settled it.
	DecidedBy string `json:"decidedBy,omitempty"`
	Policy    string `json:"policy,omitempty"`
	Statement int    `json:"statement"`
	// Types are the kinds of policy that apply, in the order they are looked at.
	Types []TracedType `json:"types,omitempty"`
	// Missing are the condition keys that statements asked for and the request
	// lacks.
	Missing []string    `json:"missingContextKeys,omitempty"`
	Context []TracedKey `json:"context"`
	// Omitted says, in words, what was left out.
	Omitted []string `json:"omitted,omitempty"`

	// What else is known of a denial by policies; nothing in a trace that was
	// unpacked.
	denied *Denied
	named  string // the resource, as the caller was told
}

// anonymous is what callers are called who did not sign.
const anonymous = "anonymous"

// Holder is the account whose history the trace is part of: the caller's or, of
// one who has none, that of the resource.
func (t *Trace) Holder() string {
	if t.Principal.Account == "" {
		return t.ResourceAccount
	}
	return t.Principal.Account
}

// TracedCaller is who called.
type TracedCaller struct {
	ARN         string `json:"arn"` // or "anonymous"
	ID          string `json:"id"`  // aws:userid
	UniqueID    string `json:"uniqueId"`
	Name        string `json:"name,omitempty"` // of a user
	Account     string `json:"account"`
	AccessKeyID string `json:"accessKeyId"`
}

// TracedType is what one kind of policy says.
type TracedType struct {
	Type       string            `json:"type"`
	Level      int               `json:"level,omitempty"` // of service and resource control policies; 0 is the root
	Result     string            `json:"result"`          // allowed, explicitDeny, implicitDeny
	Overridden bool              `json:"overridden,omitempty"`
	Statements []TracedStatement `json:"statements"`
}

// TracedStatement is one statement, and what settled whether it applies.
type TracedStatement struct {
	Policy  string `json:"policy"`
	Index   int    `json:"statement"` // from 0; -1: the policy as a whole
	Line    int    `json:"line,omitempty"`
	SID     string `json:"sid,omitempty"`
	Effect  string `json:"effect"`
	Applies bool   `json:"applies"`
	// Element is the first one that does not fit, or that could not be evaluated.
	Element string `json:"element,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// TracedKey is a condition key of the request and its values.
type TracedKey struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Bounds of a trace.
const (
	// maxTraceWork is the most that explaining a denial may cost, in steps of a
	// nanosecond or two; beyond it the trace names the statement that decided.
	maxTraceWork = 1 << 20
	// maxTraceStatements are those that a trace tells of.
	maxTraceStatements = 400
	// maxTraceText bounds each text in it that strangers choose, in bytes.
	maxTraceText = 1024
)

// Trace tells why a caller was denied by err, which Authorize, Open or an
// operation answered. It is nil when err is no denial, and for whoever did not
// come as far as a decision: who can't be verified writes no history. What the
// policies say costs more than the rest, and is added by Pack, for traces that
// are kept.
func (g *Guard) Trace(c *Caller, requestID, action string, err error) *Trace {
	if c == nil {
		return nil
	}
	var (
		denied  *Denied
		refused *Refused
		rule    *iam.Error
	)
	t := &Trace{
		RequestID: requestID, Time: c.Time.UTC(), Action: action, Statement: -1,
		Principal: TracedCaller{ARN: c.ARN, ID: c.UserID, UniqueID: c.UniqueID, Name: c.UserName, Account: c.Account, AccessKeyID: c.KeyID},
	}
	switch {
	case c.Kind == policy.Anonymous:
		t.Principal = TracedCaller{ARN: anonymous, ID: anonymous, UniqueID: anonymous}
	case c.isFederated():
		t.Principal.ARN, t.Principal.ID, t.Principal.UniqueID, t.Principal.Name = c.Federated, clip(c.UserID), clip(c.UserID), clip(c.UserName)
	}
	if c.Account == "" {
		if !errors.As(err, &denied) || denied.Check.owner(c) == "" {
			return nil
		}
	}
	switch {
	case errors.As(err, &denied):
		t.decided(denied)
		return t
	case errors.As(err, &refused):
		t.Message, t.Reason = refused.Message, "Refused before any policy was looked at."
		if refused.Err != nil {
			t.Reason = "Refused before any policy was looked at: " + refused.Err.Error() + "."
		}
	case errors.As(err, &rule) && rule.Code == iam.CodeAccessDenied:
		t.Message, t.Reason = rule.Message, "Refused by a rule that no policy can change: "+rule.Message
	default:
		return nil
	}
	var ctx policy.Context
	s := setting{caller: c}
	s.fill(&ctx, &Check{Action: action})
	ctx.Delete("aws:resourceaccount") // of a resource nobody looked at
	t.keys(&ctx)
	return t
}

// decided tells what policies decided.
func (t *Trace) decided(e *Denied) {
	d := e.Decision
	t.Action, t.Resource, t.ResourceAccount = e.Check.Action, clip(e.Check.Resource), e.Check.owner(e.Caller)
	t.CrossAccount = t.ResourceAccount != e.Caller.Account
	t.Message, t.Reason = clip(e.Error()), e.reason()
	t.Explicit, t.DecidedBy, t.Policy, t.Statement, t.denied = d.Explicit, d.Type.String(), d.Policy, d.Statement, e
	t.named = e.Check.named()
	t.keys(&e.question.context)
}

// explained is a copy of the trace with what the policies say.
func (t *Trace) explained() *Trace {
	full := *t
	if full.Context = slices.Clone(t.Context); t.denied == nil {
		return &full
	}
	full.denied = nil
	request, policies := &t.denied.question.request, &t.denied.policies
	if _, within := policies.Work(request, maxTraceWork); !within {
		full.omit("What else the policies say: there is too much of them to explain it.")
		return &full
	}
	x := policy.Explain(request, policies)
	full.Missing = x.MissingContextKeys
	for i := range x.Types {
		full.Types = append(full.Types, traced(&x.Types[i]))
	}
	full.fit(maxTraceStatements)
	return &full
}

func traced(x *policy.TypeExplanation) TracedType {
	t := TracedType{
		Type: x.Type.String(), Level: x.Level, Result: string(x.Result), Overridden: x.Overridden,
		Statements: make([]TracedStatement, len(x.Statements)),
	}
	for i := range x.Statements {
		s := &x.Statements[i]
		t.Statements[i] = TracedStatement{
			Policy: s.PolicyID, Index: s.Index, Line: s.Start.Line, SID: s.SID, Effect: s.Effect,
			Applies: s.Matched, Element: s.Element, Detail: clip(s.Detail),
		}
	}
	return t
}

// reason is what settled the decision, in words.
func (e *Denied) reason() string {
	d, kind := e.Decision, e.Decision.Type.String()
	switch {
	case d.Explicit && d.Statement < 0:
		return fmt.Sprintf("The %s %s can't be read, and what can't be read denies.", kind, d.Policy)
	case d.Explicit:
		return fmt.Sprintf("Statement %d of the %s %s denies it.", d.Statement+1, kind, d.Policy)
	}
	if levels := e.levels(d.Type); levels != nil {
		if i := failing(&e.question.request, d.Type, levels); i >= 0 {
			return fmt.Sprintf("None of the statements of the %s at %s allows it (policies: %d).", kind, levelName(i, len(levels)), len(levels[i]))
		}
	}
	switch list, applies := e.attached(d.Type); {
	case len(list) > 0:
		return fmt.Sprintf("None of the statements of the %s allows it (policies: %d).", kind, len(list))
	case applies:
		return fmt.Sprintf("A %s applies that is gone or has no statements, and so allows nothing.", kind)
	default:
		return fmt.Sprintf("There is no %s, and so nothing allows it.", kind)
	}
}

// levels are the policies of a kind that has levels, from the root to the
// account.
func (e *Denied) levels(k policy.Kind) [][]policy.Attached {
	switch k {
	case policy.SCP:
		return e.policies.SCPs
	case policy.RCP:
		return e.policies.RCPs
	}
	return nil
}

// attached are the policies of a kind; applies says that the kind has a say even
// without any.
func (e *Denied) attached(k policy.Kind) (list []policy.Attached, applies bool) {
	p := &e.policies
	switch k {
	case policy.Identity:
		return p.Identity, false
	case policy.Boundary:
		return p.Boundary, p.HasBoundary
	case policy.Session:
		return p.Session, p.HasSession
	case policy.Resource:
		return p.Resource, false
	case policy.Trust:
		return p.Trust, false
	}
	return nil, true
}

func (t *Trace) keys(ctx *policy.Context) {
	names := ctx.Keys()
	t.Context = make([]TracedKey, 0, len(names))
	for _, name := range names {
		values, _, _ := ctx.Get(name)
		k := TracedKey{Key: spell(name), Values: make([]string, len(values))}
		for i, v := range values {
			k.Values[i] = clip(v)
		}
		t.Context = append(t.Context, k)
	}
}

func (t *Trace) omit(what string) { t.Omitted = append(t.Omitted, what) }

// clip shortens what a stranger chose.
func clip(s string) string {
	if len(s) > maxTraceText {
		return strings.ToValidUTF8(s[:maxTraceText], "") + "…"
	}
	return s
}
