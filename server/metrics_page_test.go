package server

import (
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"iamd/audit/sink"
)

// described are the names of all metrics, those that have no value yet among them.
func described(t *testing.T, s *Server) map[string]bool {
	t.Helper()
	descs, names := make(chan *prometheus.Desc), map[string]bool{}
	go func() {
		s.metrics.registry.Describe(descs)
		close(descs)
	}()
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range descs {
		names[name.FindStringSubmatch(d.String())[1]] = true
	}
	return names
}

// TestMetricsPage: docs/metrics.md lists every metric of iamd's with its type and
// labels, and no other; dashboard and alerts ask for none that is not there.
func TestMetricsPage(t *testing.T) {
	s := start(t, Config{DataDir: t.TempDir(), Audit: Audit{Sinks: []sink.Spec{{Writer: &sink.Writer{Name: "nowhere", To: io.Discard}}}}})
	defer closed(t, s)
	names := described(t, s)
	page := read(t, "../docs/metrics.md")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(iamd_[a-z_]+)` \\| (counter|gauge|histogram) \\|([^|]*)\\|").FindAllStringSubmatch(page, -1) {
		listed = append(listed, row[1])
		if total := strings.HasSuffix(row[1], "_total"); total != (row[2] == "counter") {
			t.Errorf("%s is a %s", row[1], row[2])
		}
	}
	for name := range names {
		if strings.HasPrefix(name, "iamd_") && !slices.Contains(listed, name) {
			t.Errorf("%s is not on the page", name)
		}
	}
	for _, name := range listed {
		if !names[name] {
			t.Errorf("%s is on the page, and is none", name)
		}
	}

	// What a client sees has the types and the labels that the page tells.
	for range 2 {
		s.observe(t.Context(), "iam:CreateUser", "", nil, 1)
	}
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "iamd_") || len(f.GetMetric()) == 0 {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		row := regexp.MustCompile("(?m)^\\| `" + f.GetName() + "` \\| ([a-z]+) \\|([^|]*)\\|").FindStringSubmatch(page)
		told := strings.Fields(strings.ReplaceAll(row[2], ",", " "))
		slices.Sort(labels)
		slices.Sort(told)
		if want := strings.ToLower(f.GetType().String()); row[1] != want || !slices.Equal(labels, told) {
			t.Errorf("%s: the page says %s %v, it is a %s with %v", f.GetName(), row[1], told, want, labels)
		}
	}

	var asked []string
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Name, Type, Definition string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "../deploy/grafana/iamd.json")), &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		for _, q := range p.Targets {
			asked = append(asked, q.Expr)
		}
	}
	for _, v := range board.Templating.List {
		asked = append(asked, v.Definition)
	}
	if len(asked) < 30 || !slices.ContainsFunc(board.Templating.List, func(v struct{ Name, Type, Definition string }) bool { return v.Type == "datasource" }) {
		t.Errorf("a dashboard of %d questions, with %+v", len(asked), board.Templating.List)
	}
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../deploy/prometheus/alerts.yaml")), &alerts); err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			if rules++; r.Alert == "" || r.Expr == "" || r.Annotations.Summary == "" {
				t.Errorf("an alert without name, question or summary: %+v", r)
			}
			asked = append(asked, r.Expr)
		}
	}
	if rules < 10 {
		t.Errorf("%d alerts", rules)
	}
	metric := regexp.MustCompile(`\b(iamd|go|process)_[a-z_]+`)
	for _, expr := range asked {
		for _, name := range metric.FindAllString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(expr, ""), -1) {
			if !names[name] && !names[strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")] {
				t.Errorf("%s is asked for, and is none: %s", name, expr)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
