package spapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestTokensOutOfPlace: no kind of token is good where another is asked for, with
// whatever else is changed about it.
func TestTokensOutOfPlace(t *testing.T) {
	w := start(t)
	a := w.app(t)
	made := w.call(t, w.root, "POST", "applications", `{"name":"other","iam_arn":"arn:aws:iam::`+w.id+`:user/seller"}`)
	b := app{made.text("client_id"), made.text("client_secret"), made.text("refresh_token"), made.text("selling_partner_id")}
	code := func(of app) string {
		return w.call(t, w.root, "POST", "applications/"+of.id+"/authorizations", `{"code":true}`).text("spapi_oauth_code")
	}
	own := map[string]string{
		"access":  w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...).text("access_token"),
		"client":  w.token(t, a.with("grant_type", "client_credentials", "scope", "sellingpartnerapi::notifications")...).text("access_token"),
		"refresh": a.refresh, "code": code(a), "secret": a.secret, "id": a.id, "partner": a.partner,
	}
	prefixes := []string{"", "Atza|", "Atc|", "Atzr|", "AN", "Atz.sprdt|"}
	for kind, token := range own {
		if token == "" {
			t.Fatalf("no %s", kind)
		}
		bare := token
		if _, after, ok := strings.Cut(token, "|"); ok {
			bare = after
		}
		bare = strings.TrimPrefix(bare, "AN")
		for _, prefix := range prefixes {
			for _, text := range []string{prefix + bare, prefix + bare + "=", prefix + bare + "A", " " + prefix + bare, prefix + prefix + bare, strings.ToUpper(prefix) + bare + "\x00"} {
				if kind != "refresh" || text != a.refresh {
					if got := w.token(t, a.with("grant_type", "refresh_token", "refresh_token", text)...); got.text("error") != "invalid_grant" {
						t.Errorf("%s as a refresh token: %.30q: %d %s", kind, text, got.status, got.body)
					}
				}
				if kind != "code" || text != own["code"] {
					if got := w.token(t, a.with("grant_type", "authorization_code", "code", text)...); got.text("error") != "invalid_grant" {
						t.Errorf("%s as a code: %.30q: %d %s", kind, text, got.status, got.body)
					}
				}
			}
		}
	}
	// Another application's, by whoever has them; a code is not used up by that.
	for what, got := range map[string]answer{
		"refresh": w.token(t, b.with("grant_type", "refresh_token", "refresh_token", a.refresh)...),
		"code":    w.token(t, b.with("grant_type", "authorization_code", "code", own["code"])...),
	} {
		if got.text("error") != "unauthorized_client" {
			t.Errorf("another's %s: %s", what, got.body)
		}
	}
	if got := w.token(t, a.with("grant_type", "authorization_code", "code", own["code"])...); got.status != http.StatusOK {
		t.Errorf("the code, after others tried: %s", got.body)
	}
	// Authorized again, a partner's old tokens stay revoked.
	path := "applications/" + a.id + "/authorizations"
	late := w.call(t, w.root, "POST", path, `{"selling_partner_id":"`+a.partner+`","code":true}`).text("spapi_oauth_code")
	if got := w.call(t, w.root, "DELETE", path+"/"+a.partner, ""); got.status != http.StatusNoContent {
		t.Fatalf("%s", got.body)
	}
	if got := w.call(t, w.root, "POST", path, `{"selling_partner_id":"`+a.partner+`"}`); got.status != http.StatusOK {
		t.Fatalf("%s", got.body)
	}
	for _, got := range []answer{
		w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...), w.token(t, a.with("grant_type", "authorization_code", "code", late)...),
	} {
		if got.text("error") != "invalid_grant" {
			t.Errorf("%s", got.body)
		}
	}
	// Of two rotations, the first takes the old secret away.
	for range 2 {
		w.call(t, w.root, "POST", "applications/"+a.id+"/secret", "")
	}
	if got := w.token(t, a.with("grant_type", "client_credentials", "scope", "sellingpartnerapi::notifications")...); got.text("error") != "invalid_client" {
		t.Errorf("%s", got.body)
	}
}

