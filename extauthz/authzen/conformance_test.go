package authzen_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	record1 = "arn:aws:library:::record/1"
	record2 = "arn:aws:library:::record/2"
	reading = `{"Effect":"Allow","Action":"library:Read","Resource":"*"}`
	writing = `{"Effect":"Allow","Action":["library:Read","library:Write"],"Resource":"` + record1 + `"}`
)

// library is the fixture of the certification's scenarios, in policies: alice reads
// and writes the first record, bob reads all.
func library(t *testing.T) *world {
	w := newWorld(t)
	w.user(t, "alice", "/", writing)
	w.user(t, "bob", "/", reading)
	return w
}

// TestConformance: what the specification and its certification scenario ask of
// every decision point. NAMES stand for what they are here.
func TestConformance(t *testing.T) {
	w := library(t)
	const (
		subject  = `"subject":{"type":"user","id":"ALICE"}`
		action   = `"action":{"name":"library:Read"}`
		resource = `"resource":{"type":"record","id":"RECORD1"}`
		bob      = `"subject":{"type":"user","id":"BOB"}`
		write    = `"action":{"name":"library:Write"}`
		second   = `"resource":{"type":"record","id":"RECORD2"}`
	)
	yes, no := `"decision":true`, `"decision":false`
	for _, c := range []struct {
		name, path, body string
		status           int
		want             []string // in the answer, in this order
	}{
		{"a permit", evaluation, `{` + subject + `,` + action + `,` + resource + `}`, 200, []string{yes}},
		{"a denial", evaluation, `{` + bob + `,` + write + `,` + resource + `}`, 200, []string{no}},
		{"with a context", evaluation, `{` + subject + `,` + action + `,` + resource + `,"context":{"time":"2025-06-27T18:03-07:00","ip":"192.168.1.1","deep":{"a":[null]}}}`, 200, []string{yes}},
		{"with properties", evaluation, `{"subject":{"type":"user","id":"ALICE","properties":{"department":"Sales"}},"action":{"name":"library:Read","properties":{"method":"GET"}},"resource":{"type":"record","id":"RECORD1","properties":{"status":"active"}}}`, 200, []string{yes}},
		{"with unknown members", evaluation, `{` + subject + `,` + action + `,` + resource + `,"foo":"bar","futureField":{"nested":true}}`, 200, []string{yes}},
		{"an unknown subject", evaluation, `{"subject":{"type":"user","id":"nobody"},` + action + `,` + resource + `}`, 200, []string{no, "There is no such subject"}},
		{"a type of subject that is none", evaluation, `{"subject":{"type":"spaceship","id":"1"},` + action + `,` + resource + `}`, 200, []string{no, "not known here"}},
		{"a resource that is none", evaluation, `{` + subject + `,` + action + `,"resource":{"type":"record","id":"record-1"}}`, 200, []string{no, "has no ARN"}},
		{"an action that is none", evaluation, `{` + subject + `,"action":{"name":"read"},` + resource + `}`, 200, []string{no, "none of IAM's"}},

		{"no subject", evaluation, `{` + action + `,` + resource + `}`, 400, []string{`"subject is missing."`}},
		{"no action", evaluation, `{` + subject + `,` + resource + `}`, 400, []string{"action is missing"}},
		{"no resource", evaluation, `{` + subject + `,` + action + `}`, 400, []string{"resource is missing"}},
		{"a subject without type", evaluation, `{"subject":{"id":"ALICE"},` + action + `,` + resource + `}`, 400, []string{"subject.type is missing"}},
		{"a subject without id", evaluation, `{"subject":{"type":"user"},` + action + `,` + resource + `}`, 400, []string{"subject.id is missing"}},
		{"an action without name", evaluation, `{` + subject + `,"action":{},` + resource + `}`, 400, []string{"action.name is missing"}},
		{"a resource without type", evaluation, `{` + subject + `,` + action + `,"resource":{"id":"RECORD1"}}`, 400, []string{"resource.type is missing"}},
		{"a resource without id", evaluation, `{` + subject + `,` + action + `,"resource":{"type":"record"}}`, 400, []string{"resource.id is missing"}},
		{"a subject that is text", evaluation, `{"subject":"alice",` + action + `,` + resource + `}`, 400, []string{"subject must be an object"}},
		{"a name that is a number", evaluation, `{` + subject + `,"action":{"name":123},` + resource + `}`, 400, []string{"action.name must be a string"}},
		{"properties that are a list", evaluation, `{` + subject + `,"action":{"name":"library:Read","properties":[]},` + resource + `}`, 400, []string{"must be an object"}},
		{"a context that is null", evaluation, `{` + subject + `,` + action + `,` + resource + `,"context":null}`, 400, []string{"context must be an object"}},
		{"no JSON", evaluation, `{"subject":`, 400, []string{"not valid JSON"}},
		{"more than one value", evaluation, `{} {}`, 400, []string{"not valid JSON"}},
		{"a list", evaluation, `[]`, 400, []string{"must be a JSON object"}},
		{"nothing", evaluation, ``, 400, []string{"not valid JSON"}},

		{"several", evaluations, `{` + bob + `,` + resource + `,"evaluations":[{` + action + `},{` + write + `}]}`, 200, []string{`{"evaluations":[{` + yes, no}},
		{"several, whole", evaluations, `{"evaluations":[{` + subject + `,` + action + `,` + resource + `},{` + bob + `,` + write + `,` + resource + `}]}`, 200, []string{yes, no}},
		{"several, by default", evaluations, `{` + subject + `,` + write + `,"context":{"time":"x"},"evaluations":[{` + resource + `},{` + second + `,"context":{"source":"y"}},{` + resource + `}]}`, 200, []string{yes, no, yes}},
		{"several, one without", evaluations, `{` + subject + `,` + action + `,"evaluations":[{` + resource + `},{},{` + resource + `}]}`, 200, []string{yes, no, `"error":{"status":400,"message":"resource is missing."}`, yes}},
		{"no list", evaluations, `{` + subject + `,` + action + `,` + resource + `}`, 200, []string{`{` + yes}},
		{"an empty list", evaluations, `{` + subject + `,` + action + `,` + resource + `,"evaluations":[]}`, 200, []string{`{` + yes}},
		{"a list that is none", evaluations, `{"evaluations":{}}`, 400, []string{"evaluations must be a list"}},
		{"a list of texts", evaluations, `{"evaluations":["x"]}`, 400, []string{"a list of objects"}},
		{"a default that is none", evaluations, `{"subject":[],"evaluations":[{}]}`, 400, []string{"subject must be an object"}},
		{"all", evaluations, `{` + subject + `,` + write + `,"options":{"evaluations_semantic":"execute_all","another":1},"evaluations":[{` + resource + `},{` + second + `},{` + resource + `}]}`, 200, []string{yes, no, yes}},
		{"a semantic that is none", evaluations, `{"options":{"evaluations_semantic":"whatever"},"evaluations":[{}]}`, 400, []string{"evaluations_semantic"}},

		{"subjects", search + "subject", `{"subject":{"type":"user"},` + action + `,` + resource + `}`, 200, []string{`{"results":[{"type":"user","id":"ALICE"},{"type":"user","id":"BOB"}],"page":{"next_token":"","count":2}}`}},
		{"subjects, with an id and a context", search + "subject", `{"subject":{"type":"user","id":"BOB"},` + write + `,` + resource + `,"context":{"time":"x"}}`, 200, []string{`{"results":[{"type":"user","id":"ALICE"}]`}},
		{"no subjects", search + "subject", `{"subject":{"type":"user"},"action":{"name":"library:Burn"},` + resource + `}`, 200, []string{`{"results":[]`}},
		{"subjects of no type", search + "subject", `{"subject":{"type":"spaceship"},` + action + `,` + resource + `}`, 200, []string{`{"results":[]`}},
		{"subjects, no action", search + "subject", `{"subject":{"type":"user"},` + resource + `}`, 400, []string{"action is missing"}},
		{"subjects, no resource id", search + "subject", `{"subject":{"type":"user"},` + action + `,"resource":{"type":"record"}}`, 400, []string{"resource.id is missing"}},
		{"resources, no subject", search + "resource", `{` + action + `,"resource":{"type":"record"}}`, 400, []string{"subject is missing"}},
		{"resources, no subject id", search + "resource", `{"subject":{"type":"user"},` + action + `,"resource":{"type":"record"}}`, 400, []string{"subject.id is missing"}},
		{"resources of a type that is not kept", search + "resource", `{` + subject + `,` + action + `,"resource":{"type":"record"}}`, 200, []string{`{"results":[]`, "not kept here"}},
		{"actions, no resource", search + "action", `{` + subject + `}`, 400, []string{"resource is missing"}},
		{"actions of somebody unknown", search + "action", `{"subject":{"type":"user","id":"nobody"},` + resource + `}`, 200, []string{`{"results":[]`}},
		{"a page that is none", search + "subject", `{"subject":{"type":"user"},` + action + `,` + resource + `,"page":{"limit":0}}`, 400, []string{"page.limit"}},
		{"a page of a half", search + "subject", `{"subject":{"type":"user"},` + action + `,` + resource + `,"page":{"limit":1.5}}`, 400, []string{"page.limit"}},

		{"an endpoint that is none", "/access/v1/evaluate", `{}`, 404, []string{"no such endpoint"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			names := strings.NewReplacer("ALICE", w.users["alice"], "BOB", w.users["bob"], "RECORD1", record1, "RECORD2", record2)
			a := w.ask(t, w.root, c.path, names.Replace(c.body))
			if a.status != c.status || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %s: %s", a.status, a.header.Get("Content-Type"), a.body)
			}
			if c.status != 200 && !strings.HasPrefix(a.body, `"`) {
				t.Errorf("an error that is no string: %s", a.body)
			}
			rest := a.body
			for _, want := range c.want {
				_, after, ok := strings.Cut(rest, names.Replace(want))
				if !ok {
					t.Fatalf("no %s in %s", want, rest)
				}
				rest = after
			}
		})
	}
}

