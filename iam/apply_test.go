package iam

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
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
			}.Run(t, uint64(seed), 1000)
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

// nowhere is a name that no operation but a swap uses.
const nowhere = "nowhere"

// swaps let two entities of a kind change names, or one go and another come.
func (w *changing) swaps() map[string]operation {
	three := func(c *rand.Rand, names []string, rename func(from, to string) error) error {
		if len(names) < 2 {
			return errNothing
		}
		c.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return errors.Join(rename(names[0], nowhere), rename(names[1], names[0]), rename(nowhere, names[1]))
	}
	return map[string]operation{
		"swap users": func(c *rand.Rand, d *Draft) error {
			return three(c, d.users.Keys(), func(from, to string) error { return d.UpdateUser(from, to, "") })
		},
		"swap groups": func(c *rand.Rand, d *Draft) error {
			return three(c, d.groups.Keys(), func(from, to string) error { return d.UpdateGroup(from, to, "") })
		},
		"swap certificates": func(c *rand.Rand, d *Draft) error {
			return three(c, d.serverCertificates.Keys(), func(from, to string) error { return d.UpdateServerCertificate(from, to, "") })
		},
		"user anew": func(c *rand.Rand, d *Draft) error {
			return d.someUser(c, func(u *User) error {
				bare := &User{ID: u.ID, Name: u.Name, Path: u.Path, CreateDate: u.CreateDate}
				d.putUser(u, bare)
				return errors.Join(d.DeleteUser(u.Name), second(d.CreateUser(NewUser{Name: strings.ToUpper(u.Name)})))
			})
		},
		"device anew": func(c *rand.Rand, d *Draft) error {
			m, err := some(c, d.devices)
			if err != nil || m.Owner != "" || m.Passkey != nil {
				return errNothing
			}
			return errors.Join(d.DeleteVirtualMFADevice(d.Serial(m)),
				second(d.CreateVirtualMFADevice(NewMFADevice{Name: m.Name, Path: m.Path, Seed: testSeed})))
		},
		"policy anew": func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.policies)
			if err != nil || len(p.Versions) > 1 {
				return errNothing
			}
			if err := d.DeletePolicy(p.ARN); err != nil {
				return err
			}
			return second(d.CreatePolicy(NewPolicy{Name: strings.ToUpper(p.Name), Document: denyS3}))
		},
	}
}

func (w *changing) ofReports() map[string]operation {
	return map[string]operation{
		"GenerateCredentialReport": func(c *rand.Rand, d *Draft) error { return second(d.GenerateCredentialReport(neverUsed)) },
		"AddAccessJob": func(c *rand.Rand, d *Draft) error {
			for range pick(c, 1, 3, AccessJobs+1) {
				d.AddAccessJob(AccessJob{ID: fmt.Sprint(c.Uint32()), Caller: "AIDA", ARN: d.RootARN(), Services: []string{"s3"}})
			}
			return nil
		},
		"AddOrganizationReport": func(c *rand.Rand, d *Draft) error {
			for range pick(c, 1, 3, OrganizationReports+1) {
				d.AddOrganizationReport(OrganizationReport{ID: fmt.Sprint(c.Uint32()), Caller: "AIDA", Path: "o/r", Failure: NoEntityPath})
			}
			return nil
		},
	}
}

func (w *changing) ofAccount() map[string]operation {
	return map[string]operation{
		"CreateAccountAlias": func(c *rand.Rand, d *Draft) error { return d.CreateAccountAlias(pick(c, "a", "b", "c")) },
		"DeleteAccountAlias": func(_ *rand.Rand, d *Draft) error { return d.DeleteAccountAlias(d.Alias) },
		"UpdateAccountPasswordPolicy": func(c *rand.Rand, d *Draft) error {
			d.UpdateAccountPasswordPolicy(PasswordPolicy{MinLength: 6 + c.IntN(4), Reuse: c.IntN(5), Symbols: c.IntN(2) == 0})
			return nil
		},
		"DeleteAccountPasswordPolicy": func(_ *rand.Rand, d *Draft) error { return d.DeleteAccountPasswordPolicy() },
		"PutProperties": func(c *rand.Rand, d *Draft) error {
			return d.PutProperties(map[string]string{roleManagerEnabled: pick(c, "true", "false")})
		},
		"SetGlobalEndpointTokenVersion": func(c *rand.Rand, d *Draft) error {
			d.SetGlobalEndpointTokenVersion(1 + c.IntN(2))
			return nil
		},
		"Join":               func(c *rand.Rand, d *Draft) error { d.Join(pick(c, "", "o-1", "o-2")); return nil },
		"LinkOrganizations":  func(_ *rand.Rand, d *Draft) error { return d.LinkOrganizations() },
		"KeepBillsFromUsers": func(_ *rand.Rand, d *Draft) error { d.KeepBillsFromUsers(); return nil },
		"Close":              func(c *rand.Rand, d *Draft) error { d.Close(pick(c, time.Time{}, d.now())); return nil },
		"Invite": func(c *rand.Rand, d *Draft) error {
			d.Invite(Invitation{Handshake: pick(c, "h-1", "h-2", "h-3"), Organization: "o-1", Until: d.now().Add(time.Hour)})
			return nil
		},
		"Disinvite":         func(c *rand.Rand, d *Draft) error { d.Disinvite(pick(c, "h-1", "h-2", "h-3")); return nil },
		"AllowRootRecovery": func(_ *rand.Rand, d *Draft) error { return second(d.AllowRootRecovery()) },
		"DeleteRootLogin":   func(_ *rand.Rand, d *Draft) error { return d.DeleteRootLogin() },
		"SetRootPassword":   func(c *rand.Rand, d *Draft) error { d.SetRootPassword(w.next()); return nil },
		"ChangeRootPassword": func(_ *rand.Rand, d *Draft) error {
			return d.ChangeRootPassword(d.Root.Password, w.next())
		},
		"EnableOutboundFederation":  func(_ *rand.Rand, d *Draft) error { return second(d.EnableOutboundFederation(w.issues)) },
		"DisableOutboundFederation": func(_ *rand.Rand, d *Draft) error { return d.DisableOutboundFederation() },
		"Reseal": func(c *rand.Rand, d *Draft) error {
			d.Reseal(func(sealed []byte) bool { return true }, 1+c.IntN(20))
			return nil
		},
	}
}

