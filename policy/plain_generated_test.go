package policy_test

import (
	"encoding/binary"
	"reflect"
	"testing"

	"iamd/policy"
)

// TestIndexChangesNoGeneratedDecision asks generated policies by their own request and by those of the cases before,
// with index and filters and without.
func TestIndexChangesNoGeneratedDecision(t *testing.T) {
	const cases, others = 800, 24
	var asked []*policy.Request
	decided := map[string]int{}
	for i := range cases {
		q, err := generate(scramble(binary.LittleEndian.AppendUint64([]byte("plain"), uint64(i))))
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, q.req)
		fast := q.policies()
		slow := fast.Plain()
		for _, req := range asked[max(0, len(asked)-others):] {
			got, want := policy.Decide(req, fast), policy.Decide(req, slow)
			if got != want {
				t.Fatalf("case %d: %+v: %+v, plainly %+v\n%s", i, req, got, want, q)
			}
			switch {
			case got.Allowed:
				decided["allowed"]++
			case got.Explicit:
				decided["explicit deny"]++
			default:
				decided["implicit deny"]++
			}
		}
		if got, want := policy.Explain(q.req, fast), policy.Explain(q.req, slow); !reflect.DeepEqual(got, want) {
			t.Fatalf("case %d: %+v, plainly %+v\n%s", i, got, want, q)
		}
	}
	t.Log(decided)
	for _, word := range []string{"allowed", "explicit deny", "implicit deny"} {
		if share := decided[word] * 100 / (cases * others); share < 8 {
			t.Errorf("%d%% are decided by %s: the generator has lost its balance", share, word)
		}
	}
}