// TestSemantics: of several questions, the last that is answered is the one that
// settles it.
func TestSemantics(t *testing.T) {
	w := library(t)
	list := func(decisions string) string {
		var items []string
		for _, d := range decisions {
			id := record1
			switch d {
			case 'n':
				id = record2
			case 'e':
				id = ""
			}
			items = append(items, fmt.Sprintf(`{"resource":{"type":"record","id":%q}}`, id))
		}
		return strings.Join(items, ",")
	}
	for _, c := range []struct{ semantic, asked, want string }{
		{"execute_all", "ynye", "ynyn"},
		{"deny_on_first_deny", "yyny", "yyn"},
		{"deny_on_first_deny", "yeyy", "yn"},
		{"deny_on_first_deny", "yyy", "yyy"},
		{"permit_on_first_permit", "neyn", "nny"},
		{"permit_on_first_permit", "nn", "nn"},
	} {
		a := w.ask(t, w.root, evaluations, `{"subject":{"type":"user","id":"`+w.users["alice"]+`"},"action":{"name":"library:Write"},"options":{"evaluations_semantic":"`+c.semantic+`"},"evaluations":[`+list(c.asked)+`]}`)
		got := ""
		for _, d := range a.object(t)["evaluations"].([]any) {
			if d.(map[string]any)["decision"].(bool) {
				got += "y"
			} else {
				got += "n"
			}
		}
		if got != c.want {
			t.Errorf("%s of %s: %s, want %s: %s", c.semantic, c.asked, got, c.want, a.body)
		}
	}
}

