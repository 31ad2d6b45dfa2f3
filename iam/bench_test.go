package iam

import (
	crypto "crypto/rand"
	"fmt"
	"testing"
)

// BenchmarkFind is what a request asks an account of a thousand users and roles for.
func BenchmarkFind(b *testing.B) {
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`
	d := policyDraft()
	var id, key, arn string
	for i := range 1000 {
		u, err := d.CreateUser(NewUser{Name: fmt.Sprintf("Person-%03d", i)})
		if err != nil {
			b.Fatal(err)
		}
		k, _, err := d.CreateAccessKey(u)
		if err != nil {
			b.Fatal(err)
		}
		r, err := d.CreateRole(NewRole{Name: fmt.Sprintf("deployment-pipeline-%03d", i), Trust: trust})
		if err != nil {
			b.Fatal(err)
		}
		id, key, arn = u.ID, k.ID, d.RoleARN(r)
	}
	a, _ := d.Seal()
	for _, find := range []struct {
		what string
		ok   func() bool
	}{
		{"AccessKey", func() bool { _, _, ok := a.AccessKey(key); return ok }},
		{"UserByID", func() bool { _, ok := a.UserByID(id); return ok }},
		{"RoleByARN", func() bool { _, ok := a.RoleByARN(arn); return ok }},
		{"KeyAccount", func() bool { _, ok := KeyAccount(key); return ok }},
	} {
		b.Run(find.what, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !find.ok() {
					b.Fatal("it is not there")
				}
			}
		})
	}
}

func BenchmarkNewKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewKey(crypto.Reader, PrefixTempKey, testAccount)
	}
}
