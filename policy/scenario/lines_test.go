package scenario_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"iamd/policy"
	"iamd/policy/scenario"
)

func TestLines(t *testing.T) {
	cases, err := load(good)
	if err != nil {
		t.Fatal(err)
	}
	var sent bytes.Buffer
	l := scenario.NewLines(&sent, strings.NewReader(
		`{"decision":"allowed"}`+"\n"+`{"decision":"implicitDeny","by":"boundary","time":12}`+"\n"+`{"decision":"allowed","by":"resource"}`+"\n"))
	for i, want := range []scenario.Answer{
		{Decision: scenario.Allowed}, {Decision: scenario.ImplicitDeny, By: policy.Boundary}, {Decision: scenario.Allowed, By: policy.Resource},
	} {
		if a, err := l.Ask(cases[i]); err != nil || a != want {
			t.Errorf("%+v %v", a, err)
		}
	}
	if s := cases[0].Judge(scenario.Answer{Decision: scenario.Allowed}); s != "" {
		t.Error(s)
	}
	if s := cases[0].Judge(scenario.Answer{Decision: scenario.ExplicitDeny}); s != "want allowed, got explicitDeny" {
		t.Error(s)
	}
	lines := strings.Split(sent.String(), "\n")
	if len(lines) != 4 || lines[3] != "" {
		t.Fatalf("%q", lines)
	}
	var second, third struct {
		Name, Page, Source string
		Request            struct {
			Principal        map[string]string
			Action, Resource string
			Context          map[string]any
		}
		Policies map[string][]json.RawMessage
	}
	if err := json.Unmarshal([]byte(lines[1]), &second); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(lines[2]), &third); err != nil {
		t.Fatal(err)
	}
	if p := second.Policies; len(p) != 2 || len(p["identity"]) != 1 || p["boundary"] == nil || len(p["boundary"]) != 0 ||
		second.Name != "a/b/limits/2" || second.Request.Principal["arn"] != "arn:aws:iam::111122223333:user/alice" {
		t.Errorf("%s", lines[1])
	}
	if third.Request.Context["aws:principaltag/team"] != "red" || third.Source != scenario.Assumed ||
		!strings.Contains(string(third.Policies["identity"][0]), `"Effect":"Allow","Action":"*","Resource":"*","Condition"`) {
		t.Errorf("%s", lines[2])
	}
}

func TestLinesFaults(t *testing.T) {
	cases, err := load(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ answer, want string }{
		{"", "ended without an answer"},
		{"allowed\n", `the answer "allowed" is no JSON object`},
		{"{\"decision\":\"allow\"}\n", "has no decision of allowed"},
		{"{}\n", "has no decision"},
		{"{\"decision\":\"allowed\",\"by\":\"luck\"}\n", "names no kind of policy"},
		{"{\"error\":\"I know no variables\"}\n", "the engine can't answer: I know no variables"},
		{strings.Repeat("x", 1<<17), "longer than 65536 bytes"},
	} {
		_, err := scenario.NewLines(io.Discard, strings.NewReader(c.answer)).Ask(cases[0])
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "a/b/limits/1: ") {
			t.Errorf("%.40q: %v", c.answer, err)
		}
	}
	r, w := io.Pipe()
	r.CloseWithError(errors.New("gone"))
	if _, err := scenario.NewLines(w, strings.NewReader("")).Ask(cases[0]); err == nil || !strings.Contains(err.Error(), "does not read: gone") {
		t.Error(err)
	}
}
