package iam

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"iamd/store"
)

// under seals for tests by a key that is a letter: what it sealed begins with it.
func under(d *Draft, key string) {
	d.env.Seal = func(account, id, secret string) []byte {
		return []byte(key + "|" + account + "|" + id + "|" + secret)
	}
	d.env.Unseal = func(account, id string, sealed []byte) (string, error) {
		plain, ok := bytes.CutPrefix(sealed[1:], []byte("|"+account+"|"+id+"|"))
		if !ok {
			return "", errors.New("it does not open")
		}
		return string(plain), nil
	}
}

func by(key string) func([]byte) bool {
	return func(sealed []byte) bool { return bytes.HasPrefix(sealed, []byte(key+"|")) }
}

func (a *Account) sealedBy(key string) (n int) {
	a.Sealed(func(sealed []byte) bool {
		if by(key)(sealed) {
			n++
		}
		return true
	})
	return n
}

// everythingSealed is an account with one of everything that is sealed, and users.
func everythingSealed(t *testing.T, users int) *Draft {
	t.Helper()
	d := policyDraft()
	under(d, "a")
	d.Begin(NewAccountInput{Name: "shop", Email: "root@example.com"})
	for i := range users {
		u, err := d.CreateUser(NewUser{Name: fmt.Sprintf("user%03d", i)})
		must(t, err)
		for range 2 {
			if u, err = d.User(u.Name); err != nil {
				t.Fatal(err)
			}
			_, _, err = d.CreateAccessKey(u)
			must(t, err)
		}
	}
	_, err := d.CreateVirtualMFADevice(NewMFADevice{Name: "phone", Seed: NewSeed(d.env.Rand)})
	must(t, err)
	mustServerCertificate(t, d, "web")
	p := mustSAMLProvider(t, d, "Corp", mustSAMLKey(t))
	must(t, d.UpdateSAMLProvider(d.SAMLProviderARN(p), SAMLUpdate{Add: mustSAMLKey(t)}))
	keys, err := NewSigningKeys(d.env.Rand)
	must(t, err)
	_, err = d.EnableOutboundFederation(keys)
	must(t, err)
	return d
}

// sealedInRows counts what is sealed in rows, whatever walks say.
func sealedInRows(c store.Changes, key string) (n int) {
	// A sealed value begins by the key's letter: in base64 that is told by its first two.
	first := map[string]string{"a": "YX", "b": "Yn"}[key]
	for _, r := range c.Rows {
		n += strings.Count(string(r.Data), `"sealed":"`+first)
	}
	return n
}

// TestReseal: every value is sealed anew, in steps, and opens to the same.
func TestReseal(t *testing.T) {
	a, rows := everythingSealed(t, 10).Seal()
	const all = 1 + 20 + 1 + 1 + 2 + 2
	if n, m := a.sealedBy("a"), sealedInRows(rows, "a"); n != all || m != all {
		t.Fatalf("%d values are walked and %d are in the rows, of %d", n, m, all)
	}
	secrets := map[string]string{}
	for _, u := range a.UsersAfter("") {
		for _, k := range u.Keys {
			secret, err := a.Secret(k)
			must(t, err)
			secrets[k.ID] = secret
		}
	}
	done, steps := 0, 0
	for more := true; more; steps++ {
		d := a.Draft()
		under(d, "b")
		r := d.Reseal(by("a"), 7)
		done, more = done+r.Done, r.More
		if r.Done > 8 || r.Broken > 0 {
			t.Errorf("step %d: %+v", steps, r)
		}
		var changes store.Changes
		a, changes = d.Seal()
		if n := sealedInRows(changes, "b"); n != r.Done || sealedInRows(changes, "a") > 1 {
			t.Errorf("step %d: %d rows' values for %d", steps, n, r.Done)
		}
		if len(changes.Take)+len(changes.Free)+len(changes.Events) > 0 {
			t.Errorf("step %d changes more: %+v", steps, changes)
		}
	}
	if done != all || steps < 4 || a.sealedBy("a") != 0 || a.sealedBy("b") != all {
		t.Errorf("%d of %d in %d steps, %d left", done, all, steps, a.sealedBy("a"))
	}
	for id, want := range secrets {
		k, u, ok := a.AccessKey(id)
		if got, err := a.Secret(k); !ok || u == nil || err != nil || got != want {
			t.Errorf("key %s: %v, %v", id, ok, err)
		}
	}
	if _, _, err := a.SigningKey(ES384); err != nil {
		t.Error(err)
	}
	d := a.Draft()
	if r := d.Reseal(by("a"), 7); r != (Resealed{}) || d.Changed() {
		t.Errorf("once more: %+v", r)
	}
}

// TestResealBroken: a value that does not open stays, and keeps no other back.
func TestResealBroken(t *testing.T) {
	d := everythingSealed(t, 2)
	u, err := d.User("user000")
	must(t, err)
	keys := slices.Clone(u.Keys)
	keys[0].Sealed = []byte("a|of another account")
	d.putKeys(u, keys)
	under(d, "b")
	r := d.Reseal(by("a"), 100)
	if r.Broken != 1 || r.More || d.sealedBy("a") != 1 || d.sealedBy("b") != r.Done {
		t.Errorf("%+v, %d left", r, d.sealedBy("a"))
	}
	if k, _, _ := d.AccessKey(keys[0].ID); string(k.Sealed) != "a|of another account" {
		t.Errorf("it became %q", k.Sealed)
	}
}

// TestSealedTypes: whatever holds a sealed value is walked. Who adds another adds
// it to Sealed and Reseal too, and to everythingSealed above.
func TestSealedTypes(t *testing.T) {
	walked := []string{"AccessKey", "MFADevice", "SAMLPrivateKey", "ServerCertificate", "SigningKey"}
	var found []string
	files, err := fs.Glob(os.DirFS("."), "*.go")
	must(t, err)
	for _, name := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range s.Fields.List {
					if len(field.Names) > 0 && field.Names[0].Name == "Sealed" {
						found = append(found, spec.Name.Name)
					}
				}
			}
			return true
		})
	}
	slices.Sort(found)
	if !slices.Equal(found, walked) {
		t.Errorf("types with sealed values are %v, walked are %v", found, walked)
	}
}

func BenchmarkReseal(b *testing.B) {
	d := policyDraft()
	under(d, "a")
	d.env.Quotas.Users = 5000
	for i := range 5000 {
		u, err := d.CreateUser(NewUser{Name: fmt.Sprintf("user%04d", i)})
		if err == nil {
			_, _, err = d.CreateAccessKey(u)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	a, _ := d.Seal()
	b.ReportAllocs()
	for b.Loop() {
		d := a.Draft()
		if r := d.Reseal(by("a"), 200); r.Done != 200 {
			b.Fatalf("%+v", r)
		}
	}
}
