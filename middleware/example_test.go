package middleware_test

import (
	"errors"
	"fmt"
	"net/http"

	"iamd/middleware"
)

// A program puts its handlers behind a Gate, and asks about finer things as it
// serves.
func Example() {
	gate, err := middleware.New(middleware.Config{
		Endpoint:    "http://127.0.0.1:4566",
		Credentials: middleware.Static("AKIAIOSFODNN7EXAMPLE", "the program's own secret", ""),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	refund := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := middleware.PrincipalFrom(r.Context())
		err := middleware.Ask(r.Context(), middleware.Question{
			Action: "shop:RefundOrder", Resource: "arn:aws:shop:::order/1", Tags: map[string]string{"state": "paid"},
		})
		var denied *middleware.Denied
		switch {
		case errors.As(err, &denied):
			http.Error(w, "not yours to refund", http.StatusForbidden)
		case err != nil:
			http.Error(w, "ask again later", http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, "refunded for", caller.ARN)
		}
	})
	mux := http.NewServeMux()
	mux.Handle("POST /orders/1/refund", gate.Handler(refund))
	fmt.Println(http.ListenAndServe("127.0.0.1:8080", mux))
}
