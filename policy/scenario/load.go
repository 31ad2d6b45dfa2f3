package scenario

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"iamd/policy/source"
)

// maxFile is the size of the largest file that is read, in bytes.
const maxFile = 8 << 20

// Load reads every .txtar file below the root, in the order of their paths. Files of other names are left alone. Errors are
// *Error, joined: everything that can be found wrong at once. No file at all is an error, too.
func Load(root fs.FS) ([]*Case, error) {
	var all []*Case
	var faults []error
	files := 0
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".txtar") {
			return err
		}
		files++
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > maxFile {
			return fmt.Errorf("%s: larger than %d bytes", path, maxFile)
		}
		src, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		cases, list := load(path, string(src))
		all = append(all, cases...)
		for _, f := range list {
			faults = append(faults, f)
		}
		return nil
	})
	if err != nil {
		faults = append(faults, fmt.Errorf("scenarios: %w", err))
	} else if files == 0 {
		faults = append(faults, errors.New("scenarios: no .txtar file"))
	}
	return all, errors.Join(faults...)
}

// file is one archive being read.
type file struct {
	path      string
	documents map[string]value // by the name of their member
	people    map[string]value // principals by name
	used      map[string]bool  // documents and people that something refers to
	base      things
}

// load reads one archive.
func load(path, src string) (cases []*Case, faults []*Error) {
	comment, members := archive(path, src)
	f := &file{path: path, documents: map[string]value{}, people: map[string]value{}, used: map[string]bool{}}
	note := func(err *Error) bool {
		if err != nil {
			faults = append(faults, err)
		}
		return err != nil
	}
	if strings.TrimSpace(comment) == "" {
		note(&Error{path, 1, "no words before the first member on what the file is about"})
	}
	var scenarios []value
	seen := map[string]bool{}
	for _, m := range members {
		v, err := m.read()
		switch {
		case note(err):
		case seen[m.name]:
			note(m.fault(0, "there is a member %q already", m.name))
		case strings.HasSuffix(m.name, ".json"):
			f.documents[m.name] = v
		case m.name == "defaults":
			note(f.defaults(v))
		default:
			scenarios = append(scenarios, v)
		}
		seen[m.name] = true
	}
	for _, v := range scenarios {
		list, err := f.scenario(v)
		if !note(err) {
			cases = append(cases, list...)
		}
	}
	if len(faults) > 0 {
		return cases, faults // what is unused may be so on their account
	}
	if len(scenarios) == 0 {
		note(&Error{path, 1, "the file has no scenario"})
	}
	for _, unused := range []map[string]value{f.documents, f.people} {
		for _, name := range slices.Sorted(maps.Keys(unused)) {
			if !f.used[name] {
				note(unused[name].fault("nothing uses %q", name))
			}
		}
	}
	return cases, faults
}

// The fields of a file's parts.
var (
	situation      = []string{"principal", "action", "resource", "resourceAccount", "context", "policies", "bind"}
	defaultFields  = append([]string{"principals"}, situation...)
	scenarioFields = append([]string{"page", "says", "source", "statement", "cases"}, situation...)
	caseFields     = append([]string{
		"says", "source", "special", "statement", "fits", "decision", "by", "policy", "index", "reason",
	}, situation...)
)

func (f *file) defaults(v value) *Error {
	fields, err := v.fields(defaultFields...)
	if err != nil {
		return err
	}
	for _, d := range fields {
		if d.key != "principals" {
			continue
		}
		people, err := d.fields()
		if err != nil {
			return err
		}
		for _, p := range people {
			f.people[p.key] = p.value
		}
	}
	f.base, err = f.base.with(fields)
	return err
}

// scenario reads a member that is a scenario.
func (f *file) scenario(v value) ([]*Case, *Error) {
	fields, err := v.fields(scenarioFields...)
	if err != nil {
		return nil, err
	}
	c := caseReader{file: f, name: strings.TrimSuffix(f.path, ".txtar") + "/" + v.in.name, source: Documented}
	var list []value
	for _, d := range fields {
		var err *Error
		switch d.key {
		case "page":
			if c.page, err = d.str(); err == nil && !strings.HasPrefix(c.page, "https://") {
				err = d.fault("the page is no https:// URL")
			}
		case "says":
			c.says, err = d.str()
		case "source":
			c.source, err = d.oneOf(Documented, Recorded, Assumed)
		case "cases":
			if list = d.items(); d.Kind != source.Array || len(list) == 0 {
				err = d.fault("cases are a list of one case at least")
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if c.page == "" || list == nil {
		return nil, v.fault("the scenario lacks %s", map[bool]string{true: "page", false: "cases"}[c.page == ""])
	}
	if c.base, err = f.base.with(fields); err != nil {
		return nil, err
	}
	var asked []*asked
	var out []*Case
	for i, item := range list {
		a, cases, err := c.read(item, i+1)
		if err != nil {
			return nil, err
		}
		asked = append(asked, a)
		out = append(out, cases...)
	}
	return out, twins(asked)
}

// twins finds, for each special case, another that differs from it in one thing and is decided otherwise.
func twins(list []*asked) *Error {
	for _, a := range list {
		if a.special && !slices.ContainsFunc(list, func(b *asked) bool {
			return a.answer != b.answer && a.things.differences(b.things) == 1
		}) {
			return a.at.fault("the special case has no twin: no case of the scenario differs in one thing and is decided otherwise")
		}
	}
	return nil
}
