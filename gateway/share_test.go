package gateway

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"testing"
	"time"
)

func TestShares(t *testing.T) {
	s := &spool{max: 100, disk: 250, share: 100, dir: t.TempDir(), timeout: time.Minute}
	take := func(client string, n int) (*body, error) {
		return s.take(httptest.NewRecorder(), httptest.NewRequest("PUT", "/", bytes.NewReader(make([]byte, n))), client)
	}
	var kept []*body
	for _, step := range []struct {
		client string
		n      int
		want   error
	}{
		{"a", 60, nil}, {"a", 41, errSpoolShare}, {"a", 40, nil}, {"a", 1, errSpoolShare}, // what failed holds nothing
		{"b", 100, nil}, {"c", 51, errSpoolFull}, {"c", 50, nil}, {"d", 1, errSpoolFull},
	} {
		b, err := take(step.client, step.n)
		if !errors.Is(err, step.want) {
			t.Fatalf("%+v: %v", step, err)
		}
		if err == nil {
			kept = append(kept, b)
		}
	}
	for _, b := range kept {
		b.release()
		b.release() // it gives back once
	}
	if s.used != 0 || len(s.held) != 0 {
		t.Errorf("%d bytes stay promised, to %v", s.used, s.held)
	}
	if b, err := take("a", 100); err != nil {
		t.Error(err)
	} else {
		b.release()
	}
}

func TestClientOf(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8::1": "2001:db8::/64", "2001:db8::ffff:0:0:2": "2001:db8::/64",
		"2001:db8:0:1::1": "2001:db8:0:1::/64", "fe80::1%eth0": "fe80::/64", "": "", "@": "@",
	} {
		if got := clientOf(ip); got != want {
			t.Errorf("%q: %q, want %q", ip, got, want)
		}
	}
}
