package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"

	"iamd/lwa"
)

// Backend answers in this process, in place of an upstream.
type Backend interface {
	// Handler gets what an upstream would, as an upstream would.
	http.Handler
	// Operation tells which operation a request asks for, by its path below the API's
	// prefix as it is on the wire; false for one that there is not.
	Operation(method, path string) (Operation, bool)
}

// Operation is one of an API's operations.
type Operation struct {
	Name string // such as "getOrders"
	// Path is the template that it stands at: those of several documents may share a
	// name.
	Path string
	// Rate is how many requests a second an application may send on average, and
	// Burst how many at once; zero: any number.
	Rate  float64
	Burst int
}

// Applications tells which application sends a call, by its Login with Amazon
// access token; *lwa.Service does.
type Applications interface {
	// Admit fails with *lwa.Refused, or with another error when it could not be
	// found out.
	Admit(ctx context.Context, call lwa.Call) (*lwa.Admission, error)
}

// dispatch lets the API's backend answer. It gets the request as an upstream
// would, but for the Host, which is the client's: names tell sandboxes apart.
func (g *Gateway) dispatch(c *call, w *recorder, r *http.Request) (err error) {
	in := r.WithContext(r.Context())
	in.URL = &url.URL{Path: c.target.path, RawPath: c.target.raw, RawQuery: withoutCredentials(r.URL.RawQuery)}
	in.RequestURI = in.URL.RequestURI()
	in.Header = c.outgoing(r)
	in.Body, in.ContentLength = c.body.reader(), c.body.size
	in.Trailer, in.TransferEncoding = nil, nil
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if fault == http.ErrAbortHandler {
			panic(fault)
		}
		g.deps.Log.Error("gateway: a backend failed", "request", c.id, "action", action, "account", c.caller.AccountID(), "api", c.route.ID, "panic", fault, "stack", string(debug.Stack()))
		if w.status != 0 {
			panic(http.ErrAbortHandler) // what began can't be taken back
		}
		clear(w.Header())
		w.Header().Set(headerAnswered, c.id)
		err = internal(fmt.Errorf("gateway: a backend failed: %v", fault))
	}()
	c.route.Backend.ServeHTTP(w, in)
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return nil
}
