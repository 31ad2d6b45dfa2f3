package org

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"iamd/iam"
	"iamd/store"
	"iamd/store/storetest"
)

type operation = storetest.Operation[*Draft]

// errNothing is what an operation answers that finds nothing to work on.
var errNothing = iam.Errorf(CodeInvalidInput, "There is nothing yet.")

// TestApply: what commits make of an organization in another process's memory is
// what they make of it in the store, whatever is done.
func TestApply(t *testing.T) {
	for seed, features := range []FeatureSet{AllFeatures, ConsolidatedBilling} {
		t.Run(string(features), func(t *testing.T) {
			w := newChanges(t)
			w.applying(features, w.operations()).Run(t, uint64(seed), 1000)
		})
	}
	t.Run("Delete", func(t *testing.T) {
		w := newChanges(t)
		w.applying(AllFeatures, map[string]operation{"Delete": func(_ *rand.Rand, d *Draft) error {
			if d.FeatureSet == "" {
				return errNothing
			}
			return d.Delete()
		}}).Run(t, 1, 1)
	})
	t.Run("Import", func(t *testing.T) {
		w := newChanges(t)
		p := w.applying(AllFeatures, w.ofUnits())
		p.First = func(_ *rand.Rand, d *Draft) error {
			const root = "r-abcd"
			return d.Import(&Import{
				ID: d.ID, FeatureSet: AllFeatures, Management: number(0), Root: Root{ID: root, Name: "Root"},
				Units:    []*Unit{{ID: "ou-abcd-12345678", Name: "a", Parent: root}},
				Accounts: []*Account{{ID: number(0), Name: "main", Email: "main@example.com", Parent: root, Method: JoinedInvited}},
			})
		}
		p.Run(t, 2, 200)
	})
}

