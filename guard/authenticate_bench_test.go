package guard_test

import (
	"crypto/sha256"
	"net/http"
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/sigv4"
	"iamd/sts"
)

// BenchmarkAuthenticate finds out who signed: a user by a key of its own, and a
// session of a role, both seen before.
func BenchmarkAuthenticate(b *testing.B) {
	a, user := bob(b, allowAll)
	var bobs, session sigv4.Credentials
	var role *iam.Role
	a = change(b, a, func(d *iam.Draft) error {
		u, err := d.User("Bob")
		if err != nil {
			return err
		}
		var key iam.AccessKey
		if key, bobs.Secret, err = d.CreateAccessKey(u); err != nil {
			return err
		}
		bobs.KeyID = key.ID
		role, err = d.CreateRole(iam.NewRole{Name: "R", Path: "/", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}}`})
		return err
	})
	d := newDoor(b, a)
	s, err := sts.AssumeRole{Account: account, Role: role, SessionName: "session"}.Session(clock)
	if err != nil {
		b.Fatal(err)
	}
	c, err := d.tokens.Issue(s, 0)
	if err != nil {
		b.Fatal(err)
	}
	session = sigv4.Credentials{KeyID: c.AccessKeyID, Secret: c.SecretAccessKey, Token: c.SessionToken}
	body := sha256.Sum256([]byte("Action=GetCallerIdentity&Version=2011-06-15"))
	door := guard.Door{Options: sigv4.Options{DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery}}
	for _, c := range []struct {
		name string
		key  sigv4.Credentials
	}{{"user", bobs}, {"role", session}} {
		b.Run(c.name, func(b *testing.B) {
			r, err := http.NewRequest(http.MethodPost, "https://sts.us-east-1.amazonaws.com/", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header = http.Header{
				"Accept-Encoding": {"gzip"}, "Content-Length": {"43"}, "Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"agent/1"},
			}
			opt := door.Options
			opt.Service, opt.Region = "sts", "us-east-1"
			if err := sigv4.Sign(r, body, c.key, clock, opt); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.guard.Authenticate(b.Context(), r, body, door, user.Origin); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
