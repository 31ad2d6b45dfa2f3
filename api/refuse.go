package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"iamd/guard"
	"iamd/iam"
	"iamd/wire"
)

// statuses turns AWS's error codes into HTTP statuses; what is not here is the
// client's fault, 400.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
var statuses = map[string]int{
	iam.CodeNoSuchEntity:           http.StatusNotFound,
	iam.CodeEntityAlreadyExists:    http.StatusConflict,
	iam.CodeLimitExceeded:          http.StatusConflict,
	iam.CodeDeleteConflict:         http.StatusConflict,
	iam.CodeDuplicateCertificate:   http.StatusConflict,
	iam.CodeConcurrentModification: http.StatusConflict,
	iam.CodeNameConflict:           http.StatusConflict,
	iam.CodeRoleModified:           http.StatusConflict,
	iam.CodeAccessDenied:           http.StatusForbidden,
	iam.CodeReportNotPresent:       http.StatusGone,
	iam.CodeReportGenerationLimit:  http.StatusConflict,
	iam.CodeServiceFailure:         http.StatusInternalServerError,

	iam.CodeInvalidAuthenticationCode:     http.StatusForbidden,
	iam.CodeEntityTemporarilyUnmodifiable: http.StatusConflict,
	iam.CodeIDPRejectedClaim:              http.StatusForbidden,

	iam.CodeFeatureEnabled:             http.StatusConflict,
	iam.CodeFeatureDisabled:            http.StatusNotFound,
	iam.CodeOutboundFederationDisabled: http.StatusForbidden,
	iam.CodeSessionDurationEscalation:  http.StatusForbidden,

	"InvalidClientTokenId":       http.StatusForbidden,
	"ExpiredToken":               http.StatusForbidden,
	"SignatureDoesNotMatch":      http.StatusForbidden,
	"MissingAuthenticationToken": http.StatusForbidden,
	"IncompleteSignature":        http.StatusForbidden,
	"ServiceUnavailable":         http.StatusServiceUnavailable,
	wire.CodeInternal:            http.StatusInternalServerError,
}

// refusalOf turns any error into what the caller is told: AWS's code and text,
// or InternalFailure with no detail.
func refusalOf(err error) *wire.Error {
	var (
		own     *wire.Error
		rule    *iam.Error
		refused *guard.Refused
		denied  *guard.Denied
	)
	if taken, ok := iam.TakenDelegation(err); ok {
		return withStatus(taken.Code, taken.Message)
	}
	if taken, ok := iam.TakenAlias(err); ok {
		return withStatus(taken.Code, taken.Message)
	}
	switch {
	case errors.As(err, &own) && own.Code != wire.CodeInternal:
		return own
	case errors.As(err, &denied):
		return withStatus(iam.CodeAccessDenied, denied.Error())
	case errors.As(err, &refused):
		return withStatus(refused.Code, refused.Message)
	case errors.As(err, &rule):
		e := withStatus(rule.Code, rule.Message)
		e.Reason = rule.Reason
		return e
	case iam.Unavailable(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return withStatus("ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
	default:
		return withStatus(wire.CodeInternal, "The request processing has failed because of an unknown error, exception or failure.")
	}
}

func withStatus(code, message string) *wire.Error {
	status, ok := statuses[code]
	if !ok {
		status = http.StatusBadRequest
	}
	return &wire.Error{Code: code, Message: message, Status: status}
}

// refuse writes the answer of a call that failed, and the log's line when the
// failure is ours, and not the caller's who went. It gives AWS's error code.
func (a *API) refuse(out *answer, err error) string {
	refusal := hidden(out.service, refusalOf(err), err)
	// Of callers who hung up nothing is logged: strangers could fill the log. That the
	// store is away the server tells once.
	if refusal.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		level := slog.LevelError
		if iam.Unavailable(err) {
			level = slog.LevelDebug
		}
		a.cfg.Log.Log(context.Background(), level, "call failed", "request", out.id, "action", out.action, "account", out.account, "error", err)
	}
	if out.status = refusal.Status; refusal.Code == iam.CodeThrottling {
		if _, ok := out.protocol.(*rest); ok {
			out.status = http.StatusTooManyRequests // Access Analyzer's, unlike the other services'
		}
	}
	body, code := out.protocol.refuse(out.service, out.id, refusal)
	out.body = body
	return code
}

// messageHeader carries the encoded authorization message. AWS has it in the
// texts of some services' errors, and IAM is none of them.
const messageHeader = "X-Iamd-Encoded-Authorization-Message"

// explain keeps the trace of a denial, under the call's request id, and gives
// its encoded message. Other failures have neither.
func (a *API) explain(c *Call, action *Action, err error) (message string) {
	t := a.cfg.Guard.Trace(c.Caller, c.ID, action.IAMAction(), err)
	if t == nil {
		return ""
	}
	message = a.cfg.Guard.Message(t)
	a.cfg.Audit.Keep(c.Home, c.ID, c.Time, t.Pack)
	return message
}
