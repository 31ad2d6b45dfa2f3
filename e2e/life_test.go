package e2e_test

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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
	// Recent says that clients of some years ago do not know the operation.
	Recent bool
}

// client makes calls the way one of AWS's clients does. What it says beside the
// answer is a warning.
type client interface {
	do(s step, cred aws.Credentials) (answer any, warnings string, err error)
}

// refusal is an error that the server answered, as the client told it.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

var (
	// errUnknown says that the client is older than the operation.
	errUnknown = errors.New("the client does not know it")
	// errSpared says that the client leaves the step to the others.
	errSpared   = errors.New("the client leaves it out")
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
	front := httptest.NewServer(nil)
	t.Cleanup(front.Close)
	j := journey{kept: stock(t)}
	front.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		j.asked.Add(1)
		w.server.Handler().ServeHTTP(rw, r)
	})
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
		switch err := j.take(t, c, s); {
		case errors.Is(err, errUnknown) && (l.Recent || s.Recent):
			t.Logf("%v: it is too old", err)
			if l.Recent {
				return
			}
		case err != nil && !errors.Is(err, errSpared):
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
	j.asked.Store(0)
	got, warnings, err := c.do(s, cred)
	if warnings != "" {
		t.Errorf("%s: the client warned: %s", s.name(), warnings)
	}
	if s.Refused != "" && !errors.Is(err, errSpared) {
		if r := new(refusal); !errors.As(err, &r) || r.code != s.Refused {
			return fmt.Errorf("%w; want %s", cmp.Or(err, errAnswered), s.Refused)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if n := j.asked.Load(); s.Pages != "" && n < 2 {
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

var (
	variable = regexp.MustCompile(`\$[a-zA-Z][a-zA-Z0-9]*`)
	document = regexp.MustCompile(`(Document|Content|Policy)$`) // members that are texts of JSON
)

// complete puts in what was kept, and writes documents.
func complete(v any, kept map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		if value, ok := kept[strings.TrimPrefix(v, "$")].(map[string]any); ok && strings.HasPrefix(v, "$") {
			return value, nil
		}
		var failed error
		text := variable.ReplaceAllStringFunc(v, func(name string) string {
			switch value := kept[name[1:]].(type) {
			case string:
				return value
			case func(map[string]any) (string, error):
				text, err := value(kept)
				failed = errors.Join(failed, err)
				return text
			}
			failed = errors.Join(failed, fmt.Errorf("no text was kept as %s", name))
			return ""
		})
		return text, failed
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = complete(v[i], kept); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, value := range v {
			value, err := complete(value, kept)
			if err != nil {
				return nil, err
			}
			if _, object := value.(map[string]any); object && document.MatchString(name) {
				text, err := json.Marshal(value)
				if err != nil {
					return nil, err
				}
				value = string(text)
			}
			m[name] = value
		}
		return m, nil
	}
	return v, nil
}

// follow gives what is at a path; nil when it leads nowhere.
func follow(v any, at string) any {
	for name := range strings.SplitSeq(at, ".") {
		switch value := v.(type) {
		case map[string]any:
			v = value[name]
		case []any:
			n, err := strconv.Atoi(name)
			switch {
			case name == "#":
				v = len(value)
			case err != nil || n >= len(value):
				v = nil
			default:
				v = value[n]
			}
		default:
			if v = nil; name == "#" {
				v = 0
			}
		}
	}
	return v
}

// matches holds a value against a pattern or an equal. Documents are compared by
// what they say: clients give them as texts, escaped or not, or as values.
func matches(got, want any) error {
	text, isText := got.(string)
	if pattern, ok := want.(string); ok && strings.HasPrefix(pattern, "~") {
		if match, err := regexp.MatchString(pattern[1:], text); !isText || !match || err != nil {
			return fmt.Errorf("%v does not match %s", got, pattern[1:])
		}
		return nil
	}
	if _, ok := want.(map[string]any); ok && isText {
		if plain, err := url.QueryUnescape(text); err == nil && !strings.HasPrefix(text, "{") {
			text = plain
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			return err
		}
	}
	want, err := plain(want)
	if err != nil {
		return err
	}
	if got, err = plain(got); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%v, not %v", got, want)
	}
	return nil
}

// plain gives a value as JSON reads it.
func plain(v any) (out any, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(text, &out)
}

// together adds one page's lists to those of the pages before.
func together(all map[string]any, page any) map[string]any {
	m, _ := page.(map[string]any)
	if all == nil {
		return m
	}
	for name, value := range m {
		if list, ok := value.([]any); ok {
			before, _ := all[name].([]any)
			all[name] = slices.Concat(before, list)
		}
	}
	return all
}

// named splits a step's service from its operation.
func (s step) named() (service, operation string) {
	service, operation, _ = strings.Cut(s.name(), " ")
	return service, operation
}

func (s step) name() string { return s.Call + s.Pages + s.Wait }

func readJSON(text []byte) (v any, err error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	return v, json.Unmarshal(text, &v)
}
