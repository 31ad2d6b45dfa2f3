package gateway

import (
	"context"
	"net/http"

	"iamd/lwa"
)

// Backend answers in this process, in place of an upstream.
type Backend interface {
	// Handler gets what an upstream would, as an upstream would.
	http.Handler
	// Operation tells which operation a request asks for, below the API's prefix;
	// false for one that there is not.
	Operation(method, path string) (Operation, bool)
}

// Operation is one of an API's operations.
type Operation struct {
	Name string // such as "getOrders"
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
