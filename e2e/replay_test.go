package e2e_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recording is what AWS answered in one scenario, in the order of the calls.
type recording struct {
	Scenario string         `json:"scenario"`
	Recorded string         `json:"recorded"` // when, by the recorder's clock
	Steps    []recordedStep `json:"steps"`
}

type recordedStep struct {
	Step   string `json:"step"`
	Status int    `json:"status"` // of HTTP
	Answer any    `json:"answer"` // members that AWS answered with; an error's under Error
}

// turn is one call of a scenario. Its values may hold the placeholders of the
// recording: those that no answer has shown yet get a value of the test's own.
type turn struct {
	step    string   // the recorded answer; empty: the call only prepares, and must succeed
	action  string   // "iam:CreateRole"
	in      []string // wire names and values in turn
	session bool     // signed with the credentials of the last AssumeRole that succeeded
}

// exception is a place where iamd answers otherwise than AWS did, and why.
type exception struct{ scenario, step, path, reason string }

// exceptions is the whole list of them.
var exceptions = []exception{
	{serviceRole + "kafka.amazonaws.com]", "describe-response", "Role.RoleLastUsed", usedByService},
	{serviceRole + "rds.amazonaws.com]", "describe-response", "Role.RoleLastUsed", usedByService},
	{serviceRole + "resource-explorer-2.amazonaws.com]", "describe-response", "Role.RoleLastUsed", usedByService},
	{serviceRole + "ssm.amazonaws.com]", "describe-response", "Role.RoleLastUsed", usedByService},
	{serviceRole + "sso.amazonaws.com]", "describe-response", "Role.RoleLastUsed", usedByService},
	{serviceRole + "lex.amazonaws.com]", "attached-role-policies", "AttachedPolicies",
		"AmazonLexBotPolicy is in no source that the embedded managed policies are made of, and an attached policy must exist"},
	{credentialLife + "codecommit.amazonaws.com]", "list-service-specific-credentials-response-before-update", "IsTruncated", pagedSince},
	{credentialLife + "codecommit.amazonaws.com]", "list-service-specific-credentials-response-after-update", "IsTruncated", pagedSince},
	{credentialLife + "cassandra.amazonaws.com]", "list-service-specific-credentials-response-before-update", "IsTruncated", pagedSince},
	{credentialLife + "cassandra.amazonaws.com]", "list-service-specific-credentials-response-after-update", "IsTruncated", pagedSince},
	{"TestIAMServiceSpecificCredentials/test_list_service_specific_credential_different_service",
		"list-service-specific-credentials-response-wrong-service", "IsTruncated", pagedSince},
	{"TestSTSIntegrations/test_get_federation_token", "get-federation-token", "SessionTokenSize", toldSince},
	{"TestSTSIntegrations/test_get_federation_token", "get-federation-token", "SessionTokenUtilization", toldSince},
	{"TestSTSIntegrations/test_assume_role", "assume-role", "SessionTokenSize", toldSince},
	{"TestSTSIntegrations/test_assume_role", "assume-role", "SessionTokenUtilization", toldSince},
}

const (
	serviceRole    = "TestIAMServiceRoles/test_service_role_lifecycle["
	credentialLife = "TestIAMServiceSpecificCredentials/test_service_specific_credential_lifecycle["

	usedByService = "the recorded role was older, and the service had used it; here the role is new, and no AWS service uses it"
	pagedSince    = "the action has come by pages since, and says IsTruncated (seen in September 2026); the client that recorded knew no such member"
	toldSince     = "a member of today's service model that is younger than the recording, whose client would have dropped it"
)

// leftOut are the recorded steps that are no call of a service that is served.
var leftOut = map[string]string{
	"TestSTSIntegrations/test_assume_role role-session-name": "a note of the session's name that the calls use, no answer of AWS",
}

// TestReplay makes the calls that were recorded against AWS, each scenario in an
// account of its own, and holds every answer against AWS's: status, members,
// types, error codes, texts and values. What varies by nature is held against a
// rule (see kinds), and must be the same wherever the recording says the same.
func TestReplay(t *testing.T) {
	w := newWorld(t)
	scenarios := replayed()
	met := map[exception]bool{}
	var calls, exact, differ, left int
	for _, r := range recordings(t) {
		script, ok := scenarios[r.Scenario]
		if !ok {
			t.Errorf("%s was recorded and is not replayed", r.Scenario)
			continue
		}
		delete(scenarios, r.Scenario)
		t.Run(r.Scenario, func(t *testing.T) {
			p := newPlayer(t, w)
			steps := slices.DeleteFunc(slices.Clone(r.Steps), func(s recordedStep) bool {
				_, out := leftOut[r.Scenario+" "+s.Step]
				if out {
					left++
				}
				return out
			})
			for _, a := range script(r) {
				if a.step == "" {
					p.prepare(t, a)
					continue
				}
				if len(steps) == 0 || steps[0].Step != a.step {
					t.Fatalf("%s is not what was recorded next", a.step)
				}
				calls++
				equal := true
				for _, d := range p.replay(t, a, steps[0]) {
					equal = false
					if e, ok := excepted(r.Scenario, a.step, d.path); ok {
						met[e] = true
					} else {
						t.Errorf("%s (%s): %s", a.step, a.action, d)
					}
				}
				if equal {
					exact++
				} else {
					differ++
				}
				steps = steps[1:]
			}
			for _, s := range steps {
				t.Errorf("%s was recorded and is not replayed", s.Step)
			}
		})
	}
	for name := range scenarios {
		t.Errorf("%s is replayed and was not recorded", name)
	}
	for _, e := range exceptions {
		if !met[e] {
			t.Errorf("%s %s: %s does not differ: take it off the list of exceptions", e.scenario, e.step, e.path)
		}
	}
	if left != len(leftOut) {
		t.Errorf("%d steps were left out, %d are named", left, len(leftOut))
	}
	t.Logf("%d calls replayed: %d answered exactly, %d with an exception; %d recorded steps left out", calls, exact, differ, left)
}

func excepted(scenario, step, path string) (exception, bool) {
	i := slices.IndexFunc(exceptions, func(e exception) bool {
		return e.scenario == scenario && e.step == step && (e.path == path || strings.HasPrefix(path, e.path+"."))
	})
	if i < 0 {
		return exception{}, false
	}
	return exceptions[i], true
}

// recordings reads the data, oldest scenario first.
func recordings(t *testing.T) []recording {
	t.Helper()
	var list []recording
	for _, file := range []string{"iam.jsonl", "sts.jsonl"} {
		text, err := os.ReadFile(filepath.Join("testdata", "recorded", file))
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		for decoder.More() {
			var r recording
			if err := decoder.Decode(&r); err != nil {
				t.Fatal(fmt.Errorf("%s: %w", file, err))
			}
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b recording) int { return cmp.Compare(a.Recorded, b.Recorded) })
	return list
}
