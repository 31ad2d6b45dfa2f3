package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/sigv4"
)

// signOnly signs as the specification says, without our signer: only the headers
// that are named, and those unsigned that are there already. Path and
// query must need no encoding.
func signOnly(t *testing.T, r *http.Request, body [32]byte, cred sigv4.Credentials, when time.Time, names []string) {
	t.Helper()
	signWith(t, r, body, cred, when, names, r.URL.EscapedPath())
}

// signWith takes the canonical path as given.
func signWith(t *testing.T, r *http.Request, body [32]byte, cred sigv4.Credentials, when time.Time, names []string, path string) {
	t.Helper()
	stamp := when.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	if cred.Token != "" {
		r.Header.Set("X-Amz-Security-Token", cred.Token)
	}
	params := strings.Split(r.URL.RawQuery, "&")
	slices.Sort(params)
	canonical := r.Method + "\n" + path + "\n" + strings.Join(params, "&") + "\n"
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical += name + ":" + value + "\n"
	}
	list := strings.Join(names, ";")
	canonical += "\n" + list + "\n" + hex.EncodeToString(body[:])
	sum := sha256.Sum256([]byte(canonical))
	scope := stamp[:8] + "/" + region + "/execute-api/aws4_request"
	key := []byte("AWS4" + cred.Secret)
	for _, part := range append(strings.Split(scope, "/"), "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hex.EncodeToString(sum[:])) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+cred.KeyID+"/"+scope+",SignedHeaders="+list+",Signature="+hex.EncodeToString(key))
}

// Some clients encode the path once.
func TestPathEncodedOnce(t *testing.T) {
	w := newWorld(t, nil)
	send := func(canonical, wire string) int {
		r := w.request(t, "GET", wire, nil)
		signWith(t, r, sha256.Sum256(nil), alice, noon, []string{"host"}, canonical)
		got := do(t, r)
		if got.status == http.StatusAccepted {
			if seen := w.last(t).URI; seen != wire {
				t.Errorf("%s: the upstream got %s", wire, seen)
			}
		}
		return got.status
	}
	for _, c := range []struct {
		canonical, wire string
		want            int
	}{
		{"/a/b/", "/a/b/", 202},
		{"/a%20b", "/a%20b", 202}, {"/a%2520b", "/a%20b", 202}, {"/a%252520b", "/a%20b", 403},
		{"/a:b", "/a:b", 202}, {"/a%3Ab", "/a:b", 202}, {"/a:b", "/a%3Ab", 403},
		{"/%7BorderId%7D", "/%7BorderId%7D", 202}, {"/%257BorderId%257D", "/%7BorderId%7D", 202},
		// One path in two spellings, either of which may be meant; nothing else shares a form.
		{"/a%3Ab", "/a%3Ab", 202},
		{"/50%25", "/50%25", 403}, {"/50%2525", "/50%25", 202},
		{"/a%253Ab", "/a%253Ab", 403}, {"/a%253Ab", "/a%3Ab", 202}, {"/a%25253Ab", "/a%253Ab", 202},
	} {
		if got := send(c.canonical, c.wire); got != c.want {
			t.Errorf("%s signed as %s: %d, want %d", c.wire, c.canonical, got, c.want)
		}
	}
}
