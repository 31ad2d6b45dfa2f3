package gateway

import (
	"bufio"
	"net"
	"net/http"
	"time"

	"iamd/guard"
)

// Event is what became of one request.
type Event struct {
	RequestID string
	Time      time.Time // when it came in
	Duration  time.Duration
	From      guard.Origin

	// API is nil when no API answers the request's host and path.
	API      *API
	Method   string
	Host     string
	Path     string // as on the wire, without the query; "" when it was refused as malformed
	Resource string // the ARN that was asked for

	// Caller is nil until the signature was verified; the anonymous caller for
	// an API without authorization.
	Caller *guard.Caller
	// Application is the client id of the application that called, SellingPartner
	// for whom, Operation what it asked of a Backend; empty where there is none.
	Application, SellingPartner, Operation string

	Allowed bool
	// ErrorType and Message are what a refusal said; empty for what the
	// upstream answered.
	ErrorType, Message string
	Trace              *guard.Trace // of a denial by policies, or of a known caller; nil otherwise
	Status             int          // 101 for a WebSocket, 0 when the client went away
	BytesIn            int64
}

// recorder remembers the status of an answer, and sees to its CORS headers.
type recorder struct {
	http.ResponseWriter
	status    int
	sharing   *sharing
	origin    string
	preflight bool
}

// share tells which API answers.
func (w *recorder) share(by *route, r *http.Request) {
	if by == nil || by.sharing == nil {
		return
	}
	w.sharing, w.preflight = by.sharing, by.sharing.asked(r)
	w.origin, _ = only(r.Header, "Origin")
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
		if w.sharing != nil {
			w.sharing.apply(w.Header(), w.origin, w.preflight)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins an answer that nobody began.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// FlushError begins an answer that nobody began.
func (w *recorder) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over to a WebSocket.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
