package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var signedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestRecorded verifies what botocore and the SDK for JavaScript signed:
// testdata/signed.json holds 60 requests of each, a third of them presigned,
// over random paths, queries, headers, bodies and tokens.
func TestRecorded(t *testing.T) {
	text, err := os.ReadFile("testdata/signed.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Signer, Raw string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 120 {
		t.Fatalf("%d requests, want 120", len(all))
	}
	opt := Options{DoubleEncode: true, NormalizePath: true, Region: "eu-west-1"}
	for i, c := range all {
		r, body := wire(t, c.Raw)
		if err := verify(r, body, signedAt, opt); err != nil {
			t.Errorf("%s, request %d: %v\n%s", c.Signer, i, err, c.Raw)
		}
	}
}

func verify(r *http.Request, body [32]byte, now time.Time, opt Options) error {
	s, err := Parse(r)
	if err != nil {
		return err
	}
	return s.Verify(r, body, DeriveKey(exampleSecret, s.Date, s.Region, s.Service), now, opt)
}

// sent is r as a server receives it.
func sent(t testing.TB, r *http.Request) (*http.Request, [32]byte, string) {
	t.Helper()
	var raw bytes.Buffer
	if err := r.Write(&raw); err != nil {
		t.Fatal(err)
	}
	got, body := wire(t, raw.String())
	return got, body, raw.String()
}

// TestSDK signs random requests with the SDK for Go, sends them over the wire's
// form, and verifies them; then signs the same with Sign and Presign.
func TestSDK(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	signer := v4.NewSigner()
	for i := range 2000 {
		plain := randomRequest(t, rng)
		s3 := i%5 == 4
		opt := Options{Service: "execute-api", Region: "eu-west-1", DoubleEncode: !s3, NormalizePath: !s3 && i%2 == 0}
		cred := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: exampleSecret}
		if i%3 == 0 {
			cred.SessionToken = "FwoGZXIvYXdzE/+=" + strings.Repeat("t", rng.IntN(2000))
		}
		ctx, disable := context.Background(), func(o *v4.SignerOptions) { o.DisableURIPathEscaping = s3 }

		r, hash := plain()
		if err := signer.SignHTTP(ctx, cred, r, hex.EncodeToString(hash[:]), "execute-api", "eu-west-1", signedAt, disable); err != nil {
			t.Fatal(err)
		}
		got, body, raw := sent(t, r)
		if err := verify(got, body, signedAt, opt); err != nil {
			t.Fatalf("signed by the SDK: %v\n%s", err, raw)
		}

		r, hash = plain()
		r.URL.RawQuery += "&X-Amz-Expires=300"
		target, headers, err := signer.PresignHTTP(ctx, cred, r, hex.EncodeToString(hash[:]), "execute-api", "eu-west-1", signedAt, disable)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = headers
		if r.URL, err = url.Parse(target); err != nil {
			t.Fatal(err)
		}
		got, body, raw = sent(t, r)
		if err := verify(got, body, signedAt, opt); err != nil {
			t.Fatalf("presigned by the SDK: %v\n%s", err, raw)
		}

		own := Credentials{"AKIDEXAMPLE", exampleSecret, cred.SessionToken}
		r, hash = plain()
		if err := Sign(r, hash, own, signedAt, opt); err != nil {
			t.Fatal(err)
		}
		got, body, raw = sent(t, r)
		if err := verify(got, body, signedAt, opt); err != nil {
			t.Fatalf("signed here: %v\n%s", err, raw)
		}
		r, hash = plain()
		if err := Presign(r, hash, own, 5*time.Minute, signedAt, opt); err != nil {
			t.Fatal(err)
		}
		got, body, raw = sent(t, r)
		if err := verify(got, body, signedAt, opt); err != nil {
			t.Fatalf("presigned here: %v\n%s", err, raw)
		}
	}
}

// TestSignAlike compares Sign with the SDK's signer, byte for byte.
func TestSignAlike(t *testing.T) {
	hash := sha256.Sum256([]byte("Action=GetCallerIdentity&Version=2011-06-15"))
	request := func() *http.Request {
		r, err := http.NewRequest("POST", "https://sts.eu-west-1.amazonaws.com/a%20b/?z=1&a=b+c", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Amz-User-Agent", "a   b")
		return r
	}
	theirs, ours := request(), request()
	cred := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: exampleSecret, SessionToken: "tok"}
	if err := v4.NewSigner().SignHTTP(context.Background(), cred, theirs, hex.EncodeToString(hash[:]), "sts", "eu-west-1", signedAt); err != nil {
		t.Fatal(err)
	}
	opt := Options{Service: "sts", Region: "eu-west-1", DoubleEncode: true, NormalizePath: true}
	if err := Sign(ours, hash, Credentials{"AKIDEXAMPLE", exampleSecret, "tok"}, signedAt, opt); err != nil {
		t.Fatal(err)
	}
	if a, b := theirs.Header.Get("Authorization"), ours.Header.Get("Authorization"); a != b {
		t.Fatalf("the SDK and Sign differ:\n%s\n%s", a, b)
	}
}

const alphabet = "abcXYZ019-_.~ !\"$&'()*+,/:;<=>?@[]^`{|}%#é中\x01\x7f"

func randomText(rng *rand.Rand, most int) string {
	var b strings.Builder
	runes := []rune(alphabet)
	for range rng.IntN(most) {
		b.WriteRune(runes[rng.IntN(len(runes))])
	}
	return b.String()
}

// randomRequest returns a maker of one random request and its body's hash. Its
// path has no dot segments or empty ones, which the SDK for Go does not
// normalize and the services do.
func randomRequest(t testing.TB, rng *rand.Rand) func() (*http.Request, [32]byte) {
	method := []string{"GET", "POST", "PUT", "DELETE", "PATCH"}[rng.IntN(5)]
	path := ""
	for range rng.IntN(5) {
		if s := randomText(rng, 8); s != "" && s != "." && s != ".." {
			for i := range len(s) {
				if unreserved[s[i]] {
					path += s[i : i+1]
				} else {
					path += fmt.Sprintf("%%%02X", s[i])
				}
			}
			path = "/" + strings.TrimPrefix(path, "/") + "/"
		}
	}
	if path == "" {
		path = "/"
	}
	query := url.Values{}
	for range rng.IntN(6) {
		query.Add("q"+randomText(rng, 4), randomText(rng, 10))
	}
	header := http.Header{}
	for range rng.IntN(5) {
		v := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, randomText(rng, 20))
		name := []string{"X-Amz-Meta-One", "X-Amz-Target", "X-Custom", "Accept", "Content-Type", "Cache-Control"}[rng.IntN(6)]
		header.Add(name, v+strings.Repeat(" ", rng.IntN(3))+"z")
	}
	var body []byte
	if method != "GET" && method != "DELETE" {
		body = []byte(randomText(rng, 300))
	}
	return func() (*http.Request, [32]byte) {
		var reader io.Reader
		if len(body) > 0 {
			reader = bytes.NewReader(body)
		}
		r, err := http.NewRequest(method, "https://api.example.com:8443"+path+"?"+query.Encode(), reader)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header.Clone()
		return r, sha256.Sum256(body)
	}
}
