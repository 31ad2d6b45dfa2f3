package console

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"iamd/iam"
)

// TestCrossSite: what another site's page makes a browser send is refused by every
// row, before anything is looked at; what is typed, and what programs send, is not.
func TestCrossSite(t *testing.T) {
	f := newFront(t)
	f.c.cfg.PublicURL = func() string { return "https://example.com" }
	for what, c := range map[string]struct {
		headers map[string]string
		good    bool
	}{
		"a program":              {nil, true},
		"the console":            {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, true},
		"the console, by TLS":    {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "https://EXAMPLE.com"}, true},
		"typed":                  {map[string]string{"Sec-Fetch-Site": "none"}, true},
		"another site":           {map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		"another subdomain":      {map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		"another word":           {map[string]string{"Sec-Fetch-Site": "Same-Origin"}, false},
		"another origin":         {map[string]string{"Origin": "http://evil.example"}, false},
		"another port":           {map[string]string{"Origin": "http://example.com:81"}, false},
		"its name in front":      {map[string]string{"Origin": "http://example.com.evil.example"}, false},
		"no origin that is told": {map[string]string{"Origin": "null"}, false},
		"an extension":           {map[string]string{"Origin": "chrome-extension://example.com"}, false},
		"no URL":                 {map[string]string{"Origin": "http://%zz"}, false},
		"both, one foreign":      {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, false},
	} {
		for _, row := range f.c.rows() {
			r := httptest.NewRequest(row.method, prefix+row.path, strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			for name, value := range c.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			f.c.ServeHTTP(w, r)
			refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), `"code":"CrossSiteRequest"`)
			if refused == c.good {
				t.Errorf("%s: %s: %d %s", what, row.path, w.Code, w.Body)
			}
		}
	}
	// Two headers of one name are no way around.
	r := request("signin", []byte("{}"))
	r.Header["Sec-Fetch-Site"] = []string{"same-origin", "cross-site"}
	if got := f.do(r); got.code() != "CrossSiteRequest" {
		t.Errorf("twice: %s", got.text)
	}
}

