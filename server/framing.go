package server

import "net/http"

// framed ends the connection after a request whose body came in chunks. Such a
// request may have had a Content-Length too, of which net/http, going by the chunks
// as it must, leaves no trace; a proxy in front that went by the length would take
// what follows on the connection for part of another request than we do.
// https://datatracker.ietf.org/doc/html/rfc9112#section-6.3
func framed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}
