package spapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"iamd/guard"
	"iamd/iam"
	"iamd/lwa"
)

// refusal is what a caller of a row is told, in the words of AWS's JSON services.
type refusal struct {
	status        int
	code, message string
}

func (e *refusal) Error() string { return e.code + ": " + e.message }

func invalid(message string) error {
	return &refusal{http.StatusBadRequest, lwa.CodeValidation, message}
}

func nowhere() error {
	return &refusal{http.StatusNotFound, "UnknownOperationException", "The requested operation is not recognized by the service."}
}

// unread words a body that could not be taken in.
func unread(err error) error {
	if errors.Is(err, errLong) {
		return &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The request body may have " + strconv.Itoa(maxBody) + " bytes."}
	}
	return invalid("The request body could not be read.")
}

// quoted is a client's word in an answer, and not all of a long one.
func quoted(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most]
	}
	return strconv.Quote(s)
}

// signatureCodes are the codes of refusals of callers, in the query protocol's
// words and in those of AWS's JSON services.
var signatureCodes = map[string]string{
	"MissingAuthenticationToken": "MissingAuthenticationTokenException",
	"IncompleteSignature":        "IncompleteSignatureException",
	"SignatureDoesNotMatch":      "InvalidSignatureException",
	"InvalidClientTokenId":       "UnrecognizedClientException",
	"ExpiredToken":               "ExpiredTokenException",
	iam.CodeAccessDenied:         "AccessDeniedException",
}

// statuses are those of the rules' codes; what is not here is 400.
var statuses = map[string]int{
	lwa.CodeNotFound:   http.StatusNotFound,
	lwa.CodeQuota:      http.StatusPaymentRequired, // as AWS's services have it
	lwa.CodeThrottling: http.StatusTooManyRequests,
}

// refusalOf turns any error into what the caller is told.
func refusalOf(err error) *refusal {
	var (
		own    *refusal
		denied *guard.Denied
		caller *guard.Refused
		rule   *iam.Error
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &denied):
		return &refusal{http.StatusForbidden, "AccessDeniedException", denied.Error()}
	case errors.As(err, &caller):
		if code, ok := signatureCodes[caller.Code]; ok {
			return &refusal{http.StatusForbidden, code, caller.Message}
		}
		return &refusal{http.StatusBadRequest, caller.Code, caller.Message}
	case errors.As(err, &rule):
		if code, ok := signatureCodes[rule.Code]; ok { // the guard's own rules about sessions
			return &refusal{http.StatusForbidden, code, rule.Message}
		}
		if rule.Code == iam.CodeThrottling { // the server's own rates; rules have the JSON services' word
			return &refusal{http.StatusTooManyRequests, lwa.CodeThrottling, rule.Message}
		}
		status, ok := statuses[rule.Code]
		if !ok {
			status = http.StatusBadRequest
		}
		return &refusal{status, rule.Code, rule.Message}
	case iam.Unavailable(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &refusal{http.StatusServiceUnavailable, "ServiceUnavailableException", "The request has failed due to a temporary failure of the server."}
	default:
		return &refusal{http.StatusInternalServerError, "InternalServerException", "The request processing has failed because of an unknown error, exception or failure."}
	}
}

// refuse writes the answer of a call that failed, and the log's line when the
// failure is ours. It gives the code.
func (d *Door) refuse(w http.ResponseWriter, k *call, err error) string {
	told := refusalOf(err)
	// Of callers who hung up nothing is logged: strangers could fill the log. That the
	// store is away the server tells once.
	if told.status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		level := slog.LevelError
		if iam.Unavailable(err) {
			level = slog.LevelDebug
		}
		d.cfg.Log.Log(context.Background(), level, "application call failed", "request", k.ID, "action", k.Request.URL.Path, "account", k.Caller.AccountID(), "error", err)
	}
	w.Header().Set("X-Amzn-Errortype", told.code)
	answer(w, told.status, struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{told.code, told.message})
	return told.code
}