// TestHeaders: the request's own id comes back, methods and types are what they
// must be, and the metadata is for everybody.
func TestHeaders(t *testing.T) {
	w := library(t)
	body := marshal(t, about("user", w.users["alice"], "library:Read", record1))
	send := func(method, contentType string) answered {
		r, err := http.NewRequest(method, w.url+evaluation, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		r.Header.Set("X-Request-ID", "bfe9eb29, not a UUID")
		sign(t, r, []byte(body), w.root, "authzen", time.Now())
		return w.send(t, r)
	}
	for _, c := range []struct {
		method, contentType string
		status              int
	}{
		{"POST", "application/json", 200}, {"POST", "application/json; charset=utf-8", 200}, {"POST", "", 400}, {"POST", "text/plain", 400},
		{"POST", "application/jsonp", 400}, {"PUT", "application/json", 405},
	} {
		a := send(c.method, c.contentType)
		if a.status != c.status || a.header.Get("X-Request-ID") != "bfe9eb29, not a UUID" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d %v", c.method, c.contentType, a.status, a.header)
		}
	}
	r, err := http.NewRequest(http.MethodGet, w.url+"/.well-known/authzen-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	a := w.send(t, r)
	const at = "https://iamd.example.com"
	want := `{"policy_decision_point":"` + at + `","access_evaluation_endpoint":"` + at + `/access/v1/evaluation","access_evaluations_endpoint":"` + at + `/access/v1/evaluations",` +
		`"search_subject_endpoint":"` + at + `/access/v1/search/subject","search_resource_endpoint":"` + at + `/access/v1/search/resource","search_action_endpoint":"` + at + `/access/v1/search/action"}`
	if a.status != 200 || a.body != want || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("the metadata: %d %s", a.status, a.body)
	}
}
