package sigv4

import (
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// claimed is the claim of a key on the day, before it is proved.
func claimed(t *testing.T, signed string) Signature {
	t.Helper()
	s, err := claim(Credentials{KeyID: "K", Secret: exampleSecret}, signedAt, Options{Region: "r", Service: "s"})
	if err != nil {
		t.Fatal(err)
	}
	s.SignedHeaders = signed
	return s
}

// Headers that may stay unsigned do so in the one spelling that is read, and no
// other does with them.
func TestLoose(t *testing.T) {
	all := []string{"X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"}
	body := sha256.Sum256(nil)
	make := func(change func(http.Header)) *http.Request {
		r, err := http.NewRequest("GET", "https://h.example/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		s := claimed(t, "host")
		mac, err := s.make(r, body, Credentials{KeyID: "K", Secret: exampleSecret}, Options{DoubleEncode: true})
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Date", stamp(signedAt))
		r.Header.Set("Authorization", Algorithm+" Credential=K/20260102/r/s/aws4_request, SignedHeaders=host, Signature="+mac)
		change(r.Header)
		return r
	}
	for _, c := range []struct {
		name   string
		loose  []string
		change func(http.Header)
		want   Kind // 0: good
	}{
		{"as AWS wants it", nil, func(http.Header) {}, Unsigned},
		{"date", all[:1], func(http.Header) {}, 0},
		{"token", all, func(h http.Header) { h.Set("X-Amz-Security-Token", "t") }, 0},
		{"token, not excused", all[:1], func(h http.Header) { h.Set("X-Amz-Security-Token", "t") }, Unsigned},
		{"true hash", all, func(h http.Header) {
			h.Set("X-Amz-Content-Sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
		}, 0},
		{"false hash", all, func(h http.Header) { h.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) }, Payload},
		{"another date", all, func(h http.Header) { h.Set("X-Amz-Date", "20260102T030406Z") }, Mismatch},
		{"another spelling", all, func(h http.Header) { h["x-amz-security-token"] = []string{"t"} }, Unsigned},
		{"target", all, func(h http.Header) { h.Set("X-Amz-Target", "t") }, Unsigned},
		{"the standard's date", all, func(h http.Header) { h.Del("X-Amz-Date"); h.Set("Date", signedAt.Format(http.TimeFormat)) }, Unsigned},
		{"two dates", all, func(h http.Header) { h.Add("X-Amz-Date", stamp(signedAt)) }, Incomplete},
		{"two tokens", all, func(h http.Header) { h["X-Amz-Security-Token"] = []string{"t", "u"} }, Incomplete},
	} {
		err := verify(make(c.change), body, signedAt, Options{DoubleEncode: true, Loose: c.loose})
		var no *Error
		if c.want == 0 && err != nil || c.want != 0 && (!errors.As(err, &no) || no.Kind != c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestWireToo searches for two requests that share a canonical form and mean
// different paths.
func TestWireToo(t *testing.T) {
	opt := Options{DoubleEncode: true, WireToo: true}
	forms := map[string]string{} // canonical form: the decoded path
	pieces := []string{"a", ":", "%3A", "%25", "%253A", "%20", "%2520", "%C3%A4", ",", "%2C", "%7B", "b"}
	random := rand.New(rand.NewPCG(1, 2))
	shared, single := 0, 0
	spelt := map[string]string{}
	for range 200_000 {
		path := "/"
		for range 1 + random.IntN(4) {
			path += pieces[random.IntN(len(pieces))]
		}
		u, err := url.Parse("https://h.example" + path)
		if err != nil || u.EscapedPath() != path {
			t.Fatalf("%s: %v", path, err)
		}
		r := &http.Request{Method: "GET", URL: u}
		ways := []Options{opt}
		if wireDiffers(path) {
			once := opt
			once.onWire = true
			ways = append(ways, once)
			single++
		}
		for _, way := range ways {
			form, err := appendPath(nil, r, &way)
			if err != nil {
				t.Fatal(err)
			}
			before, seen := forms[string(form)]
			if seen && before != u.Path {
				t.Fatalf("%s stands for %q and for %q", form, before, u.Path)
			}
			if was := spelt[string(form)]; was != "" && was != path {
				shared++
			}
			forms[string(form)], spelt[string(form)] = u.Path, path
		}
	}
	if shared == 0 || single == 0 {
		t.Error("the search met no form that two spellings share")
	}
}

// A path that is signed as it is verifies too, at the cost of a second try; one
// without anything to encode costs none.
func TestWirePaths(t *testing.T) {
	body := sha256.Sum256(nil)
	for path, want := range map[string]bool{"/a": true, "/a%20b": true, "/a:b": true, "/a%25b": false, "/%C3%A4/": true} {
		r, err := http.NewRequest("GET", "https://h.example"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := claimed(t, "host;x-amz-date")
		r.Header.Set("X-Amz-Date", stamp(signedAt))
		mac, err := s.make(r, body, Credentials{KeyID: "K", Secret: exampleSecret}, Options{DoubleEncode: true, onWire: true})
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", Algorithm+" Credential=K/20260102/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature="+mac)
		if err := verify(r, body, signedAt, Options{DoubleEncode: true, NormalizePath: true, WireToo: true}); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
		if err := verify(r, body, signedAt, Options{DoubleEncode: true, NormalizePath: true}); (err == nil) != (path == "/a") {
			t.Errorf("%s, encoded twice alone: %v", path, err)
		}
	}
	for path, want := range map[string]bool{"/orders/v0/orders": false, "/a-b_c.d~e/": false, "/a:b": true, "/a%20b": true, "/a%25": false} {
		if wireDiffers(path) != want {
			t.Errorf("%s", path)
		}
	}
}
