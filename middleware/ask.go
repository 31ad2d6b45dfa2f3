package middleware

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"iamd/sigv4"
)

// service is what questions are signed for.
const service = "authzen"

// actionInvoke asks whether a request may be made at all.
const actionInvoke = "execute-api:Invoke"

// maxAnswer is the most that iamd may answer, in bytes.
const maxAnswer = 1 << 20

// subject describes a request to iamd: who signed it is the subject of questions.
type subject struct {
	Type       string     `json:"type"`
	ID         string     `json:"id"`
	Properties properties `json:"properties"`
}

type properties struct {
	Method  string      `json:"method"`
	Scheme  string      `json:"scheme"`
	Host    string      `json:"host"`
	Target  string      `json:"target"`
	Headers http.Header `json:"headers"`
	Hash    string      `json:"body_sha256"`
	IP      string      `json:"source_ip,omitempty"`
}

type resource struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Properties map[string]any `json:"properties,omitempty"`
}

type question struct {
	Subject  subject           `json:"subject"`
	Action   map[string]string `json:"action"`
	Resource resource          `json:"resource"`
	Context  map[string]any    `json:"context,omitempty"`
}

// decision is iamd's answer.
type decision struct {
	Decision bool    `json:"decision"`
	Context  grounds `json:"context"`
}

type grounds struct {
	Reason    string      `json:"reason"`
	Principal string      `json:"principal_arn"`
	Account   string      `json:"account"`
	UserID    string      `json:"user_id"`
	RequestID string      `json:"request_id"`
	Status    int         `json:"status"`
	Headers   http.Header `json:"headers"`
	Body      string      `json:"body"`
	Set       http.Header `json:"set_headers"`
	Remove    []string    `json:"remove_headers"`
}

// describe describes a request whose body had this hash.
func (g *Gate) describe(r *http.Request, hash [32]byte) subject {
	p := properties{
		Method: r.Method, Scheme: "http", Host: r.Host, Target: r.RequestURI, Headers: r.Header.Clone(),
		Hash: hex.EncodeToString(hash[:]), IP: g.cfg.SourceIP(r),
	}
	if p.Headers == nil {
		p.Headers = http.Header{}
	}
	if p.Target == "" { // not from a server's connection
		p.Target = r.URL.RequestURI()
	}
	if g.cfg.Secure(r) {
		p.Scheme = "https"
	}
	return subject{Type: "signature", Properties: p}
}

// ask puts one question to iamd. An error says that there is no answer, and then
// nobody is let in.
func (g *Gate) ask(ctx context.Context, s subject, action string, on resource, keys map[string]any) (decision, error) {
	var d decision
	text, err := json.Marshal(question{s, map[string]string{"name": action}, on, keys})
	if err != nil {
		return d, fmt.Errorf("middleware: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, g.cfg.Timeout)
	defer cancel()
	cred, err := g.cfg.Credentials(ctx)
	if err != nil {
		return d, fmt.Errorf("middleware: credentials: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.endpoint, bytes.NewReader(text))
	if err != nil {
		return d, fmt.Errorf("middleware: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	opt := sigv4.Options{Service: service, Region: g.cfg.Region, DoubleEncode: true, NormalizePath: true}
	if err := sigv4.Sign(r, sha256.Sum256(text), cred, g.cfg.Now(), opt); err != nil {
		return d, fmt.Errorf("middleware: %w", err)
	}
	resp, err := g.cfg.Client.Do(r)
	if err != nil {
		return d, fmt.Errorf("middleware: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what matters of it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return d, fmt.Errorf("middleware: iamd's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return d, fmt.Errorf("middleware: iamd answers %s: %s", resp.Status, clip(string(body)))
	}
	if media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || media != "application/json" || len(body) > maxAnswer {
		return d, errors.New("middleware: what answers at Endpoint is not iamd")
	}
	var answered struct {
		Decision *bool   `json:"decision"`
		Context  grounds `json:"context"`
	}
	if err := json.Unmarshal(body, &answered); err != nil {
		return d, fmt.Errorf("middleware: iamd's answer: %w", err)
	}
	if answered.Decision == nil {
		return d, errors.New("middleware: iamd's answer has no decision")
	}
	return decision{*answered.Decision, answered.Context}, nil
}

// refuse answers a request as iamd says.
func (a *grounds) refuse(w http.ResponseWriter) {
	if a.Status < 200 || a.Status > 599 {
		refuse(w, http.StatusForbidden, "AccessDeniedException", "Forbidden")
		return
	}
	for name, values := range a.Headers {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.Header().Del("Content-Length") // the body's own is what counts
	w.WriteHeader(a.Status)
	// A client that does not read its refusal is no concern of ours.
	_, _ = io.WriteString(w, a.Body)
}

func clip(s string) string {
	const most = 512
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
