package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
)

// exchange is a call and its answer.
type exchange struct {
	asked  []byte
	status int
	kind   string // Content-Type
	answer []byte
}

// recorded runs a command before the server, and keeps what it asked and was
// answered.
func (p *prompt) recorded(what typed) (calls []exchange, out printed, err error) {
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		again := r.Clone(r.Context())
		again.RequestURI = ""
		again.URL = must[*url.URL](p.t)(url.Parse(p.url + r.URL.RequestURI()))
		again.Body = io.NopCloser(bytes.NewReader(body)) // Host stays, for it is signed
		answer, err := http.DefaultTransport.RoundTrip(again)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadGateway)
			return
		}
		call := exchange{body, answer.StatusCode, answer.Header.Get("Content-Type"), text}
		calls = append(calls, call)
		call.write(rw)
	}))
	defer front.Close()
	what.Endpoint = front.URL
	out, err = p.node.run(what)
	return calls, out, err
}

func (e exchange) write(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", e.kind)
	rw.WriteHeader(e.status)
	_, _ = rw.Write(e.answer) // who asked may have gone
}

// again answers as was answered before, call by call, whoever asks.
func again(calls []exchange) (url string, asked func() [][]byte, stop func()) {
	var mu sync.Mutex
	var bodies [][]byte
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if n := len(bodies); err == nil && n < len(calls) {
			bodies = append(bodies, body)
			calls[n].write(rw)
			return
		}
		http.Error(rw, "there is no more", http.StatusTeapot)
	}))
	return front.URL, func() [][]byte { mu.Lock(); defer mu.Unlock(); return bodies }, front.Close
}
