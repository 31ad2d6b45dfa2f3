package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// upstream is the orders API that the gateway guards. It trusts the gateway
// for who calls, and keeps what it was asked last.
type upstream struct {
	url    string
	server *http.Server
	mu     sync.Mutex
	calls  int
	last   http.Header
}

func newUpstream() (*upstream, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{url: "http://" + l.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/v0/orders", func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.calls, u.last = u.calls+1, r.Header.Clone()
		u.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		// A client that has gone hears no answer.
		_, _ = io.WriteString(w, `{"payload":{"Orders":[{"AmazonOrderId":"902-1845936-5435065","OrderStatus":"Unshipped"}]}}`+"\n")
	})
	u.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = u.server.Serve(l) }() // ends with close
	return u, nil
}

func (u *upstream) close() { _ = u.server.Shutdown(context.Background()) }

// saw is how many calls came through, and the headers of the last one.
func (u *upstream) saw() (int, http.Header) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls, u.last
}