// TestOddTokenRequests: whatever the body is written in, it is read in one way or
// refused, and never fails on the server's side.
func TestOddTokenRequests(t *testing.T) {
	w := start(t)
	a := w.app(t)
	good := a.with("grant_type", "refresh_token", "refresh_token", a.refresh)
	member := func(pairs ...string) string {
		var list []string
		for i := 0; i < len(pairs); i += 2 {
			name, err := json.Marshal(pairs[i])
			value, err2 := json.Marshal(pairs[i+1])
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			list = append(list, string(name)+":"+string(value))
		}
		return strings.Join(list, ",")
	}
	asJSON := "{" + member(good...) + "}"
	asForm := form(good...).Encode()
	const js = "application/json"
	if got := w.post(t, js, asJSON); got.status != http.StatusOK {
		t.Fatalf("%s", got.body)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, asForm); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	deep := strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000)
	for what, got := range map[string]answer{
		"a member in capitals beside it": w.post(t, js, "{"+member(append(good, "Client_ID", "x")...)+",\"client_id\":\"x\"}"),
		"an escaped twin":                w.post(t, js, `{"client\u005fid":"x",`+asJSON[1:]),
		"a twin that is null":            w.post(t, js, `{"client_id":null,`+asJSON[1:]),
		"nothing but null":               w.post(t, js, `{"grant_type":null,"client_id":null}`),
		"a mark at the beginning":        w.post(t, js, "\ufeff"+asJSON),
		"bytes of no text":               w.post(t, js, `{"x":"`+"\xff\xfe"+`",`+asJSON[1:]),
		"half a pair":                    w.post(t, js, `{"grant_type":"\ud800"}`),
		"deep":                           w.post(t, js, deep),
		"deep lists":                     w.post(t, js, strings.Repeat("[", 16000)),
		"a large number":                 w.post(t, js, `{"x":1e99999,`+asJSON[1:]),
		"a long number":                  w.post(t, js, `{"x":`+strings.Repeat("9", 10000)+`}`),
		"a comma too many":               w.post(t, js, asJSON[:len(asJSON)-1]+",}"),
		"another charset":                w.post(t, "application/x-www-form-urlencoded; charset=utf-16", "\xff\xfeg\x00"),
		"parts":                          w.post(t, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nrefresh_token\r\n--x--"),
		"a type that is cut off":         w.post(t, "application/json; charset", asJSON),
		"an escaped twin in a form":      w.post(t, formType, asForm+"&client%5Fid=x"),
		"a broken escape":                w.post(t, formType, asForm+"&x=%zz"),
		"a form of bytes":                w.post(t, formType, asForm+"&x=\xff"),
		"packed":                         w.post(t, formType, packed.String(), header("Content-Encoding", "gzip")),
		"many parameters":                w.post(t, formType, strings.Repeat("a&", 8000)),
		"by PUT":                         w.post(t, formType, asForm, func(r *http.Request) { r.Method = http.MethodPut }),
		"POST in small letters":          w.post(t, formType, asForm, func(r *http.Request) { r.Method = "post" }),
		"overridden":                     w.post(t, formType, "", header("X-Http-Method-Override", "POST"), func(r *http.Request) { r.Method = http.MethodGet; r.URL.RawQuery = asForm }),
		"a client with control":          w.post(t, formType, form("client_id", a.id+"\n", "client_secret", a.secret, "grant_type", "refresh_token", "refresh_token", a.refresh).Encode()),
		"a client in capitals":           w.post(t, formType, form("client_id", strings.ToUpper(a.id), "client_secret", a.secret, "grant_type", "refresh_token", "refresh_token", a.refresh).Encode()),
		"a grant with a space":           w.post(t, formType, form(a.with("grant_type", " refresh_token", "refresh_token", a.refresh)...).Encode()),
		"scopes by other spaces":         w.token(t, a.with("grant_type", "client_credentials", "scope", "sellingpartnerapi::notifications,sellingpartnerapi::migration")...),
		"many scopes":                    w.token(t, a.with("grant_type", "client_credentials", "scope", strings.Repeat("sellingpartnerapi::notifications ", 100))...),
		"a scope in capitals":            w.token(t, a.with("grant_type", "client_credentials", "scope", "SELLINGPARTNERAPI::notifications")...),
		"a slash that is escaped": w.post(t, js, asJSON, func(r *http.Request) {
			r.URL.Path, r.URL.RawPath = "/spapi/applications/x/secret", "/spapi/applications%2Fx/secret"
		}),
	} {
		if got.status < 400 || got.status >= 500 || got.text("access_token") != "" {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
		if bytes.Contains(got.body, []byte(a.secret)) || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s %v", what, got.body, got.header)
		}
	}
	// A page of another site may send it, as a form, and hears nothing of the answer.
	got := w.post(t, formType, asForm, header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site"))
	if got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", got.header)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, w.url+"/spapi/applications", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Access-Control-Request-Method", "POST")
	if got := do(t, r); got.status < 400 || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a preflight: %d %v", got.status, got.header)
	}
}

// TestOtherAccountsApplications: who may do all in one account may nothing of
// another's, which looks as if it were not there.
func TestOtherAccountsApplications(t *testing.T) {
	w := start(t)
	a := w.app(t)
	made, err := w.CreateAccount(t.Context(), "other", "")
	if err != nil {
		t.Fatal(err)
	}
	stranger := aws.Credentials{AccessKeyID: made.AccessKeyID, SecretAccessKey: made.SecretAccessKey}
	one := "applications/" + a.id
	for _, c := range [][2]string{
		{"GET", one}, {"DELETE", one}, {"POST", one + "/secret"}, {"POST", one + "/authorizations"}, {"DELETE", one + "/authorizations/" + a.partner},
	} {
		got := w.call(t, stranger, c[0], c[1], "")
		none := w.call(t, stranger, c[0], strings.Replace(c[1], a.id, "amzn1.application-oa2-client."+strings.Repeat("0", 32), 1), "")
		if got.status != http.StatusNotFound || !bytes.Equal(got.body, none.body) {
			t.Errorf("%s %s: %d %s", c[0], c[1], got.status, got.body)
		}
	}
	if got := w.call(t, stranger, "GET", "applications", ""); string(got.body) != `{"applications":[]}` {
		t.Errorf("%s", got.body)
	}
	for _, arn := range []string{
		"arn:aws:iam::" + w.id + ":user/seller", "arn:aws:iam::" + made.AccountID + ":root", "arn:aws:iam::" + made.AccountID + ":user/seller",
		"arn:aws:sts::" + made.AccountID + ":assumed-role/x/y", "arn:aws:iam::*:user/seller", "arn:aws-cn:iam::" + w.id + ":user/seller", "seller", "*", w.id,
	} {
		body, err := json.Marshal(map[string]string{"name": "a", "iam_arn": arn})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.call(t, stranger, "POST", "applications", string(body)); got.status != http.StatusBadRequest || got.text("client_secret") != "" {
			t.Errorf("%s: %d %s", arn, got.status, got.body)
		}
	}
	if got := w.token(t, a.with("grant_type", "refresh_token", "refresh_token", a.refresh)...); got.status != http.StatusOK {
		t.Errorf("it is there no more: %s", got.body)
	}
}
