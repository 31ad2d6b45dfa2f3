package api

import (
	"iamd/guard"
	"iamd/wire"
)

// Action is a row of the table: what an AWS action is called, what must be
// allowed before it runs, and what runs.
type Action struct {
	Service string // "iam", "sts", "access-analyzer": the signature's service and the actions' prefix
	Name    string // "CreateUser"
	Write   bool   // changes the caller's account
	// Method and Path are those of an action that is named by them, as restJson's
	// are; empty for one of the query protocol.
	Method, Path string
	// Open marks the actions that AWS lets every authenticated caller use.
	Open bool

	// Unsigned marks the actions whose callers prove who they are by what the
	// request holds; a signature, should there be one, counts for nothing.
	Unsigned bool

	// name is IAMAction's, source the service as CloudTrail has it, op as wire has it.
	name, source string
	op           wire.Op

	issues bool // answers with credentials, which CloudTrail tells of (never the secret)

	org *organized // of Organizations; nil for other services

	in     func() any
	checks func(c *Call, in any) ([]guard.Check, error)
	run    func(a *API, c *Call, in any) (any, error)
	// prepare does what takes long and needs no draft, such as hashing; nil for
	// most actions.
	prepare func(a *API, c *Call, in any) error
	// after runs once a write is durable, such as to tell somebody of it.
	after func(a *API, c *Call, in any) error
	// admit finds out who calls an unsigned action, and in which account.
	admit func(a *API, c *Call, in any) error
}

// IAMAction is the name that policies know the action by.
func (a *Action) IAMAction() string { return a.name }

// checks says what an operation on I needs. It may look entities up in
// c.Account to learn their ARNs and tags; an entity that does not exist is
// asked for by the ARN that it would have, so that a caller without rights
// learns nothing.
type checks[I any] func(c *Call, action string, in *I) ([]guard.Check, error)

// operation is what an action does once it was admitted.
type operation[I, O any] func(a *API, c *Call, in *I) (*O, error)

// read is a row that only looks.
func read[I, O any](name string, need checks[I], run operation[I, O]) Action {
	return row("iam", name, need, run)
}

// write is a row that changes the caller's account through c.Draft.
func write[I, O any](name string, need checks[I], run operation[I, O]) Action {
	r := row("iam", name, need, run)
	r.Write = true
	return r
}

func row[I, O any](service, name string, need checks[I], run operation[I, O]) Action {
	r := Action{Service: service, Name: name, name: service + ":" + name, source: service + ".amazonaws.com", op: wire.OpOf(service, name)}
	r.in = func() any { return new(I) }
	r.checks = func(c *Call, in any) ([]guard.Check, error) { return need(c, r.IAMAction(), in.(*I)) }
	r.run = func(a *API, c *Call, in any) (any, error) {
		out, err := run(a, c, in.(*I))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return r
}

// prepared is a write with a step that runs once, before the account's writer is
// asked, for callers who are admitted as the account is then. What it makes goes
// to c.Prepared; the operation runs on whatever the account has become.
func prepared[I any](r Action, prepare func(a *API, c *Call, in *I) error) Action {
	r.prepare = func(a *API, c *Call, in any) error { return prepare(a, c, in.(*I)) }
	return r
}

// unsigned is a row for callers who have no keys yet: admit verifies what they
// bring, and sets c.Caller and the account that answers, c.Home. It may take
// long; nothing is held meanwhile.
func unsigned[I any](r Action, admit func(a *API, c *Call, in *I) error) Action {
	r.Unsigned = true
	r.admit = func(a *API, c *Call, in any) error { return admit(a, c, in.(*I)) }
	return r
}

// at is a row of the restJson protocol.
func at(method, path string, r Action) Action {
	r.Method, r.Path = method, path
	return r
}

// one is the usual list: a single check.
func one(c guard.Check) ([]guard.Check, error) { return []guard.Check{c}, nil }
