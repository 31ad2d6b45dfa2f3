package iam

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	hash := PasswordCost{}.Hash(rand.Reader, "correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s costs too little", hash)
	}
	if cheap := (PasswordCost{Memory: 8, Passes: 1}).Hash(rand.Reader, "correct horse"); !PasswordMatches(cheap, "correct horse") || PasswordMatches(cheap, "horse") {
		t.Errorf("%s, at another cost", cheap)
	}
	if !PasswordMatches(hash, "correct horse") {
		t.Errorf("%s does not match", hash)
	}
	if hash == (PasswordCost{}).Hash(rand.Reader, "correct horse") || strings.Contains(hash, "horse") {
		t.Errorf("%s shows the password", hash)
	}
	for what, bad := range map[string][2]string{
		"another password": {hash, "correct horsf"},
		"none":             {hash, ""},
		"no hash":          {"", ""},
		"a hash cut short": {hash[:len(hash)-1], "correct horse"},
		"another form":     {strings.Replace(hash, "argon2id", "argon2i", 1), "correct horse"},
		"a costly hash":    {strings.Replace(hash, "m=19456", "m=99999999", 1), "correct horse"},
	} {
		if PasswordMatches(bad[0], bad[1]) {
			t.Errorf("%s matches", what)
		}
	}
}
