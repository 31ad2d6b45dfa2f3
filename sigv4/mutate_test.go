package sigv4

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// meaning is what a service could act upon in a signed request, told by other
// means than the canonical form's. Requests of one meaning may share a
// signature; no others may.
func meaning(r *http.Request, s Signature, body [32]byte) string {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return ""
	}
	if s.Presigned {
		delete(query, "X-Amz-Signature")
	}
	for _, values := range query {
		slices.Sort(values)
	}
	names := strings.Split(s.SignedHeaders, ";")
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	headers := ""
	for _, name := range names {
		headers += "\n" + name
		for _, v := range strings.Split(strings.Join(r.Header.Values(name), ","), ",") {
			headers += fmt.Sprintf(" %q", strings.Join(strings.Fields(v), " "))
		}
	}
	return fmt.Sprintf("%q %q %q %q %v %x %+v", r.Method, r.Host, r.URL.EscapedPath(), query.Encode(), headers, body, s)
}

// TestMutation changes, inserts and deletes bytes everywhere in signed
// requests as they are on the wire. Whatever changes what was signed must be
// refused.
func TestMutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	signer := v4.NewSigner()
	opt := Options{DoubleEncode: true}
	refused, harmless := 0, 0
	for i := range 60 {
		r, hash := randomRequest(t, rng)()
		cred := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: exampleSecret, SessionToken: "FwoGZXIvYXdzE/+="}
		if i%2 == 0 {
			if err := signer.SignHTTP(context.Background(), cred, r, hex.EncodeToString(hash[:]), "sts", "eu-west-1", signedAt); err != nil {
				t.Fatal(err)
			}
		} else if err := Presign(r, hash, Credentials{"AKIDEXAMPLE", exampleSecret, "FwoGZXIvYXdzE/+="}, time.Minute, signedAt,
			Options{Service: "sts", Region: "eu-west-1", DoubleEncode: true}); err != nil {
			t.Fatal(err)
		}
		original, body, raw := sent(t, r)
		claim, err := Parse(original)
		if err != nil {
			t.Fatal(err)
		}
		key := DeriveKey(exampleSecret, claim.Date, claim.Region, claim.Service)
		if err := claim.Verify(original, body, key, signedAt, opt); err != nil {
			t.Fatal(err)
		}
		want := meaning(original, claim, body)
		for at := range len(raw) {
			for _, text := range []string{
				raw[:at] + string(rune('!'+rng.IntN(94))) + raw[at+1:],
				raw[:at] + string([]byte{raw[at] ^ 1<<rng.IntN(8)}) + raw[at+1:],
				raw[:at] + raw[at+1:],
				raw[:at] + string(alphabet[rng.IntN(26)]) + raw[at:],
			} {
				m, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
				if err != nil {
					continue
				}
				bytes, err := io.ReadAll(m.Body)
				if err != nil {
					continue
				}
				hash := sha256.Sum256(bytes)
				s, err := Parse(m)
				if err == nil {
					// The key does not depend on what the mutant claims: the
					// owner's secret is the only one there is.
					err = s.Verify(m, hash, DeriveKey(exampleSecret, s.Date, s.Region, s.Service), signedAt, opt)
				}
				if err != nil {
					refused++
					continue
				}
				// The key id is not part of what is signed, but of whose key is
				// tried: another id never has this secret.
				if s.KeyID != claim.KeyID {
					continue
				}
				if meaning(m, s, hash) != want {
					t.Fatalf("verified after a change.\nbefore:\n%s\nafter:\n%s", raw, text)
				}
				harmless++
			}
		}
	}
	if refused < 10*harmless {
		t.Errorf("%d mutants refused, %d harmless: too few bite", refused, harmless)
	}
}
