package policy

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A scenario file is a txtar archive whose comment names the AWS page that says so; each of its files is a scenario of
// lines, done in order on one state:
//
//	given FRAGMENT            a statement with these elements, Action and Resource "*" unless given
//	true|false|unclear ARGS   whether it applies; asked of it as an Allow and as a Deny of an identity-based policy
//	policy KIND[@LEVEL] JSON  attach a statement, a list of them, or a whole document
//	has boundary|session|trust|vpce|resource
//	drop KIND                 take away policies, and the mark that has set
//	bind ARN ID               bind a principal in the policies attached from here on
//	as KIND NAME… [in ACCOUNT] [id ID]
//	owner ACCOUNT             the resource's account
//	allow ARGS · deny TYPE ARGS · explicit TYPE ARGS
//
// ARGS are @a=ACTION, @r=RESOURCE, key=value, key[]=value,value; values are percent-decoded.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	decisions := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		comment, files := archive(string(src))
		if !strings.Contains(comment, "https://docs.aws.amazon.com/") {
			t.Errorf("%s names no page", name)
		}
		for _, f := range files {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar")+"/"+f[0], func(t *testing.T) {
				s := newScenario(t)
				for i, line := range strings.Split(f[1], "\n") {
					if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
						s.where = fmt.Sprintf("line %d: %s", i+1, line)
						s.run(line)
					}
				}
				if s.decisions == 0 {
					t.Error("the scenario asks nothing")
				}
				decisions += s.decisions
			})
		}
	}
	t.Logf("%d decisions", decisions)
	if decisions < 150 {
		t.Errorf("only %d decisions", decisions)
	}
}

// archive cuts a txtar archive into its comment and the names and contents of its files.
func archive(src string) (comment string, files [][2]string) {
	for line := range strings.Lines(src) {
		trimmed := strings.TrimSpace(line)
		switch name, ok := strings.CutPrefix(trimmed, "-- "); {
		case ok && strings.HasSuffix(name, " --"):
			files = append(files, [2]string{strings.TrimSuffix(name, " --")})
		case len(files) == 0:
			comment += line
		default:
			files[len(files)-1][1] += line
		}
	}
	return comment, files
}

const home = "111122223333"

type scenario struct {
	t         *testing.T
	where     string
	decisions int
	req       Request
	pol       Policies
	given     [2]*Compiled // the fragment as Allow and as Deny
	bound     map[string]string
}

func newScenario(t *testing.T) *scenario {
	s := &scenario{t: t, bound: map[string]string{}}
	s.as([]string{"user", "alice"})
	return s
}

func (s *scenario) fatal(args ...any) {
	s.t.Helper()
	s.t.Fatal(s.where, fmt.Sprint(args...))
}

func (s *scenario) compile(src string) *Compiled {
	s.t.Helper()
	if !strings.Contains(src, `"Statement"`) {
		src = `{"Version":"2012-10-17","Statement":` + src + `}`
	}
	d, err := Parse([]byte(src))
	if err != nil {
		s.fatal(": ", err)
	}
	return Compile(d, CompileOptions{Principals: s.bound})
}

func (s *scenario) run(line string) {
	s.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "given":
		var fragment map[string]json.RawMessage
		if err := json.Unmarshal([]byte(rest), &fragment); err != nil {
			s.fatal(": ", err)
		}
		for i, effect := range []string{"Allow", "Deny"} {
			head := `{"Effect":"` + effect + `",`
			if fragment["Action"] == nil && fragment["NotAction"] == nil {
				head += `"Action":"*",`
			}
			if fragment["Resource"] == nil && fragment["NotResource"] == nil {
				head += `"Resource":"*",`
			}
			s.given[i] = s.compile(head + strings.TrimSpace(rest)[1:])
		}
	case "true", "false", "unclear":
		s.fits(word, rest)
	case "policy":
		kind, src, _ := strings.Cut(rest, " ")
		kind, level, _ := strings.Cut(kind, "@")
		s.attach(kind, level, src)
	case "has", "drop":
		s.mark(rest, word == "has")
	case "bind":
		arn, id, _ := strings.Cut(rest, " ")
		s.bound[arn] = id
	case "owner":
		s.req.ResourceAccount = rest
	case "as":
		s.as(strings.Fields(rest))
	case "allow":
		d := s.decide(rest)
		if !d.Allowed {
			s.t.Errorf("%s: got %+v %s", s.where, d, d.Reason(s.req.Action))
		}
	case "deny", "explicit":
		typ, args, _ := strings.Cut(rest, " ")
		if d := s.decide(args); d.Allowed || d.Type != kindWords[typ] || d.Explicit != (word == "explicit") {
			s.t.Errorf("%s: got %+v %s", s.where, d, d.Reason(s.req.Action))
		}
	default:
		s.fatal(": unknown word")
	}
}

var kindWords = map[string]Kind{
	"identity": Identity, "boundary": Boundary, "session": Session, "resource": Resource, "trust": Trust, "scp": SCP,
	"rcp": RCP, "vpce": VPCEndpoint,
}

func (s *scenario) attach(kind, level, src string) {
	s.t.Helper()
	var l []Attached
	if src != "none" { // "none": an empty level
		l = []Attached{{ID: kind + level, Type: "test", Policy: s.compile(src)}}
	}
	at := func(levels [][]Attached) [][]Attached {
		n := int(level[0] - '0')
		for len(levels) <= n {
			levels = append(levels, nil)
		}
		levels[n] = append(levels[n], l...)
		return levels
	}
	p := &s.pol
	switch kindWords[kind] {
	case Identity:
		p.Identity = append(p.Identity, l...)
	case Boundary:
		p.Boundary = append(p.Boundary, l...)
	case Session:
		p.Session = append(p.Session, l...)
	case Resource:
		p.Resource = append(p.Resource, l...)
	case Trust:
		p.Trust = append(p.Trust, l...)
	case SCP:
		p.SCPs = at(p.SCPs)
	case RCP:
		p.RCPs = at(p.RCPs)
	case VPCEndpoint:
		p.VPCEndpoint = append(p.VPCEndpoint, l...)
	default:
		s.fatal(": unknown kind")
	}
}

