package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"

	"iamd/guard"
	"iamd/iam"
	"iamd/sigv4"
)

// refusal is an answer in API Gateway's words.
type refusal struct {
	status int
	kind   string // the x-amzn-ErrorType header
	text   string
	detail string // a second sentence, where API Gateway's own says too little
	// capital writes "Message", as API Gateway does for denials by policy.
	capital bool
	err     error // for the log
}

func (e *refusal) Error() string { return e.kind + ": " + e.text }

func (e *refusal) Unwrap() error { return e.err }

// Types of refusals, in API Gateway's words where it has some.
const (
	kindBadRequest      = "BadRequestException"
	kindInternal        = "InternalServerErrorException"
	kindSignature       = "InvalidSignatureException"
	kindIncomplete      = "IncompleteSignatureException"
	kindMissing         = "MissingAuthenticationTokenException"
	kindUnrecognized    = "UnrecognizedClientException"
	kindExpired         = "ExpiredTokenException"
	kindDenied          = "AccessDeniedException"
	kindNotFound        = "NotFoundException"
	kindQuota           = "TooManyRequestsException"
	kindTooLarge        = "RequestEntityTooLargeException"
	kindTimeout         = "RequestTimeoutException"
	kindUnavailable     = "ServiceUnavailableException"
	kindLongURI         = "RequestURITooLongException"
	kindHeadersTooLarge = "RequestHeaderFieldsTooLargeException"
)

func badRequest(text string) *refusal {
	return &refusal{status: http.StatusBadRequest, kind: kindBadRequest, text: text}
}

func notFound() *refusal {
	return &refusal{status: http.StatusNotFound, kind: kindNotFound, text: "Not Found",
		detail: "No API answers this host and path."}
}

// unknown is an operation that a backend does not have. API Gateway says of it that
// the signature is missing, as long as one is asked for; the Selling Partner API's
// users know these words.
func unknown(authorization string) *refusal {
	if authorization == AuthorizationIAMLWA {
		return forbidden(kindMissing, "Missing Authentication Token", nil)
	}
	return &refusal{status: http.StatusNotFound, kind: kindNotFound, text: "Not Found"}
}

// internal words a failure of ours; while the store is away, one that passes.
func internal(err error) *refusal {
	if iam.Unavailable(err) {
		return &refusal{status: http.StatusServiceUnavailable, kind: kindUnavailable, text: "Service Unavailable",
			detail: "The caller can't be checked at the moment.", err: err}
	}
	return &refusal{status: http.StatusInternalServerError, kind: kindInternal, text: "Internal server error", err: err}
}

func forbidden(kind, text string, err error) *refusal {
	return &refusal{status: http.StatusForbidden, kind: kind, text: text, err: err}
}

// unspooled words a body that could not be taken in.
func unspooled(err error) *refusal {
	var long *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &long):
		return &refusal{status: http.StatusRequestEntityTooLarge, kind: kindTooLarge, text: "Request Too Long",
			detail: "The body may have " + strconv.FormatInt(long.Limit, 10) + " bytes.", err: err}
	case errors.Is(err, errSpoolFull):
		return &refusal{status: http.StatusServiceUnavailable, kind: kindUnavailable, text: "Service Unavailable",
			detail: "Too many bodies are being received.", err: err}
	case errors.Is(err, errSpoolShare):
		return &refusal{status: http.StatusServiceUnavailable, kind: kindUnavailable, text: "Service Unavailable",
			detail: "Too many bodies are being received from your address.", err: err}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &refusal{status: http.StatusRequestTimeout, kind: kindTimeout, text: "Request Timeout",
			detail: "The body did not arrive in time.", err: err}
	case errors.As(err, new(*os.PathError)):
		return internal(err)
	default:
		return &refusal{status: http.StatusBadRequest, kind: kindBadRequest, text: "The body could not be read.", err: err}
	}
}

// unverified words a caller whom the guard refused.
func unverified(err error) *refusal {
	var no *guard.Refused
	var bad *sigv4.Error
	var rule *iam.Error
	switch {
	case errors.As(err, &rule) && rule.Code == iam.CodeThrottling:
		return &refusal{status: http.StatusTooManyRequests, kind: kindQuota, text: "Too Many Requests", err: err}
	case errors.As(err, &no) && no.Kind == guard.BadToken:
		return forbidden(kindUnrecognized, "The security token included in the request is invalid.", err)
	case errors.As(err, &no) && no.Kind == guard.ExpiredToken:
		return forbidden(kindExpired, "The security token included in the request is expired", err)
	case errors.As(err, &bad):
		return unsigned(bad)
	case errors.As(err, &no):
		return forbidden(kindSignature, no.Message, err)
	default:
		return internal(err)
	}
}

func unsigned(e *sigv4.Error) *refusal {
	switch e.Kind {
	case sigv4.Missing:
		return forbidden(kindMissing, "Missing Authentication Token", e)
	case sigv4.Incomplete:
		return forbidden(kindIncomplete, e.Message, e)
	case sigv4.Malformed:
		return &refusal{status: http.StatusBadRequest, kind: kindBadRequest, text: e.Message, err: e}
	case sigv4.UnknownKey:
		return forbidden(kindUnrecognized, e.Message, e)
	default:
		return forbidden(kindSignature, e.Message, e)
	}
}

// denied words what the guard's Authorize answered.
func denied(err error) *refusal {
	var no *guard.Denied
	if !errors.As(err, &no) {
		return unverified(err)
	}
	r := forbidden(kindDenied, no.Error(), err)
	r.capital = true
	return r
}

// headerMessage carries the encoded authorization message of a known caller's
// denial; API Gateway has no place for one.
const headerMessage = "X-Iamd-Encoded-Authorization-Message"

var (
	errUpstreamTimeout = errors.New("gateway: the upstream did not answer in time")
	errClientGone      = errors.New("gateway: the client went away")
)

// unreached words an upstream that gave no answer; gone is why the request was
// given up, if it was.
func unreached(err, gone error) *refusal {
	var network net.Error
	switch {
	case errors.Is(gone, errUpstreamTimeout),
		gone == nil && (errors.As(err, &network) && network.Timeout() || errors.Is(err, context.DeadlineExceeded)):
		return &refusal{status: http.StatusGatewayTimeout, kind: kindInternal, text: "Endpoint request timed out", err: err}
	case gone != nil:
		return &refusal{kind: kindInternal, text: "the client went away", err: errors.Join(errClientGone, err)}
	default:
		return &refusal{status: http.StatusBadGateway, kind: kindInternal, text: "Internal server error",
			detail: "The upstream of this API could not be reached, or broke off before it answered.", err: err}
	}
}

// write sends the answer, in the words of an API's contract. The connection is
// closed where what is left on it can't be trusted to be a request.
func (e *refusal) write(w http.ResponseWriter, authorization string) {
	text := e.body(authorization)
	h := w.Header()
	if e.kind != kindQuota { // of all refusals, this one is about the rate
		h.Del(headerLimit)
	}
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Errortype", e.kind)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(e.status)
	// A client that does not read its refusal is no concern of ours.
	_, _ = w.Write(text)
}
