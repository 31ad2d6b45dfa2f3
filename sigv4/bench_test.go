package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"
)

// benchToken is a session token of usual length: 640 bytes of base64.
func benchToken() string {
	var token []byte
	for n := range byte(15) {
		sum := sha256.Sum256([]byte{n})
		token = append(token, sum[:]...)
	}
	return base64.StdEncoding.EncodeToString(token)
}

// benchRequest is a request as a door sees it, its body and its service.
func benchRequest(b *testing.B, name string) (*http.Request, []byte, Options) {
	opt := Options{Service: "sts", Region: "us-east-1", DoubleEncode: true, NormalizePath: true}
	cred := Credentials{"ASIAIOSFODNN7EXAMPLE", exampleSecret, benchToken()}
	if name == "User" {
		cred.Token = ""
	}
	method, target, body := "POST", "https://sts.us-east-1.amazonaws.com/", "Action=AssumeRole&Version=2011-06-15&"+
		"RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FSellingPartner&RoleSessionName=session-1&DurationSeconds=3600"
	if name == "GatewayGET" {
		opt.Service, method, body = "execute-api", "GET", ""
		target = "https://sellingpartnerapi-na.amazon.com/orders/v0/orders?CreatedAfter=2026-01-01T00%3A00%3A00Z&MarketplaceIds=ATVPDKIKX0DER"
	}
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("User-Agent", "aws-sdk-go-v2/1.30.0 os/linux lang/go#1.26 md/GOARCH#amd64")
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("Amz-Sdk-Invocation-Id", "7d9f2c4e-0a55-4c3e-9f4b-2f6a1f3b9e10")
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	hash := sha256.Sum256([]byte(body))
	if name == "Presigned" {
		err = Presign(r, hash, cred, 15*time.Minute, signedAt, opt)
	} else {
		err = Sign(r, hash, cred, signedAt, opt)
	}
	if err != nil {
		b.Fatal(err)
	}
	return r, []byte(body), opt
}

var benchNames = []string{"User", "POST", "GatewayGET", "Presigned"}

// BenchmarkVerify hashes the body, parses the claim and verifies it, with the
// derived key remembered. In turns with that, in the one run, it does the
// hashing and nothing else: times-bare is the ratio of the two.
func BenchmarkVerify(b *testing.B) {
	for _, name := range benchNames {
		b.Run(name, func(b *testing.B) {
			r, body, opt := benchRequest(b, name)
			k, bare := newKeys(b, 0), bareWork(b, r, body, opt)
			open := func() (string, error) { return exampleSecret, nil }
			verify := func() {
				hash := sha256.Sum256(body)
				s, err := Parse(r)
				if err != nil {
					b.Fatal(err)
				}
				if err := k.Verify(&s, r, hash, Secret{"v1", open}, signedAt, opt); err != nil {
					b.Fatal(err)
				}
			}
			var ours, theirs time.Duration
			const turn = 500
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += turn {
				n := min(turn, b.N-done)
				began := time.Now()
				for range n {
					verify()
				}
				ours += time.Since(began)
				b.StopTimer()
				began = time.Now()
				for range n {
					bare()
				}
				theirs += time.Since(began)
				b.StartTimer()
			}
			b.ReportMetric(float64(ours)/float64(theirs), "times-bare")
		})
	}
}

// bareWork is the hashing that verifying r cannot do without: the body, the
// canonical request, and the HMAC by a ready key.
func bareWork(b *testing.B, r *http.Request, body []byte, opt Options) func() {
	b.Helper()
	s, err := Parse(r)
	if err != nil {
		b.Fatal(err)
	}
	canonical, err := s.appendCanonical(nil, r, &opt)
	if err != nil {
		b.Fatal(err)
	}
	canonical = hex.AppendEncode(canonical, make([]byte, 32))
	text := []byte(Algorithm + "\n20260102T030405Z\n20260102/us-east-1/" + opt.Service + "/aws4_request\n" + strings.Repeat("0", 64))
	key := DeriveKey(exampleSecret, s.Date, s.Region, s.Service)
	mac := hmac.New(sha256.New, key[:])
	var sums [3][32]byte
	return func() {
		sums[0] = sha256.Sum256(body)
		sums[1] = sha256.Sum256(canonical)
		mac.Reset()
		mac.Write(text)
		mac.Sum(sums[2][:0])
	}
}

func BenchmarkDeriveKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		DeriveKey(exampleSecret, "20260102", "us-east-1", "sts")
	}
}

// BenchmarkUnknown is a verification that ends in UnknownKey; to be compared
// with BenchmarkWrong, the same of a key that exists.
func BenchmarkUnknown(b *testing.B) {
	r, body, opt := benchRequest(b, "POST")
	hash, k := sha256.Sum256(body), newKeys(b, 0)
	s, err := Parse(r)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if kindOf(k.VerifyUnknown(&s, r, hash, signedAt, opt)) != UnknownKey {
			b.Fatal("verified")
		}
	}
}

func BenchmarkWrong(b *testing.B) {
	r, body, opt := benchRequest(b, "POST")
	hash, k := sha256.Sum256(body), newKeys(b, 0)
	s, err := Parse(r)
	if err != nil {
		b.Fatal(err)
	}
	open := func() (string, error) { return "another", nil }
	for b.Loop() {
		if kindOf(k.Verify(&s, r, hash, Secret{"v1", open}, signedAt, opt)) != Mismatch {
			b.Fatal("verified")
		}
	}
}
