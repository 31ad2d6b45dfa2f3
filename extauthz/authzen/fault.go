package authzen

import (
	"errors"
	"net/http"

	"iamd/guard"
	"iamd/iam"
)

// fault is a question that can't be answered, by HTTP's statuses. Of one among
// several its answer tells, and the others are answered.
type fault struct {
	status  int
	message string
	err     error // for the log, and for a trace
}

func (e *fault) Error() string { return e.message }

func (e *fault) Unwrap() error { return e.err }

func badRequest(message string) *fault {
	return &fault{status: http.StatusBadRequest, message: message}
}

func forbidden(message string, err error) *fault {
	return &fault{status: http.StatusForbidden, message: message, err: err}
}

// faultOf words any error.
func faultOf(err error) *fault {
	var (
		f    *fault
		no   *guard.Refused
		rule *iam.Error
	)
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &no):
		return &fault{status: http.StatusUnauthorized, message: no.Error(), err: err}
	case errors.As(err, &rule) && rule.Code == iam.CodeThrottling:
		return &fault{status: http.StatusTooManyRequests, message: rule.Message, err: err}
	case errors.As(err, &rule):
		return forbidden(rule.Message, err)
	}
	return &fault{status: http.StatusInternalServerError, message: "The question could not be answered: see the log.", err: err}
}