// TestApplyKnowsAllChanges: whatever can be done to a draft is done in TestApply.
func TestApplyKnowsAllChanges(t *testing.T) {
	known := (&changing{}).operations()
	for _, name := range []string{"Seal", "Begin", "Delete", "Import"} {
		known[name] = nil
	}
	drafts, reads := reflect.TypeFor[*Draft](), reflect.TypeFor[*Organization]()
	for i := range drafts.NumMethod() {
		name := drafts.Method(i).Name
		_, read := reads.MethodByName(name)
		if _, ok := known[name]; !ok && !read {
			t.Errorf("%s is not among the operations", name)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	o := newOrganization(t, DefaultQuotas())
	for what, bad := range map[string]store.Row{
		"form": {Kind: rowUnit, Key: "ou", Schema: schema + 1, Data: []byte("{}")},
		"kind": {Kind: "no such", Key: "ou", Schema: schema, Data: []byte("{}")},
		"data": {Kind: rowUnit, Key: "ou", Schema: schema, Data: []byte("{")},
	} {
		if _, err := o.Apply([]store.Row{bad}); err == nil {
			t.Errorf("a row of another %s was applied", what)
		}
	}
}

// changing is the world of TestApply.
type changing struct {
	env *Env
	id  string
	now time.Time
	n   int
}

func newChanges(t *testing.T) *changing {
	w := &changing{env: newOrganization(t, DefaultQuotas()).env, now: time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)}
	w.env.Now = func() time.Time { return w.now }
	w.env.Quotas.Accounts, w.env.Quotas.Stay = 30, 0
	w.id = NewID(w.env.Rand)
	return w
}

func (w *changing) applying(features FeatureSet, operations map[string]operation) storetest.Applying[*Organization, *Draft] {
	return storetest.Applying[*Organization, *Draft]{
		Begin: func() *Draft { return New(w.env, w.id).Draft() },
		First: func(_ *rand.Rand, d *Draft) error {
			d.Begin(features, Account{ID: number(0), Name: "Management", Email: "root@example.com"})
			return nil
		},
		Operations: operations,
		Refused:    func(err error) bool { return errors.As(err, new(*iam.Error)) },
		Load:       func(rows []store.Row) (*Organization, error) { return Load(w.env, w.id, rows) },
		Apply:      (*Organization).Apply,
		Memos:      []string{"env", "standings", "documents"},
	}
}

func (w *changing) operations() map[string]operation {
	all := map[string]operation{}
	for _, some := range []map[string]operation{w.ofUnits(), w.ofAccounts(), w.ofPolicies(), w.ofHandshakes(), w.ofTransfers(), w.ofServices()} {
		maps.Copy(all, some)
	}
	for name, do := range all {
		all[name] = func(c *rand.Rand, d *Draft) error {
			w.now = w.now.Add(time.Duration(c.IntN(7200)) * time.Second)
			if c.IntN(300) == 0 {
				w.now = w.now.AddDate(0, 0, 45)
			}
			return do(c, d)
		}
	}
	return all
}

func (w *changing) next() string { w.n++; return fmt.Sprint("n", w.n) }

func pick[T any](c *rand.Rand, of ...T) T { return of[c.IntN(len(of))] }

// some is one of those that are there.
func some[V any](c *rand.Rand, of *index[V]) (v V, err error) {
	if of.Len() == 0 {
		return v, errNothing
	}
	_, v, _ = of.GetAt(c.IntN(of.Len()))
	return v, nil
}

// with does something to one of those that are there.
func with[V any](of func(*Draft) *index[V], do func(c *rand.Rand, d *Draft, v V) error) operation {
	return func(c *rand.Rand, d *Draft) error {
		v, err := some(c, of(d))
		if err != nil {
			return err
		}
		return do(c, d, v)
	}
}

func units(d *Draft) *index[*Unit]           { return d.units }
func accounts(d *Draft) *index[*Account]     { return d.accounts }
func policies(d *Draft) *index[*Policy]      { return d.policies }
func handshakes(d *Draft) *index[*Handshake] { return d.handshakes }
func transfers(d *Draft) *index[*Transfer]   { return d.transfers }

func second[T any](_ T, err error) error { return err }

func someTags(c *rand.Rand) []iam.Tag {
	return []iam.Tag{{Key: pick(c, "k", "team"), Value: pick(c, "a", "b")}}
}

// parent is the root or a unit.
func (d *Draft) someParent(c *rand.Rand) string {
	if u, err := some(c, d.units); err == nil && c.IntN(3) > 0 {
		return u.ID
	}
	return d.Root.ID
}

func (d *Draft) someTarget(c *rand.Rand) string {
	if a, err := some(c, d.accounts); err == nil && c.IntN(2) == 0 {
		return a.ID
	}
	return d.someParent(c)
}

// absent is the number of an account that is no member.
func (d *Draft) absent(c *rand.Rand) (string, error) {
	id := number(1 + c.IntN(12))
	if _, ok := d.Account(id); ok {
		return "", errNothing
	}
	return id, nil
}

func (w *changing) ofUnits() map[string]operation {
	return map[string]operation{
		"CreateUnit": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateUnit(d.someParent(c), pick(c, "a", "b", "c"), someTags(c)))
		},
		"UpdateUnit": with(units, func(c *rand.Rand, d *Draft, u *Unit) error { return second(d.UpdateUnit(u.ID, pick(c, "a", "b", "c"))) }),
		"DeleteUnit": with(units, func(_ *rand.Rand, d *Draft, u *Unit) error { return d.DeleteUnit(u.ID) }),
		"MoveAccount": with(accounts, func(c *rand.Rand, d *Draft, a *Account) error {
			return d.MoveAccount(a.ID, a.Parent, d.someParent(c))
		}),
		"TagResource":   func(c *rand.Rand, d *Draft) error { return d.TagResource(d.someTarget(c), someTags(c)) },
		"UntagResource": func(c *rand.Rand, d *Draft) error { return d.UntagResource(d.someTarget(c), []string{"k"}) },
	}
}

