package policy_test

import (
	"os"
	"strings"
	"testing"

	"iamd/policy/scenario"
)

// corpus reads the scenarios, for tests of every kind.
func corpus(t testing.TB) []*scenario.Case {
	t.Helper()
	cases, err := scenario.Load(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestScenarios holds Decide and Explain to the corpus.
func TestScenarios(t *testing.T) {
	folders, special, sources := map[string]int{}, 0, map[string]int{}
	for _, c := range corpus(t) {
		folder, _, _ := strings.Cut(c.Name, "/")
		folders[folder]++
		sources[c.Source]++
		if c.Special {
			special++
		}
		for _, fault := range c.Run() {
			t.Errorf("testdata/%s:%d: %s (%s, %s)\n\t%s", c.File, c.Line, c.Name, c.Source, c.Page, fault)
		}
	}
	total := sources[scenario.Documented] + sources[scenario.Recorded] + sources[scenario.Assumed]
	t.Logf("%d decisions, %d of them special, %d assumed: %v", total, special, sources[scenario.Assumed], folders)
	if total < 400 || special < 100 || len(folders) < 8 {
		t.Error("the corpus has shrunk")
	}
	if sources[scenario.Assumed]*2 > total {
		t.Error("more than half of the corpus is assumed")
	}
}

// TestTable holds that the corpus shows every operator, bare and with every prefix and suffix, with the key and without.
func TestTable(t *testing.T) {
	names := map[string]int{}
	for _, c := range corpus(t) {
		if rest, ok := strings.CutPrefix(c.Name, "conditions/operators/"); ok {
			names[strings.Split(rest, "/")[1]]++
		}
	}
	for _, operator := range strings.Fields(`string-equals string-not-equals string-equals-ignore-case
		string-not-equals-ignore-case string-like string-not-like numeric-equals numeric-not-equals numeric-less-than
		numeric-less-than-equals numeric-greater-than numeric-greater-than-equals date-equals date-not-equals
		date-less-than date-less-than-equals date-greater-than date-greater-than-equals bool binary-equals ip-address
		not-ip-address arn-equals arn-like arn-not-equals arn-not-like`) {
		for _, form := range []string{"", "for-all-values-", "for-any-value-"} {
			for _, suffix := range []string{"", "-if-exists"} {
				if names[form+operator+suffix] < 6 {
					t.Errorf("%s is shown in %d decisions", form+operator+suffix, names[form+operator+suffix])
				}
			}
		}
	}
}
