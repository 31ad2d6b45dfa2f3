package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"iamd/policy"
	"iamd/policy/source"
)

// caseReader reads the cases of one scenario.
type caseReader struct {
	*file
	name, page, says, source string
	base                     things
}

// asked is a case as it stands, for its twins to be found.
type asked struct {
	at      value
	things  things
	answer  string // how the statement fits, or whether the request is allowed
	special bool
}

// How a statement may fit a request.
const (
	fitsYes     = "yes"
	fitsNo      = "no"
	fitsUnclear = "unclear" // it can't be evaluated: a Deny applies, an Allow does not
)

// read makes the n-th case: one, or two of a case that says how a statement fits.
func (r *caseReader) read(v value, n int) (*asked, []*Case, *Error) {
	fields, err := v.fields(caseFields...)
	if err != nil {
		return nil, nil, err
	}
	a := &asked{at: v}
	c := Case{Name: r.name + "/" + strconv.Itoa(n), File: r.path, Line: v.line(), Page: r.page, Says: r.says, Source: r.source}
	fits, expects := "", 0
	for _, f := range fields {
		var err *Error
		switch f.key {
		case "says":
			c.Says, err = f.str()
		case "source":
			c.Source, err = f.oneOf(Documented, Recorded, Assumed)
		case "special":
			a.special, c.Special, err = true, true, f.isTrue()
		case "fits":
			fits, err = f.oneOf(fitsYes, fitsNo, fitsUnclear)
			a.answer = fits
		case "decision":
			c.Want.Decision, err = f.oneOf(Allowed, ExplicitDeny, ImplicitDeny)
			if a.answer = "denied"; c.Want.Decision == Allowed {
				a.answer = Allowed
			}
		case "by", "policy", "index", "reason":
			expects++
			err = c.Want.set(f)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if a.things, err = r.base.with(fields); err != nil {
		return nil, nil, err
	}
	_, fragment := a.things["statement"]
	switch {
	case (fits == "") == (c.Want.Decision == ""):
		return nil, nil, v.fault(`a case has either "decision" or "fits"`)
	case (fits != "") != fragment:
		return nil, nil, v.fault(`"fits" goes with a "statement", and a "statement" with "fits"`)
	case fragment && (a.things.has(policiesPrefix) || expects > 0):
		return nil, nil, v.fault(`"policies", "by", "policy", "index" and "reason" have no place beside "fits"`)
	case fits == "" && c.Want.By == 0 && c.Want.Decision != Allowed:
		return nil, nil, v.fault(`a denial needs "by": the kind of policy that denies or lacks an Allow`)
	}
	if fragment {
		cases, err := r.fits(c, fits, a.things)
		return a, cases, err
	}
	err = r.build(&c, a.things)
	return a, []*Case{&c}, err
}

// set reads one field of what is wanted.
func (w *Want) set(f field) *Error {
	s, err := f.Text, (*Error)(nil)
	if f.key != "index" {
		if s, err = f.str(); err != nil {
			return err
		}
	}
	switch f.key {
	case "policy":
		w.Policy = s
	case "reason":
		w.Reason = s
	case "index":
		n, err := strconv.Atoi(s)
		if err != nil || f.Kind != source.Number {
			return f.fault("the index is no whole number")
		}
		w.Index = &n
	case "by":
		for _, k := range kinds {
			if k.word == s {
				w.By = k.kind
			}
		}
		if w.By == 0 {
			return f.fault("%q is no kind of policy", s)
		}
	}
	return nil
}

// fits asks about a statement as an Allow, and as a Deny beside an Allow of everything.
func (r *caseReader) fits(c Case, fits string, t things) ([]*Case, *Error) {
	fragment := t["statement"]
	fields, err := fragment.fields()
	if err != nil {
		return nil, err
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(fields, func(f field) bool { return slices.Contains(names, f.key) })
	}
	if has("Effect", "Sid") || len(fields) == 0 {
		return nil, fragment.fault("the statement is given without Effect and Sid, and not empty")
	}
	rest := fragment.text()[1:]
	if !has("Resource", "NotResource") {
		rest = `"Resource":"*",` + rest
	}
	if !has("Action", "NotAction") {
		rest = `"Action":"*",` + rest
	}
	const head, all = `{"Version":"2012-10-17","Statement":[`, `{"Effect":"Allow","Action":"*","Resource":"*"},`
	allow, deny := c, c
	allow.Name, deny.Name = c.Name+"/allow", c.Name+"/deny"
	allow.Want, deny.Want = Want{Decision: ImplicitDeny, By: policy.Identity}, Want{Decision: ExplicitDeny, By: policy.Identity}
	if fits == fitsYes {
		allow.Want.Decision = Allowed
	}
	if fits == fitsNo {
		deny.Want.Decision = Allowed
	}
	for _, made := range []struct {
		c        *Case
		document string
	}{
		{&allow, head + `{"Effect":"Allow",` + rest + `]}`},
		{&deny, head + all + `{"Effect":"Deny",` + rest + `]}`},
	} {
		u, _ := t.with(nil)
		delete(u, "statement")
		m := &member{file: r.path, name: "statement", line: fragment.line(), text: made.document}
		v, err := m.read()
		if err != nil {
			return nil, err
		}
		u[policiesPrefix+"identity"] = thing{value: v}
		if err := r.build(made.c, u); err != nil {
			return nil, err
		}
	}
	return []*Case{&allow, &deny}, nil
}

// principalFields are the fields of each kind of principal; a question mark is before those that may be left out.
var principalFields = map[string]struct {
	kind   policy.PrincipalKind
	fields string
}{
	"anonymous":     {policy.Anonymous, ""},
	"root":          {policy.Root, "account arn"},
	"user":          {policy.User, "account arn ?uniqueId ?userArn"},
	"role":          {policy.Role, "account arn roleArn ?uniqueId"},
	"federatedUser": {policy.FederatedUser, "account arn userArn ?uniqueId"},
	"webIdentity":   {policy.WebIdentity, "federated"},
	"saml":          {policy.SAML, "federated"},
	"service":       {policy.Service, "service"},
}

// principal reads a principal, or the name of one.
func (r *caseReader) principal(v value) (p policy.Principal, out map[string]string, err *Error) {
	if v.Kind == source.String {
		name := v.Text
		found, ok := r.people[name]
		if !ok {
			return p, nil, v.fault("the defaults have no principal %q", name)
		}
		r.used[name] = true
		v = found
	}
	fields, err := v.fields("kind", "account", "arn", "roleArn", "uniqueId", "service", "federated", "userArn")
	if err != nil {
		return p, nil, err
	}
	out = map[string]string{}
	for _, f := range fields {
		if out[f.key], err = f.str(); err != nil {
			return p, nil, err
		}
	}
	known, ok := principalFields[out["kind"]]
	if !ok {
		return p, nil, v.fault("unknown kind of principal %q", out["kind"])
	}
	allowed := []string{"kind"}
	for name := range strings.FieldsSeq(known.fields) {
		name, optional := strings.CutPrefix(name, "?")
		if allowed = append(allowed, name); !optional && out[name] == "" {
			return p, nil, v.fault("the principal lacks %q", name)
		}
	}
	for name := range out {
		if !slices.Contains(allowed, name) {
			return p, nil, v.fault("the principal has %q, which a %s has not", name, out["kind"])
		}
	}
	return policy.Principal{
		Kind: known.kind, Account: out["account"], ARN: out["arn"], RoleARN: out["roleArn"], UniqueID: out["uniqueId"],
		Service: out["service"], Federated: out["federated"], UserARN: out["userArn"],
	}, out, nil
}

// id is how a policy is called: by its kind and place.
func id(word string, place ...int) string {
	for _, n := range place {
		word += fmt.Sprintf("[%d]", n)
	}
	return word
}
