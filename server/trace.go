package server

import (
	"context"
	"errors"

	"iamd/guard"
	"iamd/iam"
	"iamd/store"
)

// Trace is why a call was denied, and what it is made of.
type (
	Trace           = guard.Trace
	TracedCaller    = guard.TracedCaller
	TracedKey       = guard.TracedKey
	TracedType      = guard.TracedType
	TracedStatement = guard.TracedStatement
)

// Trace explains the denial with a request id. NoSuchEntity when there is none.
func (s *Server) Trace(ctx context.Context, requestID string) (*Trace, error) {
	packed, err := s.audit.Trace(ctx, requestID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &iam.Error{Code: iam.CodeNoSuchEntity, Err: err, Message: "No denial with the request id " + requestID + " is known. " +
			"Kept are the newest 10,000 of each account, for 90 days, and of a flood of denials some; a call that was allowed, or whose caller was not known, has no trace."}
	}
	if err != nil {
		return nil, err
	}
	return guard.UnpackTrace(packed)
}
