package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"

	"iamd/guard"
	"iamd/sigv4"
)

// Body says what a door knows of a request's body.
type Body uint8

// Bodies, as another proxy tells of them.
const (
	// BodyUntold: nobody said whether there is one. Such a request is refused.
	BodyUntold Body = iota
	// BodyNone: the proxy says that there is none.
	BodyNone
	// BodyWhole: the request's Body is all of it.
	BodyWhole
	// BodyUnseen: there is one, and the proxy keeps it to itself.
	BodyUnseen
	// BodyHashed: who asks has read all of it, and vouches that Hash is its SHA-256.
	BodyHashed
)

// Asked is a request that another proxy holds, and passes on if it may.
type Asked struct {
	// Request has the client's method, target (RequestURI too), Host and headers.
	// It was not read from a connection: its Body is what the proxy sent along.
	Request *http.Request
	Body    Body
	Hash    [32]byte // of a body that is BodyHashed
	From    guard.Origin
}

// Answer is what becomes of a request that another proxy holds.
type Answer struct {
	RequestID string
	Allowed   bool
	// Status, Header and Text are the refusal, in API Gateway's words; when the
	// request is allowed Status is 200 and the rest is empty.
	Status int
	Header http.Header
	Text   []byte
	// Set are headers that tell the upstream who calls, in place of whatever the
	// client sent under these names; Remove are those of the request that must go
	// no further.
	Set    http.Header
	Remove []string
	// API and Resource are what was asked for; nil and "" if it is none.
	API      *API
	Resource string
	// Caller is who was verified; nil where nobody was, the anonymous caller for an
	// API without authorization.
	Caller *guard.Caller
}

// Ask verifies and decides a request that somebody else passes on, and records it
// as ServeHTTP does.
func (g *Gateway) Ask(ctx context.Context, asked Asked) Answer {
	r := asked.Request.WithContext(ctx)
	c, out := g.begin(r, asked.From), &answerWriter{header: http.Header{}}
	w := &recorder{ResponseWriter: out}
	defer g.done(ctx, c, w)
	if err := g.judge(c, w, r, asked); err != nil {
		g.refuse(c, w, r, err)
		out.header.Del("Connection") // it is not ours to close
		return Answer{
			RequestID: c.id, Status: out.status, Header: out.header, Text: out.text.Bytes(),
			API: c.event.API, Resource: c.event.Resource, Caller: c.caller,
		}
	}
	c.event.Allowed, w.status = true, http.StatusOK
	set, removed := c.handed(r.Header)
	return Answer{
		RequestID: c.id, Allowed: true, Status: http.StatusOK, Set: set, Remove: removed,
		API: c.event.API, Resource: c.event.Resource, Caller: c.caller,
	}
}

// judge is the way of a request whose body is not taken in.
func (g *Gateway) judge(c *call, w *recorder, r *http.Request, asked Asked) error {
	err := g.locate(c, r)
	// Preflights are for whoever serves the page's requests to answer: the proxy.
	w.share(c.route, r)
	w.preflight = false
	if err != nil {
		return err
	}
	if err := g.claimed(c, r); err != nil {
		return err
	}
	hash, err := g.hashOf(c, r, asked)
	if err != nil {
		return err
	}
	return g.admit(c, r, hash)
}

// hashOf is the hash of the body, or, where the operator has accepted that bodies
// are not checked, what the request says that it is: its signature covers that.
func (g *Gateway) hashOf(c *call, r *http.Request, asked Asked) (hash [32]byte, err error) {
	switch asked.Body {
	case BodyNone:
		return emptyHash, nil
	case BodyWhole:
		return g.hashed(r.Body)
	case BodyUnseen:
		return c.route.unchecked(r)
	case BodyHashed:
		return asked.Hash, nil
	}
	return hash, &refusal{
		status: http.StatusInternalServerError, kind: kindInternal, text: "Internal server error",
		detail: "The proxy in front does not tell whether the request has a body.", err: errors.New("gateway: the proxy does not tell of bodies: see examples"),
	}
}

func (g *Gateway) hashed(body io.Reader) (hash [32]byte, err error) {
	if body == nil {
		return emptyHash, nil
	}
	digest := sha256.New()
	if _, err := io.Copy(digest, http.MaxBytesReader(nil, io.NopCloser(body), g.spool.max)); err != nil {
		return hash, unspooled(err)
	}
	digest.Sum(hash[:0])
	return hash, nil
}

// unchecked takes the declared hash of a body that nobody here has seen.
func (r *route) unchecked(asked *http.Request) (hash [32]byte, err error) {
	if !r.AcceptUncheckedBodies {
		return hash, &refusal{
			status: http.StatusForbidden, kind: kindSignature, text: "The body of the request cannot be verified here.",
			detail: "The proxy in front keeps bodies to itself, and this API does not accept unchecked ones (accept_unchecked_bodies).",
		}
	}
	if !signs(r.Authorization) {
		return emptyHash, nil // nothing is signed, so nothing is checked
	}
	// Elsewhere it may be there unsigned, as it is compared with the body.
	sig, err := sigv4.Parse(asked)
	if err != nil {
		return hash, unverified(err)
	}
	declared := asked.Header.Values("X-Amz-Content-Sha256")
	if sig.Covers("x-amz-content-sha256") && len(declared) == 1 && len(declared[0]) == hex.EncodedLen(len(hash)) {
		if _, err := hex.Decode(hash[:], []byte(declared[0])); err == nil && hash != emptyHash {
			return hash, nil
		}
	}
	return hash, &refusal{
		status: http.StatusForbidden, kind: kindSignature, text: "The body of the request cannot be verified here.",
		detail: "A request with a body must have the body's SHA-256 in a signed X-Amz-Content-Sha256 header.",
	}
}

// handed are the headers that the upstream gets from us, and those of the client
// that it must not get.
func (c *call) handed(client http.Header) (set http.Header, removed []string) {
	set = http.Header{}
	for _, f := range c.told(nil) {
		set[f.Name] = []string{f.Value}
	}
	kept := client.Clone()
	clean(kept, c.route.Authorization)
	for name := range client {
		if _, stays := kept[name]; !stays && set.Get(name) == "" {
			removed = append(removed, name)
		}
	}
	return set, removed
}

// answerWriter keeps a refusal for whoever asked.
type answerWriter struct {
	status int
	header http.Header
	text   bytes.Buffer
}

func (w *answerWriter) Header() http.Header { return w.header }

func (w *answerWriter) WriteHeader(status int) { w.status = status }

func (w *answerWriter) Write(p []byte) (int, error) { return w.text.Write(p) }
