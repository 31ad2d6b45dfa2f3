package iam

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"iamd/store"
	"iamd/store/storetest"
)

// operation is one of those that TestApply does, by chance.
type operation = storetest.Operation[*Draft]

// errNothing is what an operation answers that finds nothing to work on.
var errNothing = Errorf(CodeNoSuchEntity, "There is nothing yet.")

// TestApply: what commits make of an account in another process's memory is what
// they make of it in the store, whatever is done.
func TestApply(t *testing.T) {
	for seed, begin := range []struct {
		name  string
		first operation
	}{
		{"Begin", func(_ *rand.Rand, d *Draft) error {
			d.Begin(NewAccountInput{Name: "test", Email: "root@example.com", Password: goodPassword})
			return nil
		}},
		{"BeginMember", func(_ *rand.Rand, d *Draft) error { d.BeginMember("member", "member@example.com"); return nil }},
		{"Import", func(_ *rand.Rand, d *Draft) error {
			_, err := d.Import(smallImport())
			return err
		}},
	} {
		t.Run(begin.name, func(t *testing.T) {
			w := newChanges(t)
			storetest.Applying[*Account, *Draft]{
				Begin: func() *Draft { return NewAccount(w.env, testAccount).Draft() },
				First: begin.first, Operations: w.operations(),
				Refused: func(err error) bool { return errors.As(err, new(*Error)) },
				Load:    func(rows []store.Row) (*Account, error) { return Load(w.env, testAccount, rows) },
				Apply:   (*Account).Apply,
				Memos:   []string{"env", "granted"},
			}.Run(t, uint64(seed), 700)
		})
	}
}

// smallImport is an account with an entity of the kinds that refer to others.
func smallImport() *Import {
	made := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	return &Import{
		Name: "imported", CreateDate: made, Root: Root{Email: "import@example.com"}, Alias: "imported",
		Policies: []*Policy{{
			ID: "ANPA0123456789ABCDEFG", Name: "P1", Path: "/", CreateDate: made, UpdateDate: made, DefaultVersion: "v1", LastVersion: 1,
			Versions: []PolicyVersion{{ID: "v1", CreateDate: made, Document: NewDocument(allowS3, nil)}},
		}},
		Groups: []*Group{{ID: "AGPA0123456789ABCDEFG", Name: "one", Path: "/", CreateDate: made}},
		Users: []*User{{
			ID: "AIDA0123456789ABCDEFG", Name: "one", Path: "/", CreateDate: made, Groups: []string{"AGPA0123456789ABCDEFG"},
			Grants: Grants{Attached: []string{"arn:aws:iam::" + testAccount + ":policy/P1"}},
		}},
	}
}