func (w *changing) ofAccounts() map[string]operation {
	return map[string]operation{
		"CreateAccount": func(c *rand.Rand, d *Draft) error {
			id, err := d.absent(c)
			if err != nil {
				return err
			}
			return second(d.CreateAccount(NewAccount{ID: id, Name: w.next(), Email: id + "@example.com", Tags: someTags(c)}))
		},
		"FailCreation": func(_ *rand.Rand, d *Draft) error {
			return second(d.FailCreation(NewAccount{Name: w.next()}, EmailExists))
		},
		"CloseAccount": with(accounts, func(_ *rand.Rand, d *Draft, a *Account) error { return d.CloseAccount(a.ID) }),
		"Leave":        with(accounts, func(_ *rand.Rand, d *Draft, a *Account) error { return d.Leave(a.ID) }),
		"Clean":        with(accounts, func(_ *rand.Rand, d *Draft, a *Account) error { d.Clean(a.ID); return nil }),
		"RegisterAdministrator": with(accounts, func(_ *rand.Rand, d *Draft, a *Account) error {
			return d.RegisterAdministrator(a.ID, IAMService)
		}),
		"DeregisterAdministrator": with(accounts, func(_ *rand.Rand, d *Draft, a *Account) error {
			return d.DeregisterAdministrator(a.ID, IAMService)
		}),
		// An account goes and comes back elsewhere, of which a batch shows one row.
		"member anew": with(accounts, func(c *rand.Rand, d *Draft, a *Account) error {
			if err := d.Leave(a.ID); err != nil {
				return err
			}
			d.join(Account{ID: a.ID, Name: w.next(), Email: a.Email, Method: JoinedInvited})
			return nil
		}),
	}
}

