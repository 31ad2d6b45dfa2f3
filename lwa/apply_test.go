package lwa

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"iamd/iam"
	"iamd/store"
	"iamd/store/storetest"
)

// TestApply: what commits make of an account's applications in another process's
// memory is what they make of it in the store, whatever is done.
func TestApply(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	random := rand.NewChaCha8([32]byte{1})
	account := iam.NewAccount(&iam.Env{Now: clock, Rand: random, Quotas: iam.DefaultQuotas()}, "111122223333").Draft()
	u, err := account.CreateUser(iam.NewUser{Name: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	owner, _ := account.Seal()
	env := &Env{Now: clock, Rand: random, Quotas: Quotas{Applications: 6, Authorizations: 4, UsedCodes: 30}}

	type operation = storetest.Operation[*Draft]
	some := func(do func(c *rand.Rand, d *Draft, app *Application) error) operation {
		return func(c *rand.Rand, d *Draft) error {
			now = now.Add(time.Duration(c.IntN(30)) * time.Second)
			if d.applications.Len() == 0 {
				return noApplication()
			}
			_, app, _ := d.applications.GetAt(c.IntN(d.applications.Len()))
			return do(c, d, app)
		}
	}
	partner := func(c *rand.Rand) string { return fmt.Sprint("APARTNER0000", c.IntN(5)) }
	storetest.Applying[*Applications, *Draft]{
		Begin: func() *Draft { return New(env, owner.ID).Draft() },
		First: func(*rand.Rand, *Draft) error { return nil },
		Operations: map[string]operation{
			"Register": func(c *rand.Rand, d *Draft) error {
				_, _, err := d.Register(owner, Registration{Name: "app", IAMARN: owner.UserARN(u), SellingPartner: partner(c)})
				return err
			},
			"Import": func(c *rand.Rand, d *Draft) error {
				_, err := d.Import(owner, &Application{
					ClientID: fmt.Sprintf("amzn1.application-oa2-client.%032x", c.IntN(3)), ApplicationID: fmt.Sprintf("amzn1.sp.solution.00000000-0000-4000-8000-%012x", c.IntN(3)),
					Name: "app", Created: now, IAMARN: owner.UserARN(u), UniqueID: u.ID,
				})
				return err
			},
			"Delete": some(func(_ *rand.Rand, d *Draft, app *Application) error { return d.Delete(app.ClientID) }),
			"RotateSecret": some(func(_ *rand.Rand, d *Draft, app *Application) error {
				_, _, err := d.RotateSecret(app.ClientID)
				return err
			}),
			"Authorize": some(func(c *rand.Rand, d *Draft, app *Application) error {
				_, _, err := d.Authorize(app.ClientID, partner(c))
				return err
			}),
			"Revoke": some(func(c *rand.Rand, d *Draft, app *Application) error { return d.Revoke(app.ClientID, partner(c)) }),
			"useCode": some(func(c *rand.Rand, d *Draft, app *Application) error {
				if len(app.Authorizations) == 0 {
					return noApplication()
				}
				return d.useCode(&token{
					Client: app.ClientID, Authorization: app.Authorizations[0].ID, ID: fmt.Sprint(c.IntN(20)), Expires: now.Add(time.Duration(c.IntN(300)) * time.Second).Unix(),
				})
			}),
		},
		Refused: func(err error) bool { return errors.As(err, new(*iam.Error)) || errors.Is(err, ErrGrant) },
		Load:    func(rows []store.Row) (*Applications, error) { return Load(env, owner.ID, rows) },
		Apply:   (*Applications).Apply,
		Memos:   []string{"env"},
	}.Run(t, 1, 2000)

	for what, bad := range map[string]store.Row{
		"form": {Kind: rowApplication, Key: "a", Schema: schema + 1, Data: []byte("{}")},
		"kind": {Kind: "no such", Key: "a", Schema: schema, Data: []byte("{}")},
		"data": {Kind: rowApplication, Key: "a", Schema: schema, Data: []byte("{")},
	} {
		if _, err := New(env, owner.ID).Apply([]store.Row{bad}); err == nil {
			t.Errorf("a row of another %s was applied", what)
		}
	}
}
