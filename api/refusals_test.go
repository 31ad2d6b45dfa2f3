package api_test

import (
	_ "embed" // for the table
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"iamd/api"
	"iamd/server"
)

// refusalTable is a row for each error that an action is made to give: actions,
// code and parameters in a line, and AWS's words in the next. Parameters are
// wire names and values; «…» stands for what the account holds or what is made
// ready (see stock). A word before the code says who asks and where:
//
//	full    in a server whose every quota is reached
//	ink     the user Ink, not the root user
//	pen     the user Pen, who has no password
//	bare    the root user of an account that holds nothing
//
//go:embed testdata/refusals.txt
var refusalTable string

type refusalRow struct {
	actions []string
	how     string
	code    string
	in      []string
	text    string
}

func refusalRows(t *testing.T) (rows []refusalRow) {
	t.Helper()
	for line := range strings.Lines(refusalTable) {
		line = strings.TrimRight(line, "\n")
		text, isText := strings.CutPrefix(line, "\t")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case isText:
			rows[len(rows)-1].text = text
		default:
			words := strings.Fields(line)
			r := refusalRow{actions: strings.Split(words[0], ",")}
			words = words[1:]
			if slices.Contains([]string{"full", "ink", "pen", "bare"}, words[0]) {
				r.how, words = words[0], words[1:]
			}
			r.code = words[0]
			for _, pair := range words[1:] {
				name, value, ok := strings.Cut(pair, "=")
				if !ok {
					t.Fatalf("%s: %q is no parameter", line, pair)
				}
				r.in = append(r.in, name, value)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// TestRefusalTable makes every call of the table, which must be refused by
// exactly that code and text.
func TestRefusalTable(t *testing.T) {
	dir := t.TempDir()
	w := worldOf(t, server.Config{DataDir: dir + "/plain"})
	plain, full := stock(t, w), fullWorld(t, dir+"/full")
	bare := w.account(t)
	for _, r := range refusalRows(t) {
		for _, action := range r.actions {
			where, caller := plain, plain.root
			switch r.how {
			case "full":
				where, caller = full, full.root
			case "ink":
				caller = plain.ink
			case "pen":
				caller = plain.pen
			case "bare":
				caller = bare
			}
			var in []string
			for _, v := range r.in {
				in = append(in, where.fill(t, v))
			}
			service := "iam"
			if slices.Contains(stsActions(), action) {
				service = "sts"
			}
			got, want := onWire(t, caller, service, action, in...), where.fill(t, r.text)
			if got.code != r.code || got.message != want {
				t.Errorf("%s %s %s %s:\n got %s: %s\nwant %s: %s", action, r.how, r.code, strings.Join(r.in, " "), got.code, got.message, r.code, want)
			}
		}
	}
}

func stsActions() (names []string) {
	for _, row := range api.Actions() {
		if row.Service == "sts" {
			names = append(names, row.Name)
		}
	}
	return names
}

// TestDeclaredErrors: each error that the SDK's model declares for an action is
// given in the table, in a test named in elsewhere, or can't be given.
func TestDeclaredErrors(t *testing.T) {
	given := map[string]bool{}
	for _, r := range refusalRows(t) {
		for _, action := range r.actions {
			given[action+" "+r.code] = true
		}
	}
	organizations, _ := organizationRefusalRows(t)
	for _, r := range organizations { // whose actions may have the names of IAM's, but not their codes
		for _, action := range r.actions {
			given[action+" "+r.code] = true
		}
	}
	tests := testNames(t)
	declared := map[string]map[string][]string{"iam": declared(t, "iam"), "sts": declared(t, "sts"), "organizations": declaredByOrganizations(t)}
	separately, told, ungiven := maps.Clone(elsewhere), map[int]bool{}, slices.Concat(ungiven, ungivenByOrganizations)
	var count, inTable, inTests, never int
	for _, row := range api.Actions() {
		if row.Path != "" {
			continue // Access Analyzer's, of another protocol; their own tests
		}
		for _, code := range declared[row.Service][row.Name] {
			name := row.Name + " " + code
			count++
			why := slices.IndexFunc(ungiven, func(u notGiven) bool { return matches(u.actions, row.Name) && matches(u.code, code) })
			test, separate := elsewhere[name]
			switch {
			case given[name]:
				inTable++
				if why >= 0 && ungiven[why].actions != "*" {
					t.Errorf("%s is given, and yet on the list of those that can't be", name)
				}
			case separate:
				inTests++
				if !tests[test][code] {
					t.Errorf("%s: there is no %s that has this code in it", name, test)
				}
			case why >= 0:
				never++
				told[why] = true
			default:
				t.Errorf("%s is declared and never given", name)
			}
			delete(separately, name)
		}
	}
	for name := range separately {
		t.Errorf("%s is not declared: take it off the list", name)
	}
	for i, u := range ungiven {
		if !told[i] {
			t.Errorf("%s %s is not declared, or given: take it off the list", u.actions, u.code)
		}
	}
	t.Logf("%d declared errors: %d given in the table, %d in tests of their own, %d can't be given", count, inTable, inTests, never)
}

func matches(patterns, name string) bool {
	for pattern := range strings.SplitSeq(patterns, ",") {
		if ok, err := filepath.Match(pattern, name); err == nil && ok {
			return true
		}
	}
	return false
}

// declared are the codes of each action's errors, read from the SDK's source.
func declared(t *testing.T, service string) map[string][]string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+service).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "deserializers.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	function := regexp.MustCompile(`(?s)\nfunc awsAwsquery_deserializeOpError(\w+)\(.*?\n}\n`)
	code := regexp.MustCompile(`case strings\.EqualFold\("([^"]+)", errorCode\)`)
	for _, f := range function.FindAllStringSubmatch(string(text), -1) {
		all[f[1]] = []string{}
		for _, c := range code.FindAllStringSubmatch(f[0], -1) {
			all[f[1]] = append(all[f[1]], c[1])
		}
	}
	if len(slices.Concat(slices.Collect(maps.Values(all))...)) < 10 {
		t.Fatalf("the SDK's %s declares no errors", service)
	}
	return all
}

// testNames are the tests of this package, and of the rules as "iam.TestX", each
// with the codes that the test itself speaks of.
func testNames(t *testing.T) map[string]map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Glob("../iam/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]bool{}
	for _, name := range append(files, rules...) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			texts := map[string]bool{}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					texts[strings.Trim(n.Value, "\"`")] = true
				case *ast.Ident: // iam's constants
					texts[strings.TrimPrefix(n.Name, "Code")] = true
				}
				return true
			})
			name := file.Name.Name + "." + f.Name.Name
			for _, here := range []string{"api_test.", "api."} {
				name = strings.TrimPrefix(name, here)
			}
			all[name] = texts
		}
	}
	return all
}
