// The example serves a shop of two pages behind iamd, by the package middleware. It
// calls nobody but iamd, and keeps nothing.
//
//	IAMD_ENDPOINT=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… go run ./examples/middleware
//
// docs/authzen.md says what iamd must know: the API by its host, and the right of
// these keys to ask.
package main

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"iamd/middleware"
)

func main() {
	gate, err := middleware.New(middleware.Config{
		Endpoint:    os.Getenv("IAMD_ENDPOINT"),
		Credentials: middleware.Static(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
		Log:         slog.Default(),
	})
	if err != nil {
		log.Fatal(err)
	}
	shop := &http.Server{Addr: "127.0.0.1:8080", Handler: gate.Handler(pages()), ReadHeaderTimeout: 10 * time.Second}
	log.Print("http://", shop.Addr)
	log.Fatal(shop.ListenAndServe())
}

// pages are the shop's. That a caller may see them at all is decided before.
func pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		caller, _ := middleware.PrincipalFrom(r.Context())
		reply(w, http.StatusOK, fmt.Sprintf("order %q, for %s", r.PathValue("id"), caller.ARN))
	})
	mux.HandleFunc("POST /orders/{id}/refund", func(w http.ResponseWriter, r *http.Request) {
		err := middleware.Authorize(r.Context(), "shop:RefundOrder", "arn:aws:shop:::order/"+r.PathValue("id"))
		var denied *middleware.Denied
		switch {
		case errors.As(err, &denied):
			reply(w, http.StatusForbidden, "You may not refund this order.")
		case err != nil:
			log.Print(err)
			reply(w, http.StatusServiceUnavailable, "Whether you may refund this order cannot be found out.")
		default:
			reply(w, http.StatusOK, "refunded")
		}
	})
	return mux
}

func reply(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = fmt.Fprintln(w, line)
}
