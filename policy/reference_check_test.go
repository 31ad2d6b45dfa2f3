package policy_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"testing"

	"iamd/policy"
	"iamd/policy/scenario"
)

var (
	referenceCases = flag.Int("reference.cases", 800, "how many generated cases TestReference asks")
	referenceSeed  = flag.Uint64("reference.seed", 1, "seed of the first of them; the next have the next")
)

// differences holds Decide and Explain to the reference: a sentence for each difference.
func differences(q *question) (out []string, want policy.Decision) {
	want = reference(q.req, &q.world)
	p := q.policies()
	got := policy.Decide(q.req, p)
	e := policy.Explain(q.req, p)
	out = scenario.Consistent(e, got)
	compared := got
	if want.Allowed {
		// Which of several Allows is named does not matter, as long as it is one that applies.
		compared.Policy, compared.Statement = "", 0
		if got.Statement >= 0 && got.Allowed && !q.applying(got) {
			out = append(out, fmt.Sprintf("the engine names %+v, which does not allow", got))
		}
	}
	if compared != want {
		out = append(out, fmt.Sprintf("the engine says %+v, the reference %+v", got, want))
	}
	r := &evaluation{q.req, &q.world}
	for _, t := range e.Types {
		for _, s := range t.Statements {
			a := q.paper(t.Type, s.PolicyID)
			if a == nil || a.doc == nil {
				continue
			}
			fits, _ := r.statement(*a, s.Index, t.Type)
			if matched := fits == yes || fits == maybe && denies(&a.doc.Statements[s.Index]); matched != s.Matched {
				out = append(out, fmt.Sprintf("%s, statement %d: Explain says it applies: %v, the reference: %v", s.PolicyID, s.Index, s.Matched, matched))
			}
		}
	}
	return out, want
}

// scramble makes a seed of which every byte counts.
func scramble(seed []byte) []byte {
	sum := sha256.Sum256(seed)
	return sum[:]
}

// paper finds a document by its id.
func (w *world) paper(kind policy.Kind, id string) *paper {
	for _, level := range w.lists[kind] {
		for i := range level {
			if level[i].id == id {
				return &level[i]
			}
		}
	}
	return nil
}

// applying tells whether the statement that a decision names is an Allow that applies.
func (q *question) applying(d policy.Decision) bool {
	a := q.paper(d.Type, d.Policy)
	if a == nil || a.doc == nil || d.Statement >= len(a.doc.Statements) {
		return false
	}
	fits, _ := (&evaluation{q.req, &q.world}).statement(*a, d.Statement, d.Type)
	return fits == yes && !denies(&a.doc.Statements[d.Statement])
}

// TestReference holds the engine to the reference in generated cases, always the same ones unless told otherwise.
func TestReference(t *testing.T) {
	statements, largest := 0, 0
	shares, kinds := map[string]int{}, map[policy.Kind]int{}
	failed := 0
	for i := range *referenceCases {
		q, err := generate(scramble(binary.LittleEndian.AppendUint64(nil, *referenceSeed+uint64(i))))
		if err != nil {
			t.Fatalf("case %d: the generator makes no policy: %v", i, err)
		}
		faults, d := differences(q)
		for _, fault := range faults {
			t.Errorf("case %d (-reference.seed %d): %s\n%s", i, *referenceSeed+uint64(i), fault, q)
		}
		if failed += len(faults); failed > 5 {
			t.Fatal("and so on")
		}
		switch {
		case d.Allowed:
			shares["allowed"]++
		case d.Explicit:
			shares["explicit deny"]++
		default:
			shares["implicit deny"]++
			kinds[d.Type]++
		}
		for _, levels := range q.lists {
			for _, level := range levels {
				for _, a := range level {
					if a.doc != nil {
						statements += len(a.doc.Statements)
						largest = max(largest, len(a.doc.Statements))
					}
				}
			}
		}
	}
	t.Logf("%d cases, %d statements, the largest document of %d: %v; implicit denies by kind: %v", *referenceCases, statements, largest, shares, kinds)
	if *referenceCases < 1000 {
		return
	}
	for _, word := range []string{"allowed", "explicit deny", "implicit deny"} {
		if share := shares[word] * 100 / *referenceCases; share < 12 {
			t.Errorf("%d%% are decided by %s: the generator has lost its balance", share, word)
		}
	}
	for k := policy.Identity; k <= policy.VPCEndpoint; k++ {
		if kinds[k] == 0 {
			t.Errorf("no case is denied for want of an Allow in a %s", k)
		}
	}
	if largest < 150 {
		t.Errorf("no document has many statements: %d at most", largest)
	}
}

