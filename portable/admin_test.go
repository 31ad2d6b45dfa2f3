package portable_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"iamd/server"
)

// TestAdmin: both ways through the operator's socket.
func TestAdmin(t *testing.T) {
	w := begin(t, first, newRing())
	admin := httptest.NewServer(w.Admin())
	t.Cleanup(admin.Close)
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r := took[*http.Request](t)(http.NewRequestWithContext(t.Context(), method, admin.URL+path, strings.NewReader(body)))
		res := took[*http.Response](t)(http.DefaultClient.Do(r))
		defer res.Body.Close()
		return res.StatusCode, string(took[[]byte](t)(io.ReadAll(res.Body)))
	}
	brings := func(path, body string) (answer server.ImportAnswer) {
		t.Helper()
		status, text := ask(http.MethodPost, path, body)
		if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		return answer
	}
	if a := brings("/import?dry-run=true", recorded(t)); a.Error != "" || !a.DryRun || len(a.Accounts) != 1 {
		t.Errorf("a dry run: %+v", a)
	}
	if a := brings("/import?dry-run=false", recorded(t)); a.Error != "" || a.Accounts[0].SecretAccessKey == "" {
		t.Errorf("brought %+v", a)
	}
	// A file that is refused at its beginning is read to its end all the same.
	if a := brings("/import?dry-run=false", `"x"`+strings.Repeat(" ", 8<<20)); !strings.Contains(a.Error, "neither an export") || len(a.Accounts) != 0 {
		t.Errorf("no file: %+v", a)
	}
	status, text := ask(http.MethodGet, "/export?account="+real, "")
	if want := w.export(t, server.ExportOptions{Account: real}); status != http.StatusOK || text != want {
		t.Errorf("the export: %d %.100s", status, text)
	}
	for path, method := range map[string]string{"/export?account=999999999999": http.MethodGet, "/export?account=x": http.MethodGet, "/import": http.MethodPost} {
		if status, text := ask(method, path, ""); status != http.StatusBadRequest || !strings.Contains(text, `"message"`) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}