// TestApplyKnowsAllChanges: whatever can be done to a draft is done in TestApply.
func TestApplyKnowsAllChanges(t *testing.T) {
	known := (&changing{}).operations()
	for _, name := range []string{"Seal", "Emit", "Changed", "Begin", "BeginMember", "Import"} {
		known[name] = nil
	}
	drafts, reads := reflect.TypeFor[*Draft](), reflect.TypeFor[*Account]()
	for i := range drafts.NumMethod() {
		name := drafts.Method(i).Name
		if _, read := reads.MethodByName(name); read && name != "Draft" {
			continue
		}
		if _, ok := known[name]; !ok && name != "Draft" {
			t.Errorf("%s is not among the operations", name)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	a, changes := everything(t).Seal()
	for _, r := range changes.Rows {
		for what, bad := range map[string]store.Row{
			"form": {Kind: r.Kind, Key: r.Key, Schema: schema + 1, Data: r.Data},
			"kind": {Kind: "no such", Key: r.Key, Schema: schema, Data: r.Data},
			"data": {Kind: r.Kind, Key: r.Key, Schema: schema, Data: []byte("{")},
		} {
			if _, err := a.Apply([]store.Row{bad}); err == nil {
				t.Errorf("%s: a row of another %s was applied", r.Kind, what)
			}
		}
	}
	if next, err := a.Apply(nil); err != nil || next.UserCount() != a.UserCount() {
		t.Errorf("nothing was applied: %v", err)
	}
}

// changing is the world of TestApply: its clock, and what takes long to make.
type changing struct {
	t      *testing.T
	env    *Env
	now    time.Time
	n      int
	certs  []authority
	keys   []string // of certs
	saml   *SAMLMetadata
	samls  *SAMLKey
	issues *SigningKeys
	plan   *RolePlan
}

func newChanges(t *testing.T) *changing {
	d := policyDraft()
	w := &changing{t: t, env: d.env, now: d.now(), saml: mustMetadata(t, metadata(entityID, signingKey(t))), samls: mustSAMLKey(t)}
	w.env.Now = func() time.Time { return w.now }
	w.env.Quotas.VersionsPerPolicy = 3
	for i := range 4 {
		made, key := certified(t, fmt.Sprint("c", i), nil, time.Unix(0, 0), w.now.AddDate(50, 0, 0))
		w.certs, w.keys = append(w.certs, made), append(w.keys, key)
	}
	var err error
	w.issues, err = NewSigningKeys(w.env.Rand)
	must(t, err)
	w.plan, err = templateOf(t, powerTemplate).Plan(values{"AWSServiceName": {"lambda.amazonaws.com"}, "RoleName": {"one"}})
	must(t, err)
	return w
}

// operations are all of them; each lets some time pass.
func (w *changing) operations() map[string]operation {
	all := map[string]operation{}
	for _, some := range []map[string]operation{
		w.ofUsers(), w.ofGroups(), w.ofRoles(), w.ofPolicies(), w.ofCredentials(), w.ofDevices(),
		w.ofProviders(), w.ofDelegations(), w.ofAccount(), w.ofReports(), w.swaps(),
	} {
		maps.Copy(all, some)
	}
	for name, do := range all {
		all[name] = func(c *rand.Rand, d *Draft) error {
			w.now = w.now.Add(time.Duration(c.IntN(90)) * time.Second)
			if c.IntN(500) == 0 {
				w.now = w.now.AddDate(0, 0, 40)
			}
			return do(c, d)
		}
	}
	return all
}

// next makes what was not there before.
func (w *changing) next() string { w.n++; return fmt.Sprint("n", w.n) }

// Few names, so that they pass from one entity to another; letters differ in case.
func name(c *rand.Rand) string { return pick(c, "one", "ONE", "two", "Two", "three", "four", "Four") }

func pick[T any](c *rand.Rand, of ...T) T { return of[c.IntN(len(of))] }

// some is one of those that are there.
func some[V any](c *rand.Rand, of *index[V]) (v V, err error) {
	if of.Len() == 0 {
		return v, errNothing
	}
	_, v, _ = of.GetAt(c.IntN(of.Len()))
	return v, nil
}

// owner is a user, or nobody for root.
func owner(c *rand.Rand, d *Draft) *User {
	if u, err := some(c, d.users); err == nil && c.IntN(4) > 0 {
		return u
	}
	return nil
}

func (d *Draft) someUser(c *rand.Rand, do func(*User) error) error {
	u, err := some(c, d.users)
	if err != nil {
		return err
	}
	return do(u)
}

func someTags(c *rand.Rand) []Tag {
	return []Tag{{pick(c, "k", "K", "team"), pick(c, "a", "b", "c")}}
}
func someKeys(c *rand.Rand) []string { return []string{pick(c, "k", "K", "team")} }

func entity(c *rand.Rand) Entity { return Entity{pick(c, KindUser, KindGroup, KindRole), name(c)} }

func (d *Draft) someARN(c *rand.Rand) string {
	if p, err := some(c, d.policies); err == nil && c.IntN(3) > 0 {
		return p.ARN
	}
	return adminARN
}

func status(c *rand.Rand) Status { return pick(c, Active, Inactive) }

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
