package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }

// signedBy is a request of the day, signed by keyID with secret.
func signedBy(t testing.TB, keyID, secret string) (*http.Request, Signature, [32]byte) {
	t.Helper()
	r, err := http.NewRequest("POST", "https://sts.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	body := sha256.Sum256([]byte("Action=GetCallerIdentity&Version=2011-06-15"))
	if err := Sign(r, body, Credentials{keyID, secret, ""}, signedAt, Options{Service: "sts", Region: "us-east-1"}); err != nil {
		t.Fatal(err)
	}
	s, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return r, s, body
}

type opener struct {
	text   string
	opened int
	err    error
}

func (o *opener) open() (string, error) { o.opened++; return o.text, o.err }

func newKeys(t testing.TB, size int) *Keys {
	t.Helper()
	k, err := NewKeys(KeysConfig{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeys(t *testing.T) {
	k := newKeys(t, 0)
	r, s, body := signedBy(t, "AKID", "one")
	old, other := &opener{text: "one"}, &opener{text: "two"}
	try := func(id string, o *opener) error {
		return k.Verify(&s, r, body, Secret{id, o.open}, signedAt, Options{})
	}
	for range 3 {
		if err := try("v1", old); err != nil {
			t.Fatal(err)
		}
	}
	if old.opened != 1 {
		t.Errorf("opened %d times", old.opened)
	}
	// The secret was replaced: a signature by the old one is no good any more,
	// and the new one's key is not remembered for it.
	for range 3 {
		if err := try("v2", other); kindOf(err) != Mismatch {
			t.Fatal(err)
		}
	}
	if other.opened != 3 {
		t.Errorf("a key was remembered without a good signature: opened %d times", other.opened)
	}
	r, s, body = signedBy(t, "AKID", "two")
	if err := try("v2", other); err != nil {
		t.Fatal(err)
	}
	if err := try("v1", old); kindOf(err) != Mismatch {
		t.Errorf("the old secret's key: %v", err)
	}
	for range 2 {
		if err := try("", other); err != nil {
			t.Fatal(err)
		}
	}
	if other.opened != 6 {
		t.Errorf("a secret without an identity was remembered: opened %d times", other.opened)
	}
	broken := errors.New("sealed")
	if err := try("v3", &opener{err: broken}); !errors.Is(err, broken) || kindOf(err) != 255 {
		t.Errorf("a secret that does not open: %v", err)
	}
	untouched := &opener{text: "two"}
	if err := k.Verify(&s, r, body, Secret{"v4", untouched.open}, signedAt.Add(time.Hour), Options{}); kindOf(err) != Expired || untouched.opened != 0 {
		t.Errorf("an expired request opened the secret: %v", err)
	}
}

func TestUnknown(t *testing.T) {
	k := newKeys(t, 0)
	r, s, body := signedBy(t, "AKID", "one")
	if err := k.VerifyUnknown(&s, r, body, signedAt, Options{}); kindOf(err) != UnknownKey {
		t.Error(err)
	}
	if err := k.VerifyUnknown(&s, r, body, signedAt.Add(time.Hour), Options{}); kindOf(err) != Expired {
		t.Error(err)
	}
	if err := k.VerifyUnknown(&s, r, body, signedAt, Options{Service: "iam"}); kindOf(err) != Scope {
		t.Error(err)
	}
	// Even who knows the decoy is refused.
	r, s, body = signedBy(t, "AKID", k.decoy)
	if err := k.VerifyUnknown(&s, r, body, signedAt, Options{}); kindOf(err) != UnknownKey {
		t.Error(err)
	}
	if _, err := NewKeys(KeysConfig{Rand: strings.NewReader("short")}); err == nil {
		t.Error("a decoy without randomness")
	}
}

func TestKeysBounded(t *testing.T) {
	const size = 320
	k := newKeys(t, size)
	r, s, body := signedBy(t, "AKIDHOT", "one")
	hot := &opener{text: "one"}
	for i := range 5000 {
		name := keyName{fmt.Sprint("AKID", i, "/20260102/us-east-1/sts/aws4_request"), "v"}
		k.put(name, Key{byte(i)})
		if key, ok := k.get(name); !ok || key[0] != byte(i) {
			t.Fatalf("%d was not kept", i)
		}
		if err := k.Verify(&s, r, body, Secret{"v", hot.open}, signedAt, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for i := range k.shard {
		n += len(k.shard[i].young) + len(k.shard[i].old)
	}
	if n > size {
		t.Errorf("%d keys, want at most %d", n, size)
	}
	if hot.opened != 1 {
		t.Errorf("a key in constant use was forgotten: opened %d times", hot.opened)
	}
}

func TestKeysConcurrent(t *testing.T) {
	k := newKeys(t, 64)
	var all sync.WaitGroup
	for g := range 8 {
		r, s, body := signedBy(t, fmt.Sprint("AKID", g%4), "one")
		all.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(i % 7)
				secret, want := "one", Kind(0)
				if i%7 == 3 {
					secret, want = "two", Mismatch
				}
				err := k.Verify(&s, r, body, Secret{id, (&opener{text: secret}).open}, signedAt, Options{})
				if kindOf(err) != want {
					t.Errorf("%v, want kind %d", err, want)
				}
			}
		})
	}
	all.Wait()
}

// TestHMAC holds seal against the standard library's.
func TestHMAC(t *testing.T) {
	for _, keySize := range []int{0, 1, 32, 63, 64, 65, 200} {
		for _, size := range []int{0, 1, 55, 64, 250, 257, 1000} {
			key, message := []byte(strings.Repeat("k", keySize)), strings.Repeat("m", size)
			h := hmacOf(key, message)
			if got := hmacSum(key, message); got != h {
				t.Errorf("key of %d, message of %d: got %x, want %x", keySize, size, got, h)
			}
		}
	}
}

func hmacOf(key []byte, message string) (sum Key) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	h.Sum(sum[:0])
	return sum
}

// TestKeysOfOne: all keys that one secret derives to share a shard, so that whoever
// signs for many regions pushes out nobody's beyond it.
func TestKeysOfOne(t *testing.T) {
	k, err := NewKeys(KeysConfig{})
	if err != nil {
		t.Fatal(err)
	}
	of := func(id, region string) *shard {
		return k.of(keyName{credential: id + "/20260102/" + region + "/iam/aws4_request"})
	}
	others := map[*shard]bool{}
	for i := range 100 {
		if of("AKIAEXAMPLE", fmt.Sprint("region-", i)) != of("AKIAEXAMPLE", "us-east-1") {
			t.Fatalf("the key of region %d is elsewhere", i)
		}
		others[of(fmt.Sprint("AKIAEXAMPLE", i), "us-east-1")] = true
	}
	if len(others) < shards/2 {
		t.Errorf("a hundred ids are in %d shards", len(others))
	}
}
