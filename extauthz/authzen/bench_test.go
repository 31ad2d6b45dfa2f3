package authzen_test

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"iamd/sigv4"
)

// BenchmarkEvaluation is what one question costs, without the network: about a
// principal, and about a request that was signed.
func BenchmarkEvaluation(b *testing.B) {
	w := newWorld(b)
	ann := w.user(b, "ann", "/", orders)
	for name, body := range map[string]string{
		"principal": marshal(b, about("user", ann, "execute-api:Invoke", "arn:aws:execute-api:"+region+":"+account+":shop/prod/GET/orders")),
		"signature": marshal(b, invoked(held(b, w.keys["ann"], "GET", "/orders", ""))),
	} {
		r := httptest.NewRequest(http.MethodPost, evaluation, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		opt := sigv4.Options{Service: "authzen", Region: region, DoubleEncode: true, NormalizePath: true}
		if err := sigv4.Sign(r, sha256.Sum256([]byte(body)), sigv4.Credentials{KeyID: w.root.AccessKeyID, Secret: w.root.SecretAccessKey}, time.Now(), opt); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(strings.NewReader(body))
				rec := httptest.NewRecorder()
				w.server.Handler().ServeHTTP(rec, again)
				if !strings.HasPrefix(rec.Body.String(), `{"decision":true`) {
					b.Fatal(rec.Code, rec.Body)
				}
			}
		})
	}
}