func (s *scenario) mark(kind string, on bool) {
	p := &s.pol
	drop := func(l *[]Attached) {
		if !on {
			*l = nil
		}
	}
	switch kindWords[kind] {
	case Identity:
		drop(&p.Identity)
	case Boundary:
		p.HasBoundary = on
		drop(&p.Boundary)
	case Session:
		p.HasSession = on
		drop(&p.Session)
	case Resource:
		p.NeedsResource = on
		drop(&p.Resource)
	case Trust:
		p.HasTrust = on
		drop(&p.Trust)
	case VPCEndpoint:
		p.HasVPCEndpoint = on
		drop(&p.VPCEndpoint)
	case SCP:
		p.SCPs = nil
	case RCP:
		p.RCPs = nil
	default:
		s.fatal(": unknown kind")
	}
}

func (s *scenario) as(words []string) {
	p := Principal{Account: home}
	var names []string
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "in":
			i++
			p.Account = words[i]
		case "id":
			i++
			p.UniqueID = words[i]
		default:
			names = append(names, words[i])
		}
	}
	iam, sts := "arn:aws:iam::"+p.Account+":", "arn:aws:sts::"+p.Account+":"
	switch names[0] {
	case "anonymous":
		p = Principal{}
	case "root":
		p.Kind, p.ARN = Root, iam+"root"
	case "user":
		p.Kind, p.ARN = User, iam+"user/"+names[1]
	case "role":
		p.Kind, p.ARN, p.RoleARN = Role, sts+"assumed-role/"+names[1]+"/"+names[2], iam+"role/"+names[1]
	case "federated":
		p.Kind, p.ARN, p.UserARN = FederatedUser, sts+"federated-user/"+names[1], iam+names[2]
	case "service":
		p = Principal{Kind: Service, Service: names[1]}
	case "web":
		p = Principal{Kind: WebIdentity, Federated: names[1]}
	case "saml":
		p = Principal{Kind: SAML, Federated: names[1]}
	default:
		s.fatal(": unknown principal")
	}
	s.req.Principal = p
}

// args sets the request from ARGS.
func (s *scenario) args(rest string) {
	s.t.Helper()
	s.req.Action, s.req.Resource, s.req.Context = "s3:GetObject", "arn:aws:s3:::bucket/key", &Context{}
	for _, f := range strings.Fields(rest) {
		key, value, ok := strings.Cut(f, "=")
		value, err := url.PathUnescape(value)
		if !ok || err != nil {
			s.fatal(": malformed argument ", f)
		}
		list, multi := strings.CutSuffix(key, "[]")
		switch {
		case key == "@a":
			s.req.Action = value
		case key == "@r":
			s.req.Resource = value
		case multi && value == "":
			s.req.Context.SetList(list)
		case multi:
			s.req.Context.SetList(list, strings.Split(value, ",")...)
		default:
			s.req.Context.Set(key, value)
		}
	}
}

func (s *scenario) decide(rest string) Decision {
	s.t.Helper()
	s.args(rest)
	s.decisions++
	return s.consistent(&s.pol)
}

// fits asks about the given statement as an Allow, and as a Deny beside an Allow of everything.
func (s *scenario) fits(want, rest string) {
	s.t.Helper()
	s.args(rest)
	s.decisions += 2
	allow := s.consistent(&Policies{Identity: []Attached{{ID: "given", Policy: s.given[0]}}})
	if allow.Allowed != (want == "true") {
		s.t.Errorf("%s: as Allow: allowed is %v", s.where, allow.Allowed)
	}
	all := s.compile(`{"Effect":"Allow","Action":"*","Resource":"*"}`)
	deny := s.consistent(&Policies{Identity: []Attached{{ID: "all", Policy: all}, {ID: "given", Policy: s.given[1]}}})
	if deny.Explicit != (want != "false") {
		s.t.Errorf("%s: as Deny: denied is %v", s.where, deny.Explicit)
	}
}

// consistent decides, and holds the explanation's account, which is worked out kind by kind, against the decision.
func (s *scenario) consistent(p *Policies) Decision {
	s.t.Helper()
	d := Decide(&s.req, p)
	e := Explain(&s.req, p)
	if _, err := json.Marshal(e); err != nil {
		s.fatal(": ", err)
	}
	explicit, lacking := false, false
	for _, k := range e.Types {
		explicit = explicit || k.Result == ResultExplicit && k.Type == d.Type
		lacking = lacking || k.Result == ResultImplicit && !k.Overridden && k.Type == d.Type
		if d.Allowed && (k.Result == ResultExplicit || k.Result == ResultImplicit && !k.Overridden) {
			s.t.Errorf("%s: allowed, but %v says %v", s.where, k.Type, k.Result)
		}
	}
	if d.Explicit && !explicit || !d.Allowed && !d.Explicit && !lacking {
		s.t.Errorf("%s: denied by %v, but the explanation knows nothing of it: %+v", s.where, d.Type, e.Types)
	}
	if d.Explicit && d.Statement >= 0 {
		found := false
		for _, m := range e.Matched {
			found = found || m.Effect == "Deny" && m.PolicyID == d.Policy && m.Index == d.Statement
		}
		if !found {
			s.t.Errorf("%s: the denying statement is not among those matched", s.where)
		}
	}
	return d
}
