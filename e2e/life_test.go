package e2e_test

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/goccy/go-yaml"
)

// lives are the nouns of AWS, one a file: how each is made, tagged, listed,
// changed and deleted. Every client leads every life.
//
//go:embed life/*.yaml
var lives embed.FS

// life is one noun's.
type life struct {
	Noun string `yaml:"-"`
	// About says what the noun is.
	About string
	// Accounts are more accounts than the one that the life is led in. Their names
	// stand for their numbers, and for their root users where a step says As.
	Accounts []string
	// Recent says that clients of some years ago do not know the noun.
	Recent bool
	// Given are the steps that come before the life, and that the SDK for Go takes
	// whoever leads it.
	Given []step
	Steps []step
}

// step is one thing that a client is asked to do: exactly one of Call, Pages and
// Wait, each a service and an operation (or a waiter).
type step struct {
	Call  string
	Pages string // call by pages of Size, and take all of them together
	Wait  string
	Size  int
	// Stop is after how many items a client that can do so stops amid a list, and
	// goes on by what it was given.
	Stop int
	// With are the members of the input. A map where AWS takes the text of a
	// document is written as JSON. $name stands for what was kept under that name.
	With map[string]any
	// As names an account of the life, or keys that were kept; empty: root.
	As string
	// Want are members of the answer, by path: names and numbers with dots between,
	// # at the end being how many there are. A value after ~ is a pattern.
	Want map[string]any
	Keep map[string]string
	// Refused is the code of the refusal that is due.
	Refused string
	// Recent says that clients of some years ago do not know the operation, or its
	// pages.
	Recent bool
	// SDK leaves a second look to the SDKs: commands of the CLI take long.
	SDK bool
}

// client makes calls the way one of AWS's clients does. What it says beside the
// answer is a warning.
type client interface {
	do(s step, cred aws.Credentials) (answer any, warnings string, err error)
	// spares tells whether the client leaves a step to the others.
	spares(s step) bool
}

// refusal is an error that the server answered, as the client told it.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

var (
	// errUnknown says that the client is older than the operation.
	errUnknown  = errors.New("the client does not know it")
	errAnswered = errors.New("it was answered")
)

// leadLives leads every life by a client, each in an account of its own; open
// makes a client for an endpoint.
func leadLives(t *testing.T, open func(t *testing.T, url string) client) {
	w := newWorld(t, withDelegation(t))
	files, err := fs.Glob(lives, "life/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lives: %v", err)
	}
	for _, file := range files {
		noun := strings.TrimSuffix(path.Base(file), ".yaml")
		t.Run(noun, func(t *testing.T) {
			t.Parallel()
			text, err := lives.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l := life{Noun: noun}
			if err := yaml.UnmarshalWithOptions(text, &l, yaml.Strict()); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			lead(t, w, l, open)
		})
	}
}

// lead leads one life.
func lead(t *testing.T, w *world, l life, open func(*testing.T, string) client) {
	j := journey{kept: stock(t)}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		j.asked.Add(1)
		w.server.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	for _, name := range append([]string{"account"}, l.Accounts...) {
		id, root := w.account(t, l.Noun+"-"+name)
		j.kept[name], j.kept["root of "+name] = id, root.key
	}
	for _, s := range l.Given {
		if err := j.take(t, module{front.URL}, s); err != nil {
			t.Fatalf("given %s: %v", s.name(), err)
		}
	}
	c := open(t, front.URL)
	for i, s := range l.Steps {
		if c.spares(s) {
			continue
		}
		switch err := j.take(t, c, s); {
		case errors.Is(err, errUnknown) && (l.Recent || s.Recent):
			t.Logf("%v: it is too old", err)
			if l.Recent {
				return
			}
		case err != nil:
			t.Fatalf("step %d, %s: %v", i+1, s.name(), err)
		}
	}
}

// journey is a life as it is led.
type journey struct {
	kept  map[string]any
	asked atomic.Int64 // requests that reached the server
}

// take takes a step and checks what came of it. What is wrong beside the answer's
// being there does not end the life.
func (j *journey) take(t *testing.T, c client, s step) error {
	t.Helper()
	with, err := complete(s.With, j.kept)
	if err != nil {
		return err
	}
	s.With, _ = with.(map[string]any)
	cred, ok := signer(j.kept, s.As)
	if !ok {
		return fmt.Errorf("nobody is %q", s.As)
	}
	before := j.asked.Load()
	got, warnings, err := c.do(s, cred)
	if warnings != "" {
		t.Errorf("%s: the client warned: %s", s.name(), warnings)
	}
	if s.Refused != "" {
		if r := new(refusal); !errors.As(err, &r) || r.code != s.Refused {
			return fmt.Errorf("%w; want %s", cmp.Or(err, errAnswered), s.Refused)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if n := j.asked.Load() - before; s.Pages != "" && n < 2 {
		t.Errorf("%s: the list came by %d page", s.name(), n)
	}
	for at, want := range s.Want {
		if want, err = complete(want, j.kept); err != nil {
			return err
		}
		if err := matches(follow(got, at), want); err != nil {
			t.Errorf("%s: %s: %v, in %v", s.name(), at, err, got)
		}
	}
	for name, at := range s.Keep {
		if j.kept[name] = follow(got, at); j.kept[name] == nil {
			return fmt.Errorf("nothing at %s of %v", at, got)
		}
	}
	return nil
}

// signer gives the keys of an account's root user, or those that were kept.
func signer(kept map[string]any, who string) (aws.Credentials, bool) {
	if who == "" {
		who = "account"
	}
	if cred, ok := kept["root of "+who].(aws.Credentials); ok {
		return cred, true
	}
	key, ok := kept[who].(map[string]any)
	text := func(name string) string { s, _ := key[name].(string); return s }
	return aws.Credentials{AccessKeyID: text("AccessKeyId"), SecretAccessKey: text("SecretAccessKey"), SessionToken: text("SessionToken")}, ok
}

// named splits a step's service from its operation.
func (s step) named() (service, operation string) {
	service, operation, _ = strings.Cut(s.name(), " ")
	return service, operation
}

func (s step) name() string { return s.Call + s.Pages + s.Wait }
