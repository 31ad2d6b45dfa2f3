package iamd_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// house is what each package may import of ours: what stands below it. The
// libraries may import nothing.
var house = map[string][]string{
	"iamd/demo":              nil, // a client like any other
	"iamd/e2e":               nil, // tests only
	"iamd/cmd/iamd":          {"iamd/limits", "iamd/audit/sink", "iamd/server", "iamd/workload", "iamd/gateway", "iamd/iam", "iamd/keyring", "iamd/org", "iamd/analyzer", "iamd/catalog", "iamd/policy", "iamd/policy/scenario", "iamd/policy/testdata"},
	"iamd/server/servertest": nil,
	"iamd/server":            {"iamd/ca", "iamd/standin", "iamd/mock", "iamd/lwa", "iamd/spapi", "iamd/console", "iamd/limits", "iamd/web", "iamd/org", "iamd/portable", "iamd/catalog", "iamd/api", "iamd/workload", "iamd/gateway", "iamd/extauthz", "iamd/extauthz/authzen", "iamd/guard", "iamd/iam", "iamd/sts", "iamd/store", "iamd/store/sqlite", "iamd/store/postgres", "iamd/store/etcd", "iamd/keyring", "iamd/audit", "iamd/audit/sink", "iamd/policy"},

	"iamd/api":                 {"iamd/saml", "iamd/org", "iamd/guard", "iamd/iam", "iamd/sts", "iamd/audit", "iamd/limits", "iamd/analyzer", "iamd/catalog", "iamd/policy", "iamd/sigv4", "iamd/wire"},
	"iamd/console":             {"iamd/guard", "iamd/iam", "iamd/sts", "iamd/audit", "iamd/limits", "iamd/keyring", "iamd/catalog", "iamd/policy", "iamd/sigv4", "iamd/web"},
	"iamd/extauthz":            {"iamd/gateway", "iamd/guard"},
	"iamd/extauthz/authzen":    {"iamd/gateway", "iamd/guard", "iamd/iam", "iamd/catalog", "iamd/policy", "iamd/sigv4"},
	"iamd/middleware":          {"iamd/sigv4"}, // for other people's programs
	"iamd/examples/middleware": {"iamd/middleware"},
	"iamd/gateway":             {"iamd/guard", "iamd/iam", "iamd/lwa", "iamd/policy", "iamd/sigv4", "iamd/upstream"},

	"iamd/spapi": {"iamd/guard", "iamd/iam", "iamd/lwa", "iamd/audit", "iamd/sigv4"},
	"iamd/lwa":   {"iamd/iam", "iamd/store", "iamd/keyring"},

	"iamd/workload": {"iamd/guard", "iamd/iam", "iamd/sts", "iamd/audit", "iamd/limits", "iamd/wire"},

	"iamd/portable": {"iamd/iam", "iamd/lwa", "iamd/org", "iamd/wire"},

	"iamd/limits": {"iamd/iam"},
	"iamd/guard":  {"iamd/iam", "iamd/sts", "iamd/audit", "iamd/policy", "iamd/sigv4"},

	"iamd/org":           {"iamd/iam", "iamd/store", "iamd/catalog", "iamd/policy"},
	"iamd/saml":          {"iamd/iam"},
	"iamd/saml/samltest": nil,
	"iamd/sts":           {"iamd/iam", "iamd/keyring", "iamd/policy"},
	"iamd/analyzer":      {"iamd/catalog", "iamd/policy", "iamd/policy/source"},
	"iamd/iam":           {"iamd/store", "iamd/catalog", "iamd/policy"},

	"iamd/audit":                       {"iamd/store", "iamd/wire"},
	"iamd/audit/sink":                  {"iamd/store"},
	"iamd/store":                       nil,
	"iamd/store/form":                  {"iamd/store"},
	"iamd/store/sqlite":                {"iamd/store", "iamd/store/form"},
	"iamd/store/postgres":              {"iamd/store", "iamd/store/form"},
	"iamd/store/etcd":                  {"iamd/store", "iamd/store/form"},
	"iamd/store/storetest":             {"iamd/store"},
	"iamd/store/postgres/postgrestest": nil, // starts servers for tests
	"iamd/store/etcd/etcdtest":         nil,
	"iamd/keyring":                     nil,
	"iamd/web":                         nil,
	"iamd/catalog":                     nil,

	"iamd/policy":          {"iamd/policy/source"},
	"iamd/policy/source":   nil,
	"iamd/policy/scenario": {"iamd/policy", "iamd/policy/source"},
	"iamd/sigv4":           nil,
	"iamd/mock":            nil, // answers by OpenAPI documents
	"iamd/ca":              nil,
	"iamd/standin":         nil,
	"iamd/upstream":        nil,
	"iamd/wire":            nil,
}

// libraries are the packages that others may embed: standard library only.
var libraries = []string{"iamd/policy", "iamd/policy/source", "iamd/policy/scenario", "iamd/sigv4", "iamd/upstream", "iamd/wire", "iamd/middleware"}

type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// TestArrows holds the house: no import runs upward.
func TestArrows(t *testing.T) {
	for _, p := range list(t) {
		if strings.Contains(p.ImportPath, "/internal/") {
			continue // generators
		}
		allowed, known := house[p.ImportPath]
		if !known {
			t.Errorf("%s has no room in the house: add it above, with what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			ours := imported == "iamd" || strings.HasPrefix(imported, "iamd/")
			own := strings.HasPrefix(imported, p.ImportPath+"/internal/")
			if ours && !own && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s: that arrow is not in the house", p.ImportPath, imported)
			}
			if slices.Contains(libraries, p.ImportPath) && !ours && strings.Contains(strings.Split(imported, "/")[0], ".") {
				t.Errorf("%s imports %s: the libraries keep to the standard library", p.ImportPath, imported)
			}
		}
	}
}

// TestPage holds that the page about the house names every room.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range house {
		if room := strings.TrimPrefix(name, "iamd/"); !strings.Contains(string(text), "`"+room+"`") {
			t.Errorf("docs/architecture.md does not name %s", room)
		}
	}
}

// offline are those who ask the policy engine about documents that somebody
// brings: what they hear admits nobody.
var offline = []string{
	"cmd/iamd/policy_simulate.go", // iamd policy simulate and explain
	"policy/scenario",             // runs scenarios of the policy language
	"bench",                       // times it beside others
}

// TestOnlyGuardDecides holds that requests are decided in one place.
func TestOnlyGuardDecides(t *testing.T) {
	out, err := exec.Command("grep", "-rlE", `policy\.(Decide|Explain)\(`, "--include=*.go", "--exclude=*_test.go", ".").Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatal(err)
	}
	asked := strings.Fields(string(out))
	if len(asked) == 0 {
		t.Error("nobody asks the policy engine")
	}
	for _, file := range asked {
		folder := path.Dir(file)
		if folder != "guard" && folder != "policy" && !slices.Contains(offline, folder) && !slices.Contains(offline, path.Clean(file)) {
			t.Errorf("%s asks the policy engine: only the guard may", file)
		}
	}
}

// list gives the packages of the program; tests' own imports do not count.
func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath != "iamd" {
			all = append(all, p)
		}
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}
