package sink

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// MaxBatch is the most events of a request.
const MaxBatch = 10_000

const (
	defaultTimeout = 10 * time.Second
	maxAnswer      = 64 << 10 // of an endpoint's answer that is read, in bytes
)

// endpoint posts to a URL.
type endpoint struct {
	cfg    HTTP
	shown  string // the URL without what may be secret in it: as webhooks have it, the path too
	client *http.Client
}

// newEndpoint checks what can be checked without a request.
func newEndpoint(cfg HTTP) (name string, _ Destination, err error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil: // whose text would repeat the URL, and a secret in it
		return "", nil, errors.New("audit: the URL of an http sink cannot be read")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "":
		return "", nil, errors.New("audit: the URL of an http sink begins with http:// or https:// and has a host")
	case u.User != nil:
		return "", nil, errors.New("audit: the URL of an http sink has a user name in it: secrets are in the headers_file")
	case u.Fragment != "":
		return "", nil, errors.New("audit: the URL of an http sink has a fragment, which is never sent")
	case cfg.Batch < 0 || cfg.Batch > MaxBatch:
		return "", nil, fmt.Errorf("audit: batch is %d: it goes from 1 to %d", cfg.Batch, MaxBatch)
	case cfg.Timeout < 0:
		return "", nil, fmt.Errorf("audit: timeout is %s", cfg.Timeout)
	}
	if _, err := readHeaders(cfg.HeadersFile); err != nil {
		return "", nil, err
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultTimeout)
	e := &endpoint{cfg: cfg, shown: u.Scheme + "://" + u.Host}
	transport := cfg.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxResponseHeaderBytes = maxAnswer
		transport = own
	}
	// Where events go is the configuration's to say, and nobody else's.
	e.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return "http " + e.shown, e, nil
}

// Write posts events in one request. Only a status of 200 to 299 is a success.
func (e *endpoint) Write(ctx context.Context, events [][]byte) (err error) {
	headers, err := readHeaders(e.cfg.HeadersFile)
	if err != nil {
		return err
	}
	body, err := e.body(events)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("audit: %s: the request cannot be made", e.shown)
	}
	r.Header = headers
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "iamd")
	if e.cfg.Gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := e.client.Do(r)
	if err != nil {
		var told *url.Error // its text has the whole URL
		if errors.As(err, &told) {
			err = told.Err
		}
		return fmt.Errorf("audit: %s: %w", e.shown, err)
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	// Read, so that the connection serves again; what it says is nobody's business.
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return fmt.Errorf("audit: %s: %w", e.shown, err)
	}
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return nil
	case answer.StatusCode == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("audit: %s: %w", e.shown, ErrTooLarge)
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return fmt.Errorf("audit: %s answers with status %d: redirects are not followed", e.shown, answer.StatusCode)
	}
	return fmt.Errorf("audit: %s answers with status %d", e.shown, answer.StatusCode)
}

// body is CloudTrail's form of many events.
func (e *endpoint) body(events [][]byte) ([]byte, error) {
	var b bytes.Buffer
	var to io.Writer = &b
	var z *gzip.Writer
	if e.cfg.Gzip {
		z = gzip.NewWriter(&b)
		to = z
	}
	text := append([]byte(`{"Records":[`), bytes.Join(events, []byte{','})...)
	if _, err := to.Write(append(text, ']', '}')); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if z != nil {
		if err := z.Close(); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
	}
	return b.Bytes(), nil
}

// Close lets go of connections.
func (e *endpoint) Close() error {
	e.client.CloseIdleConnections()
	return nil
}
