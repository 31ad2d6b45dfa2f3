package gateway

import "net/http"

// Find tells which API a request asks for, by its host and target alone; nil when
// it is none, or when the request is malformed. It verifies and records nothing.
func (g *Gateway) Find(r *http.Request) *API {
	c := new(call)
	if err := g.locate(c, r); err != nil {
		return nil
	}
	return c.event.API
}
