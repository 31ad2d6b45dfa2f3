package sts_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"iamd/keyring"
	"iamd/sts"
)

// TestRotation: a token outlives the key that sealed it by nothing, remembered or
// not; until then it is good.
func TestRotation(t *testing.T) {
	one := keyring.Generate(rand.Reader)
	both, id, err := keyring.Add(one, rand.Reader, clock)
	if err != nil {
		t.Fatal(err)
	}
	if both, err = keyring.Activate(both, id, clock); err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.New(keyring.Config{Keys: one, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s := sts.New(sts.Config{Ring: ring, Now: func() time.Time { return clock }, Rand: rand.Reader})
	c, err := s.Issue(session(), 0)
	if err != nil {
		t.Fatal(err)
	}
	open := func() error {
		sess, err := s.Open(c.AccessKeyID, c.SessionToken)
		if err == nil {
			s.Remember(c.SessionToken, sess)
		}
		return err
	}
	if err := errors.Join(open(), ring.Replace(both), open()); err != nil {
		t.Fatal(err)
	}
	left, err := keyring.Remove(both, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Replace(left); err != nil {
		t.Fatal(err)
	}
	if err := open(); !errors.Is(err, sts.ErrToken) {
		t.Errorf("the key is gone: %v", err)
	}
}
