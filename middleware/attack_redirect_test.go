package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"iamd/middleware"
)

// TestNobodyAnswersForIamd: whoever is where a redirect leads does not say who comes
// in, nor learns of the request, whichever client asks.
func TestNobodyAnswersForIamd(t *testing.T) {
	asked := 0
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"decision":true,"context":{"principal_arn":"arn:aws:iam::111122223333:root"}}`))
	}))
	defer liar.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		away := httptest.NewServer(http.RedirectHandler(liar.URL, status))
		own := &http.Client{}
		w := newWorld(t, func(c *middleware.Config) { c.Endpoint, c.Client = away.URL, own })
		served := false
		w.served = func(http.ResponseWriter, *http.Request) { served = true }
		if got, _, body := w.call(t, "ann", "GET", "/orders", "", nil); got != http.StatusServiceUnavailable || served || asked > 0 || own.CheckRedirect != nil {
			t.Errorf("%d: %d %s, served %v", status, got, body, served)
		}
		away.Close()
	}
}
