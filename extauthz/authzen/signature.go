package authzen

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"iamd/gateway"
	"iamd/guard"
	"iamd/policy"
)

// typeSignature is the type of a subject that is known by a request that it signed.
// Its id says nothing; its properties are the request, as whoever asks received it.
const typeSignature = "signature"

// actionInvoke is what every request at an API is asked for.
const actionInvoke = "execute-api:Invoke"

// verdict is what becomes of a request that the asker holds.
type verdict struct {
	Principal string `json:"principal_arn,omitempty"`
	Account   string `json:"account,omitempty"`
	UserID    string `json:"user_id,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Resource  string `json:"resource,omitempty"` // the API's, that was asked for
	// Status, Headers and Body are the answer to the request, when it is not passed
	// on.
	Status  int         `json:"status,omitempty"`
	Headers http.Header `json:"headers,omitempty"`
	Body    string      `json:"body,omitempty"`
	// Set are headers of a request that is passed on that take the place of the
	// client's; Remove are the client's that go no further.
	Set    http.Header `json:"set_headers,omitempty"`
	Remove []string    `json:"remove_headers,omitempty"`
}

// signed answers for the caller of a request. The gateway verifies the request and
// decides whether it may be made at all; if that is all that is asked, the answer
// is the gateway's. Otherwise the guard decides the action that is asked about, for
// the caller as it was verified.
func (q *inquiry) signed(asked question) (decision, error) {
	held, err := readRequest(asked.subject.properties)
	if err != nil {
		return decision{}, err
	}
	gate := q.door.deps.Gateway()
	if gate == nil {
		return decision{}, badRequest("No API is configured here (gateway.apis), so no request can be judged.")
	}
	held.From.Time, held.From.UserAgent, held.From.Referer = q.event.Time, held.Request.UserAgent(), held.Request.Referer()
	if api := gate.Find(held.Request); api != nil {
		check := guard.Check{
			Action: actionRequest, Account: api.Account,
			Resource: "arn:aws:execute-api:" + api.Region + ":" + api.Account + ":" + api.ID + "/" + api.Stage,
		}
		if err := q.allowed(check); err != nil {
			return decision{}, err
		}
	}
	a := gate.Ask(q.ctx, held)
	out := decision{Decision: a.Allowed, Context: grounds{verdict: &verdict{RequestID: a.RequestID, Resource: a.Resource}}}
	v := out.Context.verdict
	if c := a.Caller; c != nil && !isAnonymous(c) {
		v.Principal, v.Account, v.UserID = c.ARN, c.Account, c.UserID
	}
	if !a.Allowed {
		v.Status, v.Headers, v.Body = a.Status, a.Header, string(a.Text)
		out.Context.Reason = "The request is refused: " + strconv.Itoa(a.Status) + " " + a.Header.Get("X-Amzn-Errortype") + "."
		return out, nil
	}
	if policy.FoldKey(asked.action) == policy.FoldKey(actionInvoke) && itself(asked.resource.id, a.Resource) {
		v.Status, v.Set, v.Remove = a.Status, a.Set, a.Remove
		return out, nil
	}
	if a.API == nil || a.Caller == nil { // allowed, and nobody knows what or whom
		return no("Nobody was verified."), nil
	}
	return q.further(out, a, asked)
}

// itself tells whether the resource that is asked about is the request's own.
func itself(asked, own string) bool { return asked == "" || asked == "*" || asked == own }

// further decides an action beyond the request itself, for its caller. The resource
// must be of the account that owns the API: whoever holds a request may not find
// out what else its caller may do elsewhere.
func (q *inquiry) further(out decision, a gateway.Answer, asked question) (decision, error) {
	refuse := func(err error) (decision, error) {
		var denied *guard.Denied
		if !errors.As(err, &denied) {
			return decision{}, err
		}
		out.Decision, out.Context.Reason = false, denied.Error()
		return out, nil
	}
	if why := senseless(asked.action, asked.resource.id); why != "" {
		out.Decision, out.Context.Reason = false, why
		return out, nil
	}
	owner, err := asked.resource.owner(a.API.Account)
	if err != nil {
		return decision{}, err
	}
	if owner != a.API.Account {
		return decision{}, forbidden("The resource is of another account than the API "+a.API.ID+", whose request this is.", nil)
	}
	check := guard.Check{Action: asked.action, Resource: asked.resource.id, Account: owner}
	if check.Tags, err = asked.resource.tags(); err != nil {
		return decision{}, err
	}
	if check.Keys, err = keys(asked.context, ofRequest(asked.action)); err != nil {
		return decision{}, err
	}
	text, has, err := asked.resource.policy()
	if err != nil {
		return decision{}, err
	}
	if has {
		if err := q.reads(text); err != nil {
			return decision{}, err
		}
		own, err := guard.Attach(kindOf(asked.action), guard.Input{ID: "ResourcePolicy", Text: text})
		if err != nil {
			return decision{}, unusable(err)
		}
		if kindOf(asked.action) == policy.Trust {
			check.Trust, check.HasTrust = []policy.Attached{own}, true
		} else {
			check.Policies = []policy.Attached{own}
		}
	}
	if isAnonymous(a.Caller) {
		if err := q.door.deps.Guard.Authorize(a.Caller, nil, check); err != nil {
			return refuse(err)
		}
		return out, nil
	}
	account, err := q.door.deps.Account(q.ctx, a.Caller.Account)
	if err != nil {
		return decision{}, err
	}
	if err := q.door.deps.Guard.Authorize(a.Caller, account, check); err != nil {
		return refuse(err)
	}
	return out, nil
}

const within = "subject.properties."

// readRequest makes the request that the asker holds of its description.
func readRequest(o object) (held gateway.Asked, err error) {
	texts := map[string]string{}
	for _, name := range []string{"method", "scheme", "host", "target", "body_sha256"} {
		if texts[name], err = o.text(within, name, true); err != nil {
			return held, err
		}
	}
	if texts["scheme"] != "http" && texts["scheme"] != "https" {
		return held, badRequest(within + "scheme must be http or https.")
	}
	held.From.Secure = texts["scheme"] == "https"
	if held.From.SourceIP, err = o.text(within, "source_ip", false); err != nil {
		return held, err
	}
	if ip := held.From.SourceIP; ip != "" {
		a, err := netip.ParseAddr(ip)
		if err != nil || a.Zone() != "" {
			return held, badRequest(within + "source_ip must be an IP address.")
		}
		held.From.SourceIP = a.Unmap().String()
	}
	hash := texts["body_sha256"]
	if len(hash) != hex.EncodedLen(sha256.Size) {
		return held, badRequest(within + "body_sha256 must be 64 hexadecimal digits.")
	}
	if _, err := hex.Decode(held.Hash[:], []byte(hash)); err != nil {
		return held, badRequest(within + "body_sha256 must be 64 hexadecimal digits.")
	}
	held.Body = gateway.BodyHashed
	header, err := readHeaders(o)
	if err != nil {
		return held, err
	}
	target := texts["target"]
	at, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
		return held, badRequest(within + "target must be a path, and a query string if there is one.")
	}
	length, err := bodyLength(header, held.Hash)
	if err != nil {
		return held, err
	}
	held.Request = &http.Request{
		Method: texts["method"], URL: at, RequestURI: target, Host: texts["host"], Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: length,
	}
	return held, nil
}

// readHeaders reads headers: an object of lists of strings. The host is no header
// here.
func readHeaders(o object) (http.Header, error) {
	fields, err := o.object("headers")
	if err != nil || fields == nil {
		return nil, badRequest(within + "headers must be an object of lists of strings.")
	}
	h := make(http.Header, len(fields))
	for name, v := range fields {
		list, ok := v.([]any)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !ok:
			return nil, badRequest(within + "headers must be an object of lists of strings.")
		case !isToken(name):
			return nil, badRequest(within + "headers has a name that is none of a header.")
		case canonical == "Host" || h[canonical] != nil:
			return nil, badRequest(within + "headers has " + canonical + " twice: once in each spelling, or beside host.")
		}
		values := make([]string, 0, len(list))
		for _, v := range list {
			text, ok := v.(string)
			if !ok || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return nil, badRequest(within + "headers must be an object of lists of strings without control characters.")
			}
			values = append(values, text)
		}
		h[canonical] = values
	}
	return h, nil
}

// isToken tells whether a text can be a header's name.
// https://datatracker.ietf.org/doc/html/rfc9110#section-5.6.2
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// bodyLength is how long the body was, by the request's own header; -1 for one of
// unknown length.
func bodyLength(h http.Header, hash [32]byte) (int64, error) {
	said := h["Content-Length"]
	switch {
	case len(said) == 0 && hash == sha256.Sum256(nil):
		return 0, nil
	case len(said) == 0:
		return -1, nil
	}
	n, err := strconv.ParseUint(said[0], 10, 63)
	if err != nil || len(said) > 1 {
		return 0, badRequest(within + "headers has a Content-Length that is none.")
	}
	return int64(n), nil
}

var _ Gateway = (*gateway.Gateway)(nil)
