package api

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzWebToken: no text makes the reader panic, and what it reads has all that
// is asked of later.
func FuzzWebToken(f *testing.F) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	good := part(`{"alg":"RS256","kid":"a"}`) + "." + part(`{"iss":"https://x","sub":"me","aud":["a"],"azp":"a","iat":1,"exp":"2","nbf":0,
		"https://aws.amazon.com/tags":{"principal_tags":{"a":["b"]},"transitive_tag_keys":["a"]},"amr":["x"],"google":{"organization_number":1}}`) + "." + part("x")
	f.Add(good)
	f.Add("a.b.c")
	f.Add(strings.Replace(good, ".", "..", 1))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := readWebToken(text)
		if err != nil {
			return
		}
		if token.audience == "" || len(token.audiences) == 0 || !utf8.ValidString(token.subject) || token.signed == nil {
			t.Errorf("%q: %+v", text, token)
		}
		_ = token.timely(time.Unix(1, 0)) // any answer, and no panic
		id := &webIdentity{webToken: token}
		_ = id.read("x.example.com", "arn:aws:iam::1:role/x")
	})
}
