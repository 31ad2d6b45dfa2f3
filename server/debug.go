package server

import (
	"net/http"
	"net/http/pprof"
)

// debugAdmin serves Go's profiles, below /debug/pprof/, as `go tool pprof` asks for
// them. They tell how the program runs and nothing that it keeps, and asking costs
// time: so the operator alone may.
func debugAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
