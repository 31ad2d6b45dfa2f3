package guard

import (
	"sync"

	"iamd/iam"
	"iamd/policy"
)

// question is what the policy engine is asked about one check, and its memory.
type question struct {
	setting
	check   Check
	context policy.Context
	request policy.Request
}

// questions are kept, so that a call that is allowed allocates none. Each is
// empty.
var questions = sync.Pool{New: func() any { return new(question) }}

// ask asks for a check in place of the one before. The condition keys are set
// when a policy asks for one.
func (q *question) ask(check *Check) {
	q.check = *check
	q.context.Reset()
	q.context.From(q)
	r := &q.request
	r.Principal, r.Action, r.Resource, r.ResourceAccount, r.Context = q.caller.Principal, check.Action, check.Resource, check.Account, &q.context
}

// Fill sets the condition keys.
func (q *question) Fill(ctx *policy.Context) { q.fill(ctx, &q.check) }

// denied is the denial of what was asked. It keeps the question: a trace is made
// of it.
func (q *question) denied(d policy.Decision, p *policy.Policies, account *iam.Account) *Denied {
	q.context.Filled() // whoever reads a denial changes nothing of it
	return &Denied{
		Caller: q.caller, Check: q.check, Decision: d, question: q, policies: *p,
		text: documentOf(d, q.caller, account, &q.check, p),
	}
}

// release gives the memory back, and with it nothing of the call.
func (q *question) release() {
	q.context.Reset()
	q.setting, q.check, q.request = setting{}, Check{}, policy.Request{}
	questions.Put(q)
}
