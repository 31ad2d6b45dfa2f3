package console

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"iamd/catalog"
	"iamd/guard"
)

// facts is a console of which only the public facts are asked.
func facts() *Console {
	c := &Console{mux: http.NewServeMux(), cfg: Config{
		Rand: constant{}, Now: time.Now, Origin: func(*http.Request) guard.Origin { return guard.Origin{} },
	}}
	for _, row := range referenceRows() {
		c.mux.Handle(row.method+" "+prefix+row.path, c.guarded(row))
	}
	c.mux.HandleFunc(prefix, c.nowhere)
	return c
}

func get(c *Console, path string, header ...string) *httptest.ResponseRecorder {
	r := page(path)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func read[T any](t *testing.T, w *httptest.ResponseRecorder) (out T) {
	t.Helper()
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); w.Code != http.StatusOK || err != nil {
		t.Fatalf("%d %v", w.Code, err)
	}
	return out
}

func TestReference(t *testing.T) {
	c := facts()
	names := read[[]serviceName](t, get(c, "reference/services"))
	if n := len(slices.Collect(catalog.Services())); len(names) != n || !slices.Contains(names, serviceName{"sts", "AWS Security Token Service"}) {
		t.Errorf("%d of %d services", len(names), n)
	}
	sts := read[serviceReference](t, get(c, "reference/services/sts"))
	i := slices.IndexFunc(sts.Actions, func(a actionReference) bool { return a.Name == "AssumeRole" })
	if i < 0 || sts.Actions[i].Level != "Write" || !slices.Contains(sts.Actions[i].ConditionKeys, "sts:ExternalId") ||
		!slices.Contains(sts.Actions[i].Resources, actionResource{"role", true}) || sts.Actions[i].Description == "" {
		t.Errorf("%+v", sts)
	}
	if !slices.ContainsFunc(sts.ResourceTypes, func(r resourceTypeReference) bool {
		return r.Name == "role" && r.ARN == "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
	}) || !slices.Contains(sts.ConditionKeys, keyReference{"sts:ExternalId", "String"}) {
		t.Errorf("%+v %+v", sts.ResourceTypes, sts.ConditionKeys)
	}
	for name, status := range map[string]int{
		"services/STS": 200, "services/none": 404, "services/": 404, "services/sts/": 404, "services/sts/x": 404, "services/..%2fsts": 404,
		"services/a%2Fb": 404, "services//sts": 404, "services/../conditions": 404, "": 404, "services/" + strings.Repeat("x", 5000): 404,
	} {
		if w := get(c, "reference/"+name); w.Code != status {
			t.Errorf("%.40s: %d", name, w.Code)
		}
	}
}

// TestEveryReference: every service's document is whole, nothing in it is null or
// stands twice, and each is kept once.
func TestEveryReference(t *testing.T) {
	r, kept := new(reference), 0
	for s := range catalog.Services() {
		w := httptest.NewRecorder()
		k := &call{Request: httptest.NewRequest(http.MethodGet, "/", http.NoBody)}
		if err := r.send(k, w, s.Prefix, func() any { return referenceOf(s) }); err != nil {
			t.Fatal(err)
		}
		if text := w.Body.String(); strings.Contains(text, ":null") {
			t.Errorf("%s: something is null", s.Prefix)
		}
		out := read[serviceReference](t, w)
		n := 0
		for range s.Actions() {
			n++
		}
		if out.Prefix != s.Prefix || out.Name != s.Name || len(out.Actions) != n {
			t.Errorf("%s: %d actions of %d", s.Prefix, len(out.Actions), n)
		}
		for _, a := range out.Actions {
			seen := map[string]bool{}
			for _, on := range a.Resources {
				if seen[on.Name] || !slices.ContainsFunc(out.ResourceTypes, func(r resourceTypeReference) bool { return r.Name == on.Name }) {
					t.Errorf("%s:%s: the resource %s", s.Prefix, a.Name, on.Name)
				}
				seen[on.Name] = true
			}
			if !slices.IsSorted(a.ConditionKeys) || len(slices.Compact(slices.Clone(a.ConditionKeys))) != len(a.ConditionKeys) {
				t.Errorf("%s:%s: %v", s.Prefix, a.Name, a.ConditionKeys)
			}
		}
		made, _ := r.documents.Load(s.Prefix)
		d, err := made.(func() (*packedDocument, error))()
		if err != nil {
			t.Fatal(err)
		}
		kept += cap(d.content)
	}
	if kept > 4<<20 {
		t.Errorf("all documents together are %d bytes", kept)
	} else {
		t.Logf("all documents together are %d bytes", kept)
	}
}

// TestGlobalKeys: the table here has every global key of the catalog, by name and
// once.
func TestGlobalKeys(t *testing.T) {
	got := read[[]keyReference](t, get(facts(), "reference/conditions"))
	if len(got) != len(spelledKeys) || !slices.Contains(got, keyReference{"aws:SourceIp", "IPAddress"}) || !slices.Contains(got, keyReference{"aws:PrincipalTag/${TagKey}", "String"}) {
		t.Errorf("%v", got)
	}
	var data struct {
		Exact []struct {
			Name string `json:"n"`
		} `json:"exact"`
		Templates []struct {
			Literals []string `json:"l"`
		} `json:"templates"`
	}
	f, err := os.Open("../catalog/data/conditionkeys.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&data); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for _, k := range data.Exact {
		want = append(want, k.Name)
	}
	for _, k := range data.Templates {
		want = append(want, strings.Join(k.Literals, "${tagkey}"))
	}
	want = slices.DeleteFunc(want, func(k string) bool { return !strings.HasPrefix(k, "aws:") })
	have := []string{}
	for _, k := range got {
		have = append(have, strings.ToLower(k.Name))
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("have %v\nwant %v", have, want)
	}
}

// TestReferenceIsKept: browsers ask whether it is still the same, and hear so.
func TestReferenceIsKept(t *testing.T) {
	c := facts()
	first := get(c, "reference/services/iam", "Accept-Encoding", "gzip")
	h := first.Header()
	if first.Code != http.StatusOK || h.Get("Content-Encoding") != "gzip" || h.Get("Cache-Control") != "no-cache" || h.Get("Content-Type") != "application/json" ||
		h.Get("X-Content-Type-Options") != "nosniff" || len(h.Get("Etag")) != 34 {
		t.Fatalf("%d %v", first.Code, h)
	}
	if again := get(c, "reference/services/iam", "Accept-Encoding", "gzip", "If-None-Match", h.Get("Etag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d", again.Code)
	}
	if cross := get(c, "reference/services/iam", "Sec-Fetch-Site", "cross-site"); cross.Code != http.StatusForbidden || cross.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("from another site: %d", cross.Code)
	}
}

// constant is randomness for ids that nobody looks at.
type constant struct{}

func (constant) Read(b []byte) (int, error) { return len(b), nil }
