package sts_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"iamd/iam"
	"iamd/keyring"
	"iamd/sts"
)

var clock = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newService(t testing.TB) *sts.Service {
	t.Helper()
	ring, err := keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return sts.New(sts.Config{Ring: ring, Now: func() time.Time { return clock }, Rand: rand.Reader})
}

func session() sts.Session {
	return sts.Session{
		Kind: sts.AssumedRole, Account: "123456789012", UniqueID: "AROAEXAMPLE", Name: "session",
		Issued: clock, Expires: clock.Add(time.Hour), Tags: []iam.Tag{{Key: "team", Value: "red"}},
		Transitive: []string{"team"}, SourceIdentity: "Ann", PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
	}
}

func TestTokenRoundTrip(t *testing.T) {
	s := newService(t)
	policies := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get%d","Resource":"*"}]}`, i))
		}
		return list
	}
	for _, n := range []int{0, 1, 12} {
		want := session()
		want.Policies = policies(n)
		c, err := s.Issue(want, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(c.AccessKeyID, c.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		want.KeyID, want.Secret = c.AccessKeyID, c.SecretAccessKey
		if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(sts.Session{})); diff != "" {
			t.Errorf("%d policies: %s", n, diff)
		}
		if len(got.Inline()) != n || !c.Expiration.Equal(want.Expires) {
			t.Errorf("%d policies: %d ready, until %v", n, len(got.Inline()), c.Expiration)
		}
		if account, ok := iam.KeyAccount(c.AccessKeyID); !ok || account != "123456789012" || !strings.HasPrefix(c.AccessKeyID, "ASIA") {
			t.Errorf("key id %s carries %s", c.AccessKeyID, account)
		}
		if len(c.SessionToken) > 4096 {
			t.Errorf("%d policies: a token of %d characters", n, len(c.SessionToken))
		}
	}
}

// TestTokenSize: a token has the size that is asked for, and the same meaning.
func TestTokenSize(t *testing.T) {
	s := newService(t)
	for _, policies := range [][]string{nil, {strings.Repeat(" ", 2000)}} {
		for _, minimum := range []int{0, 1, 1000, 2001, 4096} {
			want := session()
			want.Policies = policies
			c, err := s.Issue(want, minimum)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Open(c.AccessKeyID, c.SessionToken)
			if err != nil || got.Name != want.Name || len(got.Policies) != len(policies) {
				t.Errorf("%d: %+v, %v", minimum, got, err)
			}
			if n := len(c.SessionToken); n < minimum || n > 4096 || c.Utilization != (n*100+4095)/4096 {
				t.Errorf("asked for %d: %d characters, %d%%", minimum, n, c.Utilization)
			}
		}
	}
}

// TestTokenTooLarge: no token is issued that is greater than AWS's.
func TestTokenTooLarge(t *testing.T) {
	got, err := newService(t).Issue(session(), 5000)
	var refused *iam.Error
	if !errors.As(err, &refused) || refused.Code != iam.CodePackedPolicyTooLarge || refused.Message != "The session token would have 5000 bytes; 4096 are allowed." || got != (sts.Credentials{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTokenForged: no token but the very one that was issued opens, and only
// with its key; also once it is remembered.
func TestTokenForged(t *testing.T) {
	s := newService(t)
	a, err := s.Issue(session(), 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Issue(session(), 0)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what, key, token string) {
		t.Helper()
		if _, err := s.Open(key, token); !errors.Is(err, sts.ErrToken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for range 2 {
		refused("swapped", a.AccessKeyID, b.SessionToken)
		refused("another service's", a.AccessKeyID, mustIssue(t, newService(t)).SessionToken)
		refused("empty", a.AccessKeyID, "")
		refused("too long", a.AccessKeyID, strings.Repeat("A", 9000))
		raw, err := base64.StdEncoding.DecodeString(a.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			raw[i] ^= 1
			refused(fmt.Sprintf("byte %d changed", i), a.AccessKeyID, base64.StdEncoding.EncodeToString(raw))
			raw[i] ^= 1
		}
		for i := range raw {
			refused(fmt.Sprintf("cut at %d", i), a.AccessKeyID, base64.StdEncoding.EncodeToString(raw[:i]))
		}
		opened, err := s.Open(a.AccessKeyID, a.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		s.Remember(a.SessionToken, opened)
		other, err := s.Open(b.AccessKeyID, b.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		s.Remember(b.SessionToken, other)
	}
}

func mustIssue(t testing.TB, s *sts.Service) sts.Credentials {
	t.Helper()
	c, err := s.Issue(session(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPackedPolicyTooLarge(t *testing.T) {
	s := newService(t)
	big := session()
	noise := mathrand.New(mathrand.NewPCG(1, 2))
	for range 50 {
		b := make([]byte, 96)
		for i := range b {
			b[i] = byte('a' + noise.IntN(26))
		}
		big.Tags = append(big.Tags, iam.Tag{Key: string(b[:48]), Value: string(b[48:])})
	}
	_, err := s.Issue(big, 0)
	var refusal *iam.Error
	if !errors.As(err, &refusal) || refusal.Code != iam.CodePackedPolicyTooLarge {
		t.Errorf("got %v", err)
	}
}

// FuzzOpen: no text is a token, and none makes Open panic.
func FuzzOpen(f *testing.F) {
	s := newService(f)
	c := mustIssue(f, s)
	f.Add(c.AccessKeyID, c.SessionToken)
	f.Add("", "AQAAAAE=")
	f.Fuzz(func(t *testing.T, key, token string) {
		got, err := s.Open(key, token)
		if key == c.AccessKeyID && token == c.SessionToken {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if err == nil {
			t.Fatalf("%q opened with %q: %+v", token, key, got)
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	s := newService(b)
	plain := session()
	plain.Tags, plain.Transitive, plain.PolicyARNs = nil, nil, nil
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Issue(plain, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := newService(b)
	c := mustIssue(b, s)
	b.Run("sealed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Open(c.AccessKeyID, c.SessionToken); err != nil {
				b.Fatal(err)
			}
		}
	})
	opened, err := s.Open(c.AccessKeyID, c.SessionToken)
	if err != nil {
		b.Fatal(err)
	}
	s.Remember(c.SessionToken, opened)
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Open(c.AccessKeyID, c.SessionToken); err != nil {
				b.Fatal(err)
			}
		}
	})
}
