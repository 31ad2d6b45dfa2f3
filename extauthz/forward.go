package extauthz

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"iamd/gateway"
)

// ForwardConfig is what the forward-auth door needs.
type ForwardConfig struct {
	Ask    Asker
	Origin Origin
	// Trusted tells whether a request comes from one of trusted_proxies. Nobody
	// else may ask: what they tell of a request could be anything.
	Trusted func(*http.Request) bool
	// Bodies says how the door learns of bodies: from X-Iamd-Body if empty, or
	// because the proxy sends them along (ForwardedBodies).
	Bodies string
	// MaxBody is how many bytes of a body are taken; zero: 10 MiB.
	MaxBody int64
	// DenialStatus is the status of every refusal, for proxies that know only some;
	// zero: each has its own.
	DenialStatus int
	// Presigned says that the proxy passes on the target that X-Iamd-Uri names, which
	// is without the parameters of a presigned URL. Otherwise presigned URLs are
	// refused: the upstream would see their credentials.
	Presigned bool
	Log       *slog.Logger
}

// Headers of the door's answers.
const (
	headerReason = "X-Iamd-Reason" // the refusal's JSON, in ASCII
	headerStatus = "X-Iamd-Status" // the status that the client should get
	headerURI    = "X-Iamd-Uri"    // the target without credentials, as it was decided
)

// maxReason bounds X-Iamd-Reason, in bytes: many a proxy gives all headers of an
// answer no more than 4 KB.
const maxReason = 2048

// Forward answers for requests that a proxy tells of in headers: 200 with who
// calls, or the refusal. It answers under every path.
type Forward struct {
	cfg      ForwardConfig
	buffered chan struct{} // turns for bodies of unknown length
}

// NewForward makes the door.
func NewForward(cfg ForwardConfig) (*Forward, error) {
	switch {
	case cfg.Ask == nil || cfg.Origin == nil || cfg.Trusted == nil:
		return nil, errors.New("extauthz: Ask, Origin and Trusted are required")
	case cfg.Bodies != "" && cfg.Bodies != ForwardedBodies:
		return nil, fmt.Errorf("forward_auth: bodies %q is unknown: write %s, or leave it out and send %s", cfg.Bodies, ForwardedBodies, headerBody)
	case cfg.DenialStatus != 0 && (cfg.DenialStatus < 400 || cfg.DenialStatus > 599):
		return nil, fmt.Errorf("forward_auth: denial_status %d refuses nothing: write 403, or leave it out", cfg.DenialStatus)
	}
	cfg.MaxBody = cmp.Or(cfg.MaxBody, defaultMaxBody)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Forward{cfg: cfg, buffered: make(chan struct{}, maxBuffered)}, nil
}

// ServeHTTP answers for one request.
func (f *Forward) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 {
		select {
		case f.buffered <- struct{}{}:
			defer func() { <-f.buffered }()
		case <-r.Context().Done():
			return
		}
	}
	asked, no := f.asked(w, r)
	if no != nil {
		level := slog.LevelDebug
		if no.status >= 500 {
			level = slog.LevelWarn
		}
		f.cfg.Log.Log(r.Context(), level, "extauthz: the proxy's request refused",
			"status", no.status, "reason", no.message, "proxy", r.RemoteAddr)
		f.refuse(w, no.answer())
		return
	}
	answer := f.cfg.Ask.Ask(r.Context(), asked)
	if !answer.Allowed {
		f.refuse(w, answer)
		return
	}
	h := w.Header()
	for name, values := range answer.Set {
		h[name] = values
	}
	kept, _ := presigned(asked.Request.RequestURI)
	h.Set(headerURI, kept)
	h.Set("X-Amzn-Requestid", answer.RequestID)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// refuse answers so that no proxy takes it for a yes: what the gateway answers by
// itself with a status below 400 becomes 403 here, with its own status in
// X-Iamd-Status.
func (f *Forward) refuse(w http.ResponseWriter, answer gateway.Answer) {
	h := w.Header()
	for name, values := range answer.Header {
		h[name] = values
	}
	if answer.RequestID != "" {
		h.Set("X-Amzn-Requestid", answer.RequestID)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(answer.Text)))
	h.Set(headerStatus, strconv.Itoa(answer.Status))
	h.Set(headerReason, reason(answer.Text))
	status := answer.Status
	switch {
	case f.cfg.DenialStatus != 0:
		status = f.cfg.DenialStatus
	case status < 400 || status > 599:
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
	// A proxy that does not read the refusal is no concern of ours.
	_, _ = w.Write(answer.Text)
}

// reason makes a header's value of a refusal's JSON. All but ASCII is escaped as
// JSON does it, and control characters can't be in JSON.
func reason(text []byte) string {
	var b strings.Builder
	for _, c := range string(text) {
		switch {
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		case c < 0x7f:
			b.WriteByte(byte(c))
		case c > 0xffff:
			c -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+c>>10, 0xdc00+c&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
		if b.Len() > maxReason {
			return `{"message":"The reason is too long for a header: see the body of the answer, or the log."}`
		}
	}
	return b.String()
}
