package guard_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// tree says where accounts stand.
type tree map[string]guard.Organization

func (t tree) Organization(account string) (guard.Organization, error) {
	if account == "unreadable" {
		return guard.Organization{}, errors.New("no answer")
	}
	return t[account], nil
}

const (
	allowAll    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	allowAnyone = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`
	denyInvoke  = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["execute-api:*","sts:*"],"Resource":"*"}}`
	policyARN   = "arn:aws:organizations::999999999999:policy/o-example/service_control_policy/p-example"
)

// level is a level's policies.
func level(t testing.TB, texts ...string) (list []policy.Attached) {
	t.Helper()
	for _, text := range texts {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, policy.Attached{ID: policyARN, Policy: policy.Compile(doc, policy.CompileOptions{})})
	}
	return list
}

func organizedGuard(t testing.TB, a accounts, o guard.Organizations) *guard.Guard {
	t.Helper()
	g, err := guard.New(guard.Config{
		Accounts: a, Now: func() time.Time { return clock }, Organizations: o,
		Controlled: func(service string) bool { return service == "sts" || service == "execute-api" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestControls: which control policies bear on a question, by who asks and what
// is asked for.
func TestControls(t *testing.T) {
	a, user := bob(t, allowAll)
	a = change(t, a, func(d *iam.Draft) error {
		_, err := d.CreateRole(iam.NewRole{Name: "R", Path: "/", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}}`})
		return errors.Join(err, d.PutInlinePolicy(iam.Entity{Kind: iam.KindRole, Name: "R"}, "p", allowAll))
	})
	role, err := a.Role("R")
	if err != nil {
		t.Fatal(err)
	}
	session := func(arn string) *guard.Caller {
		return &guard.Caller{
			Principal: policy.Principal{Kind: policy.Role, Account: account, RoleARN: arn, UniqueID: role.ID, ARN: "arn:aws:sts::" + account + ":assumed-role/R/s"},
			UserID:    role.ID + ":s", RoleName: "R", Session: &sts.Session{Kind: sts.AssumedRole}, Origin: user.Origin,
		}
	}
	callers := map[string]*guard.Caller{
		"user": user, "role": session(a.RoleARN(role)), "linked": session("arn:aws:iam::" + account + ":role/aws-service-role/x.amazonaws.com/R"),
		"root":   {Principal: policy.Principal{Kind: policy.Root, Account: account, ARN: a.RootARN(), UniqueID: account}, Origin: user.Origin},
		"nobody": guard.Anonymous(user.Origin),
	}
	invoke := guard.Check{Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:us-east-1:" + account + ":x/prod/GET/", Account: account, Policies: level(t, allowAnyone)}
	foreignInvoke, list, unnamed := invoke, guard.Check{Action: "iam:ListUsers", Resource: "arn:aws:iam::" + account + ":user/"}, guard.Check{Action: "sts:GetAccessKeyInfo", Resource: "*"}
	foreignInvoke.Account, foreignInvoke.Resource = foreign, strings.Replace(invoke.Resource, account, foreign, 1)
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	full, everybody := level(t, allowAll), level(t, allowAnyone)
	denying := func(at int) [][]policy.Attached {
		levels := [][]policy.Attached{full, full, full}
		levels[at] = level(t, allowAll, deny)
		return levels
	}
	rcps := [][]policy.Attached{everybody, level(t, allowAnyone, denyInvoke), everybody}
	const (
		scpDenies = "with an explicit deny in a service control policy: " + policyARN
		rcpDenies = "with an explicit deny in a resource control policy: " + policyARN
	)
	for name, c := range map[string]struct {
		who    string
		check  guard.Check
		own    guard.Organization // the caller's account's
		theirs guard.Organization // the other account's
		want   string             // the end of the sentence; "": allowed
	}{
		"nothing binds":                     {"user", list, guard.Organization{}, guard.Organization{}, ""},
		"user, denied at the root":          {"user", list, guard.Organization{ID: "o", SCPs: denying(0)}, guard.Organization{}, scpDenies},
		"role, denied at the account":       {"role", list, guard.Organization{ID: "o", SCPs: denying(2)}, guard.Organization{}, scpDenies},
		"root user, denied at the unit":     {"root", list, guard.Organization{ID: "o", SCPs: denying(1)}, guard.Organization{}, scpDenies},
		"service-linked role":               {"linked", list, guard.Organization{ID: "o", SCPs: denying(0)}, guard.Organization{}, ""},
		"service-linked role, on resources": {"linked", invoke, guard.Organization{ID: "o", RCPs: rcps}, guard.Organization{}, ""},
		"a level that is empty":             {"root", list, guard.Organization{ID: "o", SCPs: [][]policy.Attached{full, {}, full}}, guard.Organization{}, "because no service control policy allows the iam:ListUsers action"},
		"a policy that can't be read":       {"root", list, guard.Organization{ID: "o", SCPs: [][]policy.Attached{{{ID: "p"}}}}, guard.Organization{}, "with an explicit deny in a service control policy"},
		"the resource's SCPs don't bind":    {"user", foreignInvoke, guard.Organization{}, guard.Organization{ID: "o", SCPs: denying(0)}, ""},
		"own resource":                      {"user", invoke, guard.Organization{ID: "o", RCPs: rcps}, guard.Organization{}, rcpDenies},
		"another's, of the organization":    {"user", foreignInvoke, guard.Organization{ID: "o"}, guard.Organization{ID: "o", RCPs: rcps}, rcpDenies},
		"another's, of another":             {"user", foreignInvoke, guard.Organization{ID: "p"}, guard.Organization{ID: "o", RCPs: rcps}, "with an explicit deny in a resource control policy"},
		"another's, of none":                {"user", foreignInvoke, guard.Organization{}, guard.Organization{ID: "o", RCPs: rcps}, "with an explicit deny in a resource control policy"},
		"the caller's RCPs don't bind":      {"user", foreignInvoke, guard.Organization{ID: "o", RCPs: rcps}, guard.Organization{}, ""},
		"nobody":                            {"nobody", foreignInvoke, guard.Organization{}, guard.Organization{ID: "o", SCPs: denying(0), RCPs: rcps}, "with an explicit deny in a resource control policy"},
		"nobody, and no RCP":                {"nobody", foreignInvoke, guard.Organization{}, guard.Organization{ID: "o", SCPs: denying(0)}, ""},
		"a service without RCPs":            {"user", list, guard.Organization{ID: "o", RCPs: [][]policy.Attached{{}}}, guard.Organization{}, ""},
		"an action without resources":       {"user", unnamed, guard.Organization{ID: "o", RCPs: rcps}, guard.Organization{}, ""},
	} {
		g := organizedGuard(t, accounts{account: a}, tree{account: c.own, foreign: c.theirs})
		err := g.Authorize(callers[c.who], a, c.check)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), " "+c.want)):
			t.Errorf("%s:\n got %v\nwant …%s", name, err, c.want)
		}
	}
	// What can't be found out denies.
	g := organizedGuard(t, accounts{account: a}, tree{})
	if err := g.Authorize(user, a, guard.Check{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Account: "unreadable"}); err == nil {
		t.Error("let in though nobody knows where the resource stands")
	}
}

// TestTraceOfControls: a trace names the level that does not allow, and shows
// each.
func TestTraceOfControls(t *testing.T) {
	a, user := bob(t, allowAll)
	full, some := level(t, allowAll), level(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)
	check := guard.Check{Action: "iam:ListUsers", Resource: "arn:aws:iam::" + account + ":user/"}
	for _, c := range []struct {
		levels [][]policy.Attached
		want   string
	}{
		{[][]policy.Attached{some, full, full}, "None of the statements of the service control policy at the root allows it (policies: 1)."},
		{[][]policy.Attached{full, {}, full, full}, "None of the statements of the service control policy at the organizational unit at level 1 allows it (policies: 0)."},
		{[][]policy.Attached{full, full, some}, "None of the statements of the service control policy at the account allows it (policies: 1)."},
		{[][]policy.Attached{full, level(t, allowAll, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*"}}`)}, "Statement 1 of the service control policy " + policyARN + " denies it."},
	} {
		g := organizedGuard(t, accounts{account: a}, tree{account: {ID: "o", SCPs: c.levels}})
		trace, _ := deny(t, g, user, a, check)
		if trace.Reason != c.want {
			t.Errorf("got  %s\nwant %s", trace.Reason, c.want)
		}
		seen := 0
		for _, kind := range kept(t, trace).Types {
			if kind.Type == "service control policy" {
				if kind.Level != seen {
					t.Errorf("level %d after %d", kind.Level, seen-1)
				}
				seen++
			}
		}
		if seen != len(c.levels) {
			t.Errorf("%d levels of %d", seen, len(c.levels))
		}
	}
}

// BenchmarkControls is BenchmarkAuthorize beside the same in an organization.
func BenchmarkControls(b *testing.B) {
	a, caller := bob(b, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"arn:aws:iam::*:user/*"}}`)
	check := guard.Check{Action: "iam:GetUser", Resource: "arn:aws:iam::" + account + ":user/Al", Named: "user Al"}
	guardrail := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["organizations:LeaveOrganization","s3:DeleteBucket"],"Resource":"*"},
		{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}}]}`
	levels := [][]policy.Attached{level(b, allowAll), level(b, allowAll, guardrail), level(b, allowAll)}
	for name, o := range map[string]tree{"alone": {}, "three levels": {account: {ID: "o-example", Path: "o-example/r-abcd/ou-abcd-12345678/", SCPs: levels}}} {
		g := organizedGuard(b, accounts{account: a}, o)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := g.Authorize(caller, a, check); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
