package server

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"iamd/gateway"
	"iamd/standin"
)

func standingIn(dir string, change ...func(*Config)) Config {
	cfg := Config{DataDir: dir, StandIn: StandIn{Name: standin.SellingPartner}}
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// owners are the accounts that own the stand-in's APIs.
func owners(s *Server) (ids []string) {
	for _, a := range s.cfg.Gateway.APIs {
		ids = append(ids, a.Account)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func named(t *testing.T, s *Server, name string) (ids []string) {
	t.Helper()
	list, err := s.ListAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Name == name {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// TestOwner: one account of its own, made once, in which nobody has keys.
func TestOwner(t *testing.T) {
	dir := t.TempDir()
	s := start(t, standingIn(dir))
	got := owners(s)
	if len(got) != 1 || got[0] == s.FirstStart().AccountID || !slices.Equal(named(t, s, standin.Owner), got) {
		t.Fatalf("owners %v, accounts of the name %v", got, named(t, s, standin.Owner))
	}
	a, err := s.accounts.View(t.Context(), got[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, has := a.AnyKey(); has || a.Root.Email != "" || a.Root.Password != "" {
		t.Errorf("the owner has a key, or an address to sign in by: %+v", a.Root)
	}
	text, err := os.ReadFile(ownerFile(dir))
	if info, failed := os.Stat(ownerFile(dir)); err != nil || failed != nil || string(text) != got[0]+"\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %q %v %v", ownerFile(dir), text, err, failed)
	}
	if len(s.applications) != 3 {
		t.Errorf("the console tells of %d APIs", len(s.applications))
	}
	closed(t, s)
	s = start(t, standingIn(dir))
	if again := owners(s); !slices.Equal(again, got) || len(named(t, s, standin.Owner)) != 1 {
		t.Errorf("after a restart: %v", again)
	}
	closed(t, s)
	// Without the stand-in the account stays, and is nothing special.
	s = start(t, Config{DataDir: dir})
	defer closed(t, s)
	if s.front != nil || s.gateway != nil || len(named(t, s, standin.Owner)) != 1 {
		t.Error("the stand-in is not off")
	}
}

// TestOwnerCutShort: a start that ended between its steps is finished by the next.
func TestOwnerCutShort(t *testing.T) {
	for _, made := range []bool{false, true} {
		dir := t.TempDir()
		s := start(t, standingIn(dir))
		got := owners(s)
		closed(t, s)
		if !made {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			s = start(t, Config{DataDir: dir})
			closed(t, s)
			if err := writeSecrets(ownerFile(dir), []byte(got[0]+"\n")); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(ownerFile(dir), ownerFile(dir)+pending); err != nil {
			t.Fatal(err)
		}
		s = start(t, standingIn(dir))
		if again := owners(s); !slices.Equal(again, got) || !slices.Equal(named(t, s, standin.Owner), got) {
			t.Errorf("account made: %v: %v became %v, of the name %v", made, got, again, named(t, s, standin.Owner))
		}
		if _, err := os.Stat(ownerFile(dir)); err != nil {
			t.Error(err)
		}
		closed(t, s)
	}
}

// TestOwnerOfOthers: nobody else's account comes to own the APIs.
func TestOwnerOfOthers(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Config{DataDir: dir})
	id := s.FirstStart().AccountID
	closed(t, s)
	for text, words := range map[string]string{id + "\n": "not the stand-in's own", "": "twelve digits", "12345678901x": "twelve digits"} {
		if err := writeSecrets(ownerFile(dir), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := New(context.Background(), standingIn(dir)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestStandInConfig(t *testing.T) {
	for words, change := range map[string]func(*Config){
		"write sp-api (--stand-in sp-api)": func(c *Config) { c.StandIn.Name = "ec2" },
		"settings and no name":             func(c *Config) { c.StandIn = StandIn{Authorization: "LWA"} },
		"write AWS_IAM+LWA or LWA":         func(c *Config) { c.StandIn.Authorization = "NONE" },
		"stand_in.documents: ":             func(c *Config) { c.StandIn.Documents = []string{filepath.Join(c.DataDir, "none")} },
		"resource_policy: ":                func(c *Config) { c.StandIn.ResourcePolicy = "{" },
		`host "sellingpartnerapi-na.amazon.com"`: func(c *Config) {
			c.Gateway.APIs = []gateway.API{openAPI("mine", "http://127.0.0.1:1", "sellingpartnerapi-na.amazon.com")}
		},
		"put the key back": func(c *Config) {
			if err := os.WriteFile(AuthorityFile(c.DataDir), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		dir := t.TempDir()
		if _, err := New(context.Background(), standingIn(dir, change)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v; want %q", err, words)
		}
		// What fails makes no account.
		for _, file := range []string{RootFile(dir), RootFile(dir) + pending, ownerFile(dir), ownerFile(dir) + pending} {
			if _, err := os.Stat(file); err == nil {
				t.Errorf("%q: %s was made", words, file)
			}
		}
	}
}

// TestStandInDocuments: documents that are named take the small one's place.
func TestStandInDocuments(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pets.yaml")
	if err := os.WriteFile(file, []byte("openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      operationId: getPets\n      responses: {'204': {description: None}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, standingIn(filepath.Join(dir, "data"), func(c *Config) { c.StandIn.Documents = []string{file} }))
	defer closed(t, s)
	b := s.cfg.Gateway.APIs[0].Backend
	if op, ok := b.Operation("GET", "/pets"); !ok || op.Name != "getPets" {
		t.Errorf("%+v %v", op, ok)
	}
	if _, ok := b.Operation("GET", "/orders/v0/orders"); ok {
		t.Error("the small document is still there")
	}
}