func (w *changing) ofDelegations() map[string]operation {
	// A request of this account, or of another that asks this one.
	whose := func(c *rand.Rand, d *Draft) (*DelegationRequest, error) {
		if c.IntN(2) == 0 {
			other := NewAccount(w.env, "210987654321").Draft()
			return other.CreateDelegationRequest(asked(w.next()))
		}
		return some(c, d.delegations)
	}
	with := func(do func(c *rand.Rand, d *Draft, r *DelegationRequest) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			r, err := some(c, d.delegations)
			if err != nil {
				return err
			}
			return do(c, d, r)
		}
	}
	who := func(c *rand.Rand) Identity { return pick(c, ann, bob, root) }
	return map[string]operation{
		"CreateDelegationRequest": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateDelegationRequest(asked(w.next())))
		},
		"AssociateDelegationRequest": func(c *rand.Rand, d *Draft) error {
			r, err := whose(c, d)
			if err != nil {
				return err
			}
			return d.AssociateDelegationRequest(r, who(c))
		},
		"UpdateDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.UpdateDelegationRequest(r.ID, w.next())
		}),
		"AcceptDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.AcceptDelegationRequest(r.ID, who(c))
		}),
		"RejectDelegationRequest": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.RejectDelegationRequest(r.ID, "no")
		}),
		"SendDelegationToken": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.SendDelegationToken(r.ID, who(c))
		}),
		"DelegationTokenDelivered": with(func(c *rand.Rand, d *Draft, r *DelegationRequest) error {
			return d.DelegationTokenDelivered(r.ID)
		}),
	}
}

func (w *changing) ofProviders() map[string]operation {
	openID := func(do func(c *rand.Rand, d *Draft, arn string) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.openIDProviders)
			if err != nil {
				return err
			}
			return do(c, d, d.OpenIDProviderARN(p))
		}
	}
	saml := func(do func(c *rand.Rand, d *Draft, p *SAMLProvider) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			p, err := some(c, d.samlProviders)
			if err != nil {
				return err
			}
			return do(c, d, p)
		}
	}
	return map[string]operation{
		"CreateOpenIDProvider": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateOpenIDProvider(NewOpenIDProvider{
				URL: "https://" + pick(c, "a", "b", "c") + ".example.com", ClientIDs: []string{"x"}, Thumbprints: []string{strings.Repeat("A", 40)},
			}))
		},
		"DeleteOpenIDProvider": openID(func(_ *rand.Rand, d *Draft, arn string) error { return d.DeleteOpenIDProvider(arn) }),
		"AddClientID":          openID(func(c *rand.Rand, d *Draft, arn string) error { return d.AddClientID(arn, name(c)) }),
		"RemoveClientID":       openID(func(c *rand.Rand, d *Draft, arn string) error { return d.RemoveClientID(arn, name(c)) }),
		"UpdateThumbprints": openID(func(c *rand.Rand, d *Draft, arn string) error {
			return d.UpdateThumbprints(arn, []string{strings.Repeat(pick(c, "b", "c"), 40)})
		}),
		"TagOpenIDProvider":   openID(func(c *rand.Rand, d *Draft, arn string) error { return d.TagOpenIDProvider(arn, someTags(c)) }),
		"UntagOpenIDProvider": openID(func(c *rand.Rand, d *Draft, arn string) error { return d.UntagOpenIDProvider(arn, someKeys(c)) }),
		"CreateSAMLProvider": func(c *rand.Rand, d *Draft) error {
			return second(d.CreateSAMLProvider(NewSAMLProvider{Name: name(c), Metadata: w.saml, Key: pick(c, nil, w.samls)}))
		},
		"UpdateSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			change := pick(c, SAMLUpdate{Add: w.samls}, SAMLUpdate{Metadata: w.saml}, SAMLUpdate{Encryption: EncryptionRequired}, SAMLUpdate{Encryption: EncryptionAllowed})
			if len(p.Keys) > 1 {
				change = SAMLUpdate{Remove: p.Keys[0].ID}
			}
			return d.UpdateSAMLProvider(d.SAMLProviderARN(p), change)
		}),
		"DeleteSAMLProvider": saml(func(_ *rand.Rand, d *Draft, p *SAMLProvider) error { return d.DeleteSAMLProvider(d.SAMLProviderARN(p)) }),
		"TagSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			return d.TagSAMLProvider(d.SAMLProviderARN(p), someTags(c))
		}),
		"UntagSAMLProvider": saml(func(c *rand.Rand, d *Draft, p *SAMLProvider) error {
			return d.UntagSAMLProvider(d.SAMLProviderARN(p), someKeys(c))
		}),
		"UseSAMLAssertion": func(c *rand.Rand, d *Draft) error {
			return d.UseSAMLAssertion("idp", fmt.Sprint(c.IntN(60)), d.now().Add(time.Duration(1+c.IntN(900))*time.Second))
		},
	}
}