// TestHeaders: nothing of the door's is kept, framed, sniffed or run, whatever the
// answer.
func TestHeaders(t *testing.T) {
	f := newFront(t)
	want := http.Header{
		"Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}, "X-Frame-Options": {"DENY"}, "Referrer-Policy": {"no-referrer"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"}, "Cross-Origin-Resource-Policy": {"same-origin"},
		"Content-Type": {"application/json"},
	}
	by := f.enter(asBob())
	for what, got := range map[string]answer{
		"signed in": f.post("signin", asBob()), "not": f.post("signin", &signInRequest{}), "unsigned": f.post("renew", nothing{}),
		"renewed": f.signed(by, "renew", nothing{}), "nowhere": f.post("nothing", nothing{}), "about": f.do(page("about")),
		"another method": f.do(page("signin")),
	} {
		if id := got.header.Get("X-Amzn-Requestid"); len(id) != 36 {
			t.Errorf("%s: request id %q", what, id)
		}
		got.header.Del("X-Amzn-Requestid")
		if diff := cmp.Diff(want, got.header); diff != "" || len(got.header["Set-Cookie"]) > 0 {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// TestBadRequests: a body is strict JSON of a known shape, or it is refused.
func TestBadRequests(t *testing.T) {
	f := newFront(t)
	deep := strings.Repeat(`{"credential":`, 1000) + "1" + strings.Repeat("}", 1000)
	const badJSON = "The request body is not the JSON that is asked for."
	for what, c := range map[string]struct {
		body    string
		status  int
		message string
	}{
		"nothing":              {"", 400, badJSON},
		"no object":            {`["type"]`, 400, badJSON},
		"null":                 {`null`, 400, badJSON},
		"no JSON":              {`{"type":"root"`, 400, badJSON},
		"more after it":        {`{"type":"root"}{}`, 400, badJSON},
		"an unknown member":    {`{"type":"root","extra":1}`, 400, badJSON},
		"a member twice":       {`{"type":"root","type":"user"}`, 400, badJSON},
		"in two cases":         {`{"password":"a","Password":"b"}`, 400, badJSON},
		"a wrong type":         {`{"type":1}`, 400, badJSON},
		"no UTF-8":             {"{\"type\":\"\xff\"}", 400, badJSON},
		"deep":                 {`{"passkey":` + deep + `}`, 400, badJSON},
		"deep lists":           {strings.Repeat("[", 30000), 400, badJSON},
		"too long":             {`{"type":"` + strings.Repeat("x", maxBody) + `"}`, 413, "The request body is larger than 64 KB."},
		"no type":              {`{}`, 400, `The type must be "root" or "user".`},
		"another type":         {`{"type":"role"}`, 400, `The type must be "root" or "user".`},
		"no password":          {`{"type":"root","email":"a@b.example"}`, 400, "The name and the password must not be empty."},
		"no name":              {`{"type":"user","account":"corp","password":"x"}`, 400, "The name and the password must not be empty."},
		"a long name":          {`{"type":"user","account":"corp","user":"` + strings.Repeat("é", 129) + `","password":"x"}`, 400, "A name or a password is too long."},
		"a long password":      {`{"type":"user","account":"corp","user":"Bob","password":"` + strings.Repeat("x", 129) + `"}`, 400, "A name or a password is too long."},
		"two second factors":   {`{"type":"user","account":"corp","user":"Bob","password":"x","code":"1","passkey":{"challenge":"","credential":{}}}`, 400, "Either a code or a passkey is the second factor, not both."},
		"an unknown in a part": {`{"type":"user","account":"corp","user":"Bob","password":"x","passkey":{"answer":1}}`, 400, badJSON},
	} {
		got := f.do(request("signin", []byte(c.body)))
		if got.status != c.status || got.member["message"] != c.message {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/plain;application/json"} {
		r := request("signin", []byte("{}"))
		r.Header.Set("Content-Type", kind)
		if got := f.do(r); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", kind, got.status)
		}
	}
	r := request("signin", []byte(`{"type":"x"}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if got := f.do(r); got.code() != "ValidationError" {
		t.Errorf("with a charset: %s", got.text)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"type":"user","account":"corp","user":"Bob","password":"x","passkey":{"challenge":"","credential":{"a":[1,{}]}}}`)
	f.Add(`{"a":{"b":[[]]},"A":1}`)
	f.Fuzz(func(t *testing.T, body string) {
		var in signInRequest
		if decode([]byte(body), &in) == nil && !json.Valid([]byte(body)) {
			t.Errorf("%q is taken", body)
		}
	})
}

func TestAbout(t *testing.T) {
	f := newFront(t)
	about := func() map[string]any {
		return f.do(page("about")).member
	}
	want := map[string]any{"version": "1.2.3", "signUp": false, "publicUrl": "http://127.0.0.1:4566", "gatewayUrl": "", "passkeys": false}
	if diff := cmp.Diff(want, about()); diff != "" {
		t.Error(diff)
	}
	f.c.cfg.SignUp = (&registry{f: f}).signUp
	f.c.cfg.GatewayURL = func() string { return "http://127.0.0.1:4567" }
	want["signUp"], want["gatewayUrl"] = true, "http://127.0.0.1:4567"
	if diff := cmp.Diff(want, about()); diff != "" {
		t.Error(diff)
	}
}

// TestFaultsAreOurs: what fails here is told without detail, and logged.
func TestFaultsAreOurs(t *testing.T) {
	f := newFront(t)
	var log strings.Builder
	f.c.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	w := httptest.NewRecorder()
	f.c.refuse(w, f.call(), errGuess)
	const want = `{"code":"InternalFailure","message":"The request processing has failed because of an unknown error, exception or failure."}`
	if w.Code != http.StatusInternalServerError || w.Body.String() != want || !strings.Contains(log.String(), errGuess.Error()) {
		t.Errorf("%d %s; logged %q", w.Code, w.Body, log.String())
	}
	log.Reset()
	w = httptest.NewRecorder()
	if f.c.refuse(w, f.call(), context.Canceled); w.Code != http.StatusServiceUnavailable || log.Len() > 0 {
		t.Errorf("of who hung up: %d, logged %q", w.Code, log.String())
	}
	if got := refusalOf(&iam.Error{Code: iam.CodeLimitExceeded, Message: "x"}); got.status != http.StatusConflict {
		t.Errorf("a quota: %d", got.status)
	}
}
