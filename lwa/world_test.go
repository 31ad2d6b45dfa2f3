package lwa_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"iamd/iam"
	"iamd/keyring"
	"iamd/lwa"
	"iamd/store"
)

const (
	home  = "111122223333"
	other = "444455556666"
)

// world is a Service over rows in memory: every write goes through Seal and Load,
// as with a real store.
type world struct {
	*lwa.Service
	now      time.Time
	ring     *keyring.Ring
	quotas   lwa.Quotas
	mu       sync.Mutex
	rows     map[string]map[string]store.Row // account → kind and key
	owners   map[store.Unique]string
	accounts map[string]*iam.Account
	views    int // of applications
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		now: time.Date(2022, 6, 1, 12, 0, 0, 0, time.UTC), quotas: lwa.DefaultQuotas(),
		rows: map[string]map[string]store.Row{}, owners: map[store.Unique]string{}, accounts: map[string]*iam.Account{},
	}
	var err error
	if w.ring, err = keyring.New(keyring.Config{Keys: keyring.Generate(rand.Reader), Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	w.Service, err = lwa.NewService(lwa.Config{Store: w, Accounts: accountsOf{w}, Ring: w.ring, Now: w.clock, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{home, other} {
		env := &iam.Env{Now: w.clock, Rand: rand.Reader, Quotas: iam.DefaultQuotas()}
		w.accounts[id] = iam.NewAccount(env, id)
		w.change(t, id, func(d *iam.Draft) error {
			if _, err := d.CreateUser(iam.NewUser{Name: "dev"}); err != nil {
				return err
			}
			_, err := d.CreateRole(iam.NewRole{Name: "seller", Path: "/apps/", Trust: trust})
			return err
		})
	}
	return w
}

const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`

func (w *world) clock() time.Time { return w.now }

// change changes an account itself.
func (w *world) change(t testing.TB, id string, fn func(*iam.Draft) error) {
	t.Helper()
	d := w.accounts[id].Draft()
	if err := fn(d); err != nil {
		t.Fatal(err)
	}
	w.accounts[id], _ = d.Seal()
}

type accountsOf struct{ w *world }

func (a accountsOf) View(_ context.Context, id string) (*iam.Account, error) {
	if v, ok := a.w.accounts[id]; ok {
		return v, nil
	}
	return nil, store.ErrNotFound
}

func (w *world) env() *lwa.Env { return &lwa.Env{Now: w.clock, Rand: rand.Reader, Quotas: w.quotas} }

func (w *world) load(account string) (*lwa.Applications, error) {
	kept, ok := w.rows[account]
	if !ok {
		return nil, fmt.Errorf("load: %w", store.ErrNotFound)
	}
	var rows []store.Row
	for _, r := range kept {
		rows = append(rows, r)
	}
	return lwa.Load(w.env(), account, rows)
}

func (w *world) View(_ context.Context, account string) (*lwa.Applications, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.views++
	return w.load(account)
}

func (w *world) Owner(_ context.Context, u store.Unique) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id, ok := w.owners[u]; ok {
		return id, nil
	}
	return "", store.ErrNotFound
}

func (w *world) Update(_ context.Context, account string, fn func(*lwa.Draft) error) error {
	return w.commit(account, false, fn)
}

func (w *world) Write(_ context.Context, account string, fn func(*lwa.Draft, *iam.Draft) error) error {
	return w.commit(account, true, func(d *lwa.Draft) error { return fn(d, w.accounts[account].Draft()) })
}

func (w *world) commit(account string, create bool, fn func(*lwa.Draft) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, err := w.load(account)
	if errors.Is(err, store.ErrNotFound) && create {
		a, err = lwa.New(w.env(), account), nil
	}
	if err != nil {
		return err
	}
	d := a.Draft()
	if err := fn(d); err != nil {
		return err
	}
	_, changes := d.Seal()
	if w.rows[account] == nil {
		w.rows[account] = map[string]store.Row{}
	}
	for _, r := range changes.Rows {
		if r.Data == nil {
			delete(w.rows[account], r.Kind+" "+r.Key)
		} else {
			w.rows[account][r.Kind+" "+r.Key] = r
		}
	}
	for _, u := range changes.Free {
		delete(w.owners, u)
	}
	for _, u := range changes.Take {
		w.owners[u] = account
	}
	return nil
}

func arn(account, what string) string { return "arn:aws:iam::" + account + ":" + what }

// app is a registered application, with what its owner was told.
type app struct {
	*lwa.Client
	secret string
}

func (w *world) register(t testing.TB, account string, in lwa.Registration) app {
	t.Helper()
	var out app
	err := w.Write(t.Context(), account, func(d *lwa.Draft, of *iam.Draft) error {
		made, secret, err := d.Register(of.Account, in)
		out = app{&lwa.Client{Account: account, Application: made}, secret}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) orders(t testing.TB) app {
	return w.register(t, home, lwa.Registration{Name: "orders", IAMARN: arn(home, "role/apps/seller"), SellingPartner: "A2EXAMPLE12345"})
}

// write is a change that must succeed.
func (w *world) write(t testing.TB, account string, fn func(*lwa.Draft) error) {
	t.Helper()
	if err := w.Update(t.Context(), account, fn); err != nil {
		t.Fatal(err)
	}
}

func (w *world) signer(account string) *lwa.Signer {
	r, err := w.accounts[account].Role("seller")
	if err != nil {
		panic(err)
	}
	return &lwa.Signer{Account: account, UniqueID: r.ID}
}

// codeOf is AWS's code of a refusal.
func codeOf(err error) string {
	var e *iam.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// kindOf is why a call was refused; ok is false for one that was not.
func kindOf(err error) (lwa.Kind, bool) {
	var e *lwa.Refused
	if errors.As(err, &e) {
		return e.Kind, true
	}
	return 0, false
}
