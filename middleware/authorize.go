package middleware

import (
	"context"
	"errors"
)

// Question is what a handler asks about its caller.
type Question struct {
	Action   string // of IAM's form, such as "shop:RefundOrder"
	Resource string // an ARN in the account that owns the API, or "*"
	// Tags are the resource's, for aws:ResourceTag/KEY.
	Tags map[string]string
	// Keys are the action's own condition keys, such as shop:OrderValue: strings,
	// numbers, booleans or lists of these. What iamd knows of the caller and of the
	// request itself can't be given.
	Keys map[string]any
	// Policy is the resource's own, in JSON; "" if it has none.
	Policy string
}

// Denied is the answer no.
type Denied struct {
	Reason string // in AWS's words; not for the caller's eyes unless it may know
}

func (e *Denied) Error() string { return "denied: " + e.Reason }

// ErrNotAdmitted says that a context is not from a Handler's request, so that nobody
// knows who asks.
var ErrNotAdmitted = errors.New("middleware: the context is not of a request that a Gate let in")

// Authorize asks whether the caller of the request that a handler serves may do an
// action on a resource; nil says yes. It fails with *Denied, or with another error
// when there is no answer, which is no yes. The caller's signature is verified again,
// so that its session's own policies count; it holds for five minutes.
func Authorize(ctx context.Context, action, resource string) error {
	return Ask(ctx, Question{Action: action, Resource: resource})
}

// Ask is Authorize with all that a question may have.
func Ask(ctx context.Context, q Question) error {
	in, ok := ctx.Value(contextKey{}).(*admitted)
	if !ok {
		return ErrNotAdmitted
	}
	on := resource{Type: "resource", ID: q.Resource, Properties: map[string]any{}}
	if len(q.Tags) > 0 {
		on.Properties["tags"] = q.Tags
	}
	if q.Policy != "" {
		on.Properties["policy"] = q.Policy
	}
	d, err := in.gate.ask(ctx, in.subject, q.Action, on, q.Keys)
	switch {
	case err != nil:
		return err
	case !d.Decision:
		return &Denied{d.Context.Reason}
	case d.Context.Principal != in.principal.ARN || d.Context.UserID != in.principal.UserID:
		return errors.New("middleware: iamd answered about somebody else")
	}
	return nil
}
