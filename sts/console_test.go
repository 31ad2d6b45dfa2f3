package sts_test

import (
	"testing"
	"time"

	"iamd/sts"
)

// TestConsoleSession: keys last an hour, and whatever renews them ends twelve hours
// after the sign-in, of which they go on to tell.
func TestConsoleSession(t *testing.T) {
	first := sts.SignIn{Account: "123456789012", UserID: "AIDAEXAMPLE", Login: "G", MFA: true}.Session(clock.Add(time.Millisecond))
	if first.Kind != sts.Console || first.UniqueID != "AIDAEXAMPLE" || first.Login != "G" || !first.Issued.Equal(clock) || !first.MFA.Equal(clock) ||
		!first.Expires.Equal(clock.Add(time.Hour)) || !first.Ends().Equal(clock.Add(12*time.Hour)) {
		t.Errorf("%+v", first)
	}
	if s := (sts.SignIn{Account: "123456789012"}).Session(clock); !s.MFA.IsZero() || s.UniqueID != "" {
		t.Errorf("root without a second factor: %+v", s)
	}
	service := newService(t)
	for after, want := range map[time.Duration]time.Duration{
		0: time.Hour, 30 * time.Minute: 90 * time.Minute, 11 * time.Hour: 12 * time.Hour, 11*time.Hour + 59*time.Minute: 12 * time.Hour,
		13 * time.Hour: 12 * time.Hour,
	} {
		c, err := service.Issue(first.Renewed(clock.Add(after)), 0)
		if err != nil {
			t.Fatal(err)
		}
		s, err := service.Open(c.AccessKeyID, c.SessionToken)
		if err != nil || !s.Expires.Equal(clock.Add(want)) || !s.Issued.Equal(clock) || !s.MFA.Equal(clock) || s.Login != "G" || s.Kind != sts.Console {
			t.Errorf("after %v: %+v, %v", after, s, err)
		}
	}
}
