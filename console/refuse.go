package console

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"iamd/guard"
	"iamd/iam"
)

// refusal is what the person is told: AWS's code where it has one.
type refusal struct {
	status        int
	code, message string
}

func (e *refusal) Error() string { return e.code + ": " + e.message }

// wrong is the one answer to everybody who did not sign in, whatever was wrong.
func wrong() error {
	return &refusal{http.StatusUnauthorized, "AuthenticationFailed", "Your authentication information is incorrect. Please try again."}
}

func tooManyTries() error {
	return &refusal{http.StatusTooManyRequests, "TooManyTries", "There were too many attempts. Please wait a few minutes, and try again."}
}

func badInput(message string) error {
	return &refusal{http.StatusBadRequest, "ValidationError", message}
}

// statuses turns AWS's error codes into HTTP statuses; what is not here is the
// client's fault, 400.
var statuses = map[string]int{
	iam.CodeAccessDenied:                  http.StatusForbidden,
	iam.CodeInvalidAuthenticationCode:     http.StatusForbidden,
	iam.CodeNoSuchEntity:                  http.StatusNotFound,
	iam.CodeEntityAlreadyExists:           http.StatusConflict,
	iam.CodeLimitExceeded:                 http.StatusConflict,
	iam.CodeConcurrentModification:        http.StatusConflict,
	iam.CodeEntityTemporarilyUnmodifiable: http.StatusConflict,
	iam.CodeThrottling:                    http.StatusTooManyRequests,

	"InvalidClientTokenId":       http.StatusForbidden,
	"ExpiredToken":               http.StatusForbidden,
	"SignatureDoesNotMatch":      http.StatusForbidden,
	"MissingAuthenticationToken": http.StatusForbidden,
	"IncompleteSignature":        http.StatusForbidden,
}

// refusalOf turns any error into what the caller is told.
func refusalOf(err error) *refusal {
	var (
		own     *refusal
		denied  *guard.Denied
		refused *guard.Refused
		rule    *iam.Error
	)
	with := func(code, message string) *refusal {
		status, ok := statuses[code]
		if !ok {
			status = http.StatusBadRequest
		}
		return &refusal{status, code, message}
	}
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &denied):
		return with(iam.CodeAccessDenied, denied.Error())
	case errors.As(err, &refused):
		return with(refused.Code, refused.Message)
	case errors.As(err, &rule):
		return with(rule.Code, rule.Message)
	case iam.Unavailable(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &refusal{http.StatusServiceUnavailable, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."}
	default:
		return &refusal{http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure."}
	}
}

// refuse writes the answer of a call that failed, and the log's line when the
// failure is ours. It gives the code.
func (c *Console) refuse(w http.ResponseWriter, k *call, err error) string {
	told := refusalOf(err)
	// Of callers who hung up nothing is logged: strangers could fill the log. That the
	// store is away the server tells once.
	if told.status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		level := slog.LevelError
		if iam.Unavailable(err) {
			level = slog.LevelDebug
		}
		c.cfg.Log.Log(context.Background(), level, "console call failed", "request", k.ID, "action", k.Request.URL.Path, "account", k.Caller.AccountID(), "error", err)
	}
	body, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{told.code, told.message})
	if err != nil {
		panic("console: two texts are no JSON: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(told.status)
	// A client that has gone hears no answer.
	_, _ = w.Write(body)
	return told.code
}

// messageHeader carries the encoded authorization message of a denial, as in the
// answers of the AWS APIs.
const messageHeader = "X-Iamd-Encoded-Authorization-Message"

// explain keeps the trace of a denial, under the call's request id, and gives its
// encoded message to who may decode it. Other failures have neither.
func (c *Console) explain(k *call, by *guard.Caller, w http.ResponseWriter, action string, err error) {
	t := c.cfg.Guard.Trace(by, k.ID, action, err)
	if t == nil {
		return
	}
	if w != nil {
		w.Header().Set(messageHeader, c.cfg.Guard.Message(t))
	}
	c.cfg.Audit.Keep(by.Account, k.ID, k.Time, t.Pack)
}
