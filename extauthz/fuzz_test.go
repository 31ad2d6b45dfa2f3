package extauthz_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"golang.org/x/net/http/httpguts"
	"google.golang.org/protobuf/proto"

	"iamd/extauthz"
	"iamd/gateway"
)

// passes lets everything through that becomes a request, and looks at that.
type passes struct{ t *testing.T }

func (p *passes) Ask(_ context.Context, asked gateway.Asked) gateway.Answer {
	r := asked.Request
	switch {
	case r.URL == nil || r.URL.Host != "" || !strings.HasPrefix(r.RequestURI, "/"):
		p.t.Errorf("target %q, %v", r.RequestURI, r.URL)
	case asked.Body == gateway.BodyWhole && r.Body == nil:
		p.t.Error("a whole body that is not there")
	}
	for name, values := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) || strings.EqualFold(name, "host") || strings.EqualFold(name, "x-envoy-auth-partial-body") {
			p.t.Errorf("header %q", name)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				p.t.Errorf("value %q", v)
			}
		}
	}
	removed := make([]string, 0, len(r.Header))
	for name := range r.Header {
		removed = append(removed, name)
	}
	return gateway.Answer{Allowed: true, Status: 200, RequestID: "1", Set: http.Header{"X-Iamd-Account": {owner}}, Remove: removed}
}

// FuzzEnvoy: any message at all is answered, and never with an error.
func FuzzEnvoy(f *testing.F) {
	in := check(&http.Request{Method: "GET", URL: signed(f, alice, "GET", "/orders/1?X-Amz-Date=1&%58-amz-a", nil).URL, Header: http.Header{"A": {"b"}}})
	for _, change := range []func(){
		func() {},
		func() { withBody(in, "hello", "false") },
		func() {
			in.Attributes.Request.Http.HeaderMap = &corev3.HeaderMap{Headers: []*corev3.HeaderValue{{Key: "a"}}}
		},
		func() { in.Attributes.Request.Http.Headers = nil },
		func() { in.Attributes.Source = nil },
		func() { in.Attributes.Request = nil },
	} {
		change()
		b, err := proto.Marshal(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, true)
	}
	asker, doors := &passes{}, map[bool]*extauthz.Envoy{}
	for whole, bodies := range map[bool]string{true: extauthz.EnvoyWhole, false: extauthz.EnvoyPartial} {
		e, err := extauthz.NewEnvoy(extauthz.EnvoyConfig{Ask: asker, Origin: trusting, Bodies: bodies})
		if err != nil {
			f.Fatal(err)
		}
		doors[whole] = e
	}
	f.Fuzz(func(t *testing.T, b []byte, whole bool) {
		in := &authv3.CheckRequest{}
		if proto.Unmarshal(b, in) != nil {
			return
		}
		asker.t = t
		out, err := doors[whole].Check(t.Context(), in)
		if err != nil || (out.GetOkResponse() == nil) == (out.GetDeniedResponse() == nil) {
			t.Fatalf("%v, %v", out, err)
		}
		for _, name := range out.GetOkResponse().GetHeadersToRemove() {
			if name == "x-iamd-account" || name == "host" {
				t.Errorf("%s is taken out", name)
			}
		}
	})
}

// FuzzForward: any headers are answered, and only what becomes a request with 200.
func FuzzForward(f *testing.F) {
	f.Add("GET", "https", apiHost, "/orders/1?a=b", "192.0.2.7", "HTTP/1.1 5/", "X-A", "b")
	f.Add("POST", "ws", "", "//", "", "HTTP/2.0 /none", "X_Iamd_Account", "1")
	asker := &passes{}
	door, err := extauthz.NewForward(extauthz.ForwardConfig{
		Ask: asker, Origin: trusting, Trusted: func(*http.Request) bool { return true }, Presigned: true,
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, proto, host, uri, from, body, name, value string) {
		asker.t = t
		r := httptest.NewRequest("GET", "/", nil)
		for k, v := range map[string]string{
			"X-Forwarded-Method": method, "X-Forwarded-Proto": proto, "X-Forwarded-Host": host,
			"X-Forwarded-Uri": uri, "X-Forwarded-For": from, "X-Iamd-Body": body,
		} {
			r.Header.Set(k, v)
		}
		r.Header.Add(name, value)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code != 200 && w.Code < 400 {
			t.Errorf("status %d", w.Code)
		}
		for _, values := range w.Header() {
			for _, v := range values {
				if !httpguts.ValidHeaderFieldValue(v) {
					t.Errorf("value %q", v)
				}
			}
		}
	})
}