func (w *changing) ofPolicies() map[string]operation {
	content := map[PolicyType][]string{
		SCP: {denyS3, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}`}, RCP: {denySTS},
		"TAG_POLICY": {`{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`, `{"tags":{"cost":{"tag_key":{"@@assign":"Cost"}}}}`},
	}
	kind := func(c *rand.Rand) PolicyType { return pick[PolicyType](c, SCP, RCP, "TAG_POLICY") }
	attached := func(d *Draft) *index[Attachment] { return d.attached }
	return map[string]operation{
		"CreatePolicy": func(c *rand.Rand, d *Draft) error {
			t := kind(c)
			return second(d.CreatePolicy(NewPolicy{Name: pick(c, "a", "b"), Type: t, Content: pick(c, content[t]...), Tags: someTags(c)}))
		},
		"UpdatePolicy": with(policies, func(c *rand.Rand, d *Draft, p *Policy) error {
			name, text := pick(c, "a", "b"), pick(c, content[p.Type]...)
			return second(d.UpdatePolicy(p.ID, pick(c, nil, &name), nil, pick(c, nil, &text)))
		}),
		"DeletePolicy":      with(policies, func(_ *rand.Rand, d *Draft, p *Policy) error { return d.DeletePolicy(p.ID) }),
		"AttachPolicy":      with(policies, func(c *rand.Rand, d *Draft, p *Policy) error { return d.AttachPolicy(p.ID, d.someTarget(c)) }),
		"DetachPolicy":      with(attached, func(_ *rand.Rand, d *Draft, at Attachment) error { return d.DetachPolicy(at.Policy, at.Target) }),
		"EnablePolicyType":  func(c *rand.Rand, d *Draft) error { return d.EnablePolicyType(d.Root.ID, kind(c)) },
		"DisablePolicyType": func(c *rand.Rand, d *Draft) error { return d.DisablePolicyType(d.Root.ID, kind(c)) },
		"PutResourcePolicy": func(c *rand.Rand, d *Draft) error {
			text := delegating(`{"AWS":"`+number(1+c.IntN(3))+`"}`, `"organizations:Describe*"`, `,"Resource":"*"`)
			return second(d.PutResourcePolicy(text, nil))
		},
		"DeleteResourcePolicy": func(_ *rand.Rand, d *Draft) error { return d.DeleteResourcePolicy() },
	}
}

func (w *changing) ofHandshakes() map[string]operation {
	return map[string]operation{
		"Invite": func(c *rand.Rand, d *Draft) error {
			id, err := d.absent(c)
			if err != nil {
				return err
			}
			target := pick(c, HandshakeParty{PartyAccount, id}, HandshakeParty{PartyEmail, id + "@example.com"})
			return second(d.Invite(NewInvitation{Target: target, Recipient: pick(c, "", id), Notes: "Come", Tags: someTags(c)}))
		},
		"SendTo": with(handshakes, func(_ *rand.Rand, d *Draft, h *Handshake) error {
			return d.SendTo(iam.NewAccount(&iam.Env{Now: w.env.Now}, number(1)).Draft(), h)
		}),
		"Deliver": with(handshakes, func(c *rand.Rand, d *Draft, h *Handshake) error {
			d.Deliver(h.ID, number(1+c.IntN(12)))
			return nil
		}),
		"AcceptInvitation": with(handshakes, func(c *rand.Rand, d *Draft, h *Handshake) error {
			id, err := d.absent(c)
			if err != nil || h.Action != ActionInvite {
				return errNothing
			}
			return second(d.AcceptInvitation(h.ID, Account{ID: id, Name: w.next(), Email: id + "@example.com"}))
		}),
		"Decline": with(handshakes, func(_ *rand.Rand, d *Draft, h *Handshake) error { return second(d.Decline(h.ID)) }),
		"Cancel":  with(handshakes, func(_ *rand.Rand, d *Draft, h *Handshake) error { return second(d.Cancel(h.ID)) }),
		"Approve": with(handshakes, func(_ *rand.Rand, d *Draft, h *Handshake) error {
			if h.Action != ActionApproveAllFeatures {
				return errNothing
			}
			return second(d.Approve(h.ID))
		}),
		"EnableAllFeatures": func(_ *rand.Rand, d *Draft) error { return second(d.EnableAllFeatures()) },
		"FinishAllFeatures": func(_ *rand.Rand, d *Draft) error {
			h := d.migration()
			if h == nil {
				return errNothing
			}
			for _, part := range d.approvals(h.ID) {
				if part.Open() {
					if _, err := d.Approve(part.ID); err != nil {
						return err
					}
				}
			}
			return second(d.FinishAllFeatures(h.ID))
		},
		// What cannot be done: it lets the others be done more than once.
		"features": func(c *rand.Rand, d *Draft) error {
			d.FeatureSet = pick(c, AllFeatures, AllFeatures, AllFeatures, ConsolidatedBilling)
			d.putSettings()
			return nil
		},
	}
}

func (w *changing) ofTransfers() map[string]operation {
	soon := func() time.Time {
		first := time.Date(w.now.Year(), w.now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		return first.AddDate(0, 1, 0)
	}
	// other is another organization, whose management account has that number.
	other := func(n int) *Draft {
		d := New(w.env, NewID(w.env.Rand)).Draft()
		d.Begin(AllFeatures, Account{ID: number(n), Name: "Other", Email: "other@example.com"})
		return d
	}
	ask := func(to *Draft, n int) (*Handshake, error) {
		return to.InviteTransfer(NewTransfer{From: HandshakeParty{PartyAccount, number(n)}, Recipient: number(n), Name: w.next(), Start: soon()})
	}
	return map[string]operation{
		"InviteTransfer": func(c *rand.Rand, d *Draft) error { return second(ask(d, 20+c.IntN(5))) },
		// Of what comes here, and of what goes away.
		"AcceptTransfer": func(c *rand.Rand, d *Draft) error {
			to, from, asked := d, other(20+c.IntN(5)), 0
			if c.IntN(2) == 0 {
				to, from = from, to
			}
			if _, err := fmt.Sscan(from.Management, &asked); err != nil {
				return err
			}
			h, err := ask(to, asked)
			if err != nil {
				return err
			}
			return second(to.AcceptTransfer(h.ID, from))
		},
		"RenameTransfer": with(transfers, func(_ *rand.Rand, d *Draft, t *Transfer) error { return second(d.RenameTransfer(t.ID, w.next())) }),
		"WithdrawTransfer": with(transfers, func(_ *rand.Rand, d *Draft, t *Transfer) error {
			return second(d.WithdrawTransfer(t.ID, nil))
		}),
		"TransferWithdrawn": with(transfers, func(_ *rand.Rand, d *Draft, t *Transfer) error { return d.TransferWithdrawn(t.ID, soon()) }),
	}
}

func (w *changing) ofServices() map[string]operation {
	service := func(c *rand.Rand) string { return pick(c, IAMService, "sso.amazonaws.com") }
	feature := func(c *rand.Rand) string { return pick(c, "RootSessions", "RootCredentialsManagement") }
	return map[string]operation{
		"EnableServiceAccess":  func(c *rand.Rand, d *Draft) error { return d.EnableServiceAccess(service(c)) },
		"DisableServiceAccess": func(c *rand.Rand, d *Draft) error { return d.DisableServiceAccess(service(c)) },
		"EnableRootFeature":    func(c *rand.Rand, d *Draft) error { return d.EnableRootFeature(d.Management, feature(c)) },
		"DisableRootFeature":   func(c *rand.Rand, d *Draft) error { return d.DisableRootFeature(d.Management, feature(c)) },
	}
}