// FuzzAgainstReference lets the fuzzer choose the cases.
func FuzzAgainstReference(f *testing.F) {
	for i := range 32 {
		f.Add(scramble([]byte{byte(i)}))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		q, err := generate(seed)
		if err != nil {
			t.Fatal(err)
		}
		if faults, _ := differences(q); len(faults) > 0 {
			t.Fatalf("%q\n%s", faults, q)
		}
	})
}

// plainCase is a corpus case as another engine reads it.
type plainCase struct {
	Request struct {
		Principal                         map[string]string
		Action, Resource, ResourceAccount string
		Context                           map[string]json.RawMessage
	}
	Policies map[string]json.RawMessage
	Bind     map[string]string
}

// TestReferenceOnScenarios holds the reference to the corpus, by the line that any other engine would read.
func TestReferenceOnScenarios(t *testing.T) {
	for _, c := range corpus(t) {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		q := plainQuestion(t, line)
		a := scenario.Answer{Decision: scenario.ImplicitDeny}
		d := reference(q.req, &q.world)
		switch a.By = d.Type; {
		case d.Allowed:
			a.Decision = scenario.Allowed
		case d.Explicit:
			a.Decision = scenario.ExplicitDeny
		}
		if s := c.Judge(a); s != "" {
			t.Errorf("testdata/%s:%d: %s: %s", c.File, c.Line, c.Name, s)
		}
	}
}

// plainQuestion reads a case from its line.
func plainQuestion(t *testing.T, line []byte) *question {
	t.Helper()
	read := func(src []byte, v any) {
		if err := json.Unmarshal(src, v); err != nil {
			t.Fatalf("%v: %s", err, src)
		}
	}
	var plain plainCase
	read(line, &plain)
	kinds := map[string]policy.Kind{
		"identity": policy.Identity, "boundary": policy.Boundary, "session": policy.Session, "resource": policy.Resource,
		"trust": policy.Trust, "scp": policy.SCP, "rcp": policy.RCP, "vpcEndpoint": policy.VPCEndpoint,
	}
	callers := map[string]policy.PrincipalKind{
		"anonymous": policy.Anonymous, "root": policy.Root, "user": policy.User, "role": policy.Role,
		"federatedUser": policy.FederatedUser, "webIdentity": policy.WebIdentity, "saml": policy.SAML, "service": policy.Service,
	}
	p := plain.Request.Principal
	q := &question{req: &policy.Request{
		Principal: policy.Principal{
			Kind: callers[p["kind"]], Account: p["account"], ARN: p["arn"], RoleARN: p["roleArn"], UniqueID: p["uniqueId"],
			Service: p["service"], Federated: p["federated"], UserARN: p["userArn"],
		},
		Action: plain.Request.Action, Resource: plain.Request.Resource, ResourceAccount: plain.Request.ResourceAccount,
		Context: &policy.Context{},
	}}
	for k, v := range plain.Request.Context {
		if v[0] == '[' {
			var list []string
			read(v, &list)
			q.req.Context.SetList(k, list...)
			continue
		}
		var s string
		read(v, &s)
		q.req.Context.Set(k, s)
	}
	q.lists, q.applies = map[policy.Kind][][]paper{}, map[policy.Kind]bool{}
	for word, src := range plain.Policies {
		if word == "needsResource" {
			read(src, &q.needsResource)
			continue
		}
		kind := kinds[word]
		if kind == 0 {
			t.Fatalf("unknown kind %q", word)
		}
		levels := make([][]json.RawMessage, 1)
		if kind == policy.SCP || kind == policy.RCP {
			read(src, &levels)
		} else {
			read(src, &levels[0])
		}
		for _, level := range levels {
			list := []paper{}
			for i, src := range level {
				a := paper{id: fmt.Sprint(i), bound: plain.Bind}
				if string(src) != "null" {
					d, err := policy.Parse(src)
					if err != nil {
						t.Fatal(err)
					}
					a.doc = d
				}
				list = append(list, a)
			}
			q.lists[kind] = append(q.lists[kind], list)
		}
		q.applies[kind] = true
	}
	return q
}
