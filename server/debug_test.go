package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iamd/server"
)

// TestProfilesAreTheOperators: profiles come by the operator's socket, and by no
// other door.
func TestProfilesAreTheOperators(t *testing.T) {
	s, err := server.New(t.Context(), server.Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	get := func(h http.Handler, path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://iamd"+path, nil))
		body, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.Code, string(body)
	}
	for path, want := range map[string]string{
		"/debug/pprof/heap?gc=1&debug=1":   "# HeapAlloc = ",
		"/debug/pprof/goroutine?debug=1":   "goroutine profile: total ",
		"/debug/pprof/profile?seconds=100": "",
	} {
		if want != "" {
			if status, text := get(s.Admin(), path); status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("%s: %d %.200s", path, status, text)
			}
		}
		if status, text := get(s.Handler(), path); status == http.StatusOK {
			t.Errorf("%s at the API's door: %.200s", path, text)
		}
	}
}
