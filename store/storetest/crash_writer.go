package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"iamd/store"
)

// What the processes write. Each epoch has aggregates and names of its own, so that
// what is to be checked doesn't grow.
const (
	writers  = 6  // at once, in each process
	accounts = 4  // aggregates
	pool     = 10 // unique names that the accounts of an epoch contend for

	accountPrefix = "crash/"
	nameSpace     = "crash"

	kindBalance = "balance" // one: an amount; all of an epoch are 0 together
	kindLast    = "last"    // by writer: its latest write
	kindName    = "name"    // by name: one that the account owns
)

// account is the aggregate: what it has, and which names it owns.
type account struct {
	balance int
	names   map[string]bool
}

type accountDraft struct {
	account
	notes store.Notes
}

func (a *account) Draft() *accountDraft {
	return &accountDraft{account: account{a.balance, maps.Clone(a.names)}}
}

func (d *accountDraft) Seal() (*account, store.Changes) { return &d.account, d.notes.Changes(1) }

func loadAccount(_ string, rows []store.Row) (*account, error) {
	a := &account{names: map[string]bool{}}
	for _, r := range rows {
		switch r.Kind {
		case kindBalance:
			if err := json.Unmarshal(r.Data, &a.balance); err != nil {
				return nil, err
			}
		case kindName:
			a.names[r.Key] = true
		}
	}
	return a, nil
}

// add adds an amount.
func (d *accountDraft) add(amount int) error {
	d.balance += amount
	d.notes.Row(kindBalance, "", d.balance)
	return nil
}

// did notes whose write this is: one event for each account that it changes, which
// names them all.
func (d *accountDraft) did(id string, ids ...string) {
	who := id[:strings.LastIndexByte(id, '.')]
	d.notes.Row(kindLast, who, id)
	d.notes.Events = append(d.notes.Events, store.Event{ID: id, Time: time.Now(), Data: []byte(strings.Join(ids, " "))})
}

func (d *accountDraft) take(name string) {
	d.names[name] = true
	d.notes.Row(kindName, name, true)
	d.notes.Take = append(d.notes.Take, store.Unique{Space: nameSpace, Key: name})
}

// freeOne frees one of its names, if there is one.
func (d *accountDraft) freeOne() string {
	for name := range d.names {
		delete(d.names, name)
		d.notes.Row(kindName, name, nil)
		d.notes.Free = append(d.notes.Free, store.Unique{Space: nameSpace, Key: name})
		return name
	}
	return ""
}

// bank is a process's accounts, and the epoch that it writes.
type bank struct {
	*store.Aggregates[*account, *accountDraft]
	epoch int
}

func accountID(epoch, n int) string { return fmt.Sprintf("%d-%d", epoch, n) }
func (b *bank) name() string        { return fmt.Sprintf("%d-%d", b.epoch, rand.IntN(pool)) }
func (b *bank) id(n int) string     { return accountID(b.epoch, n) }
func say(words ...string)           { _, _ = fmt.Fprintln(os.Stdout, strings.Join(words, " ")) } // whoever listens may be gone

// writer is such a process. It ends by itself only when something is wrong.
func writer(cfg Crash, place string) error {
	say("begun")
	var o orders
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	ctx := context.Background()
	w, err := cfg.Open(ctx, place)
	if err != nil {
		return err
	}
	say("open")
	if err := check(ctx, w, o); err != nil {
		return err
	}
	if o.Round == everything {
		say("ready")
		select {} // until it is killed
	}
	b := &bank{epoch: o.Round / epoch}
	of := store.Config[*account, *accountDraft]{Backend: w, Prefix: accountPrefix, Load: loadAccount,
		New: func(string) *account { return &account{names: map[string]bool{}} }}
	if shared, ok := w.(store.Shared); ok {
		heard := make(chan bool, 100)
		of.Follower = store.NewFollower(store.FollowConfig{Backend: shared, Told: func(why error) { heard <- why == nil }})
		b.Aggregates = store.New(of)
		go of.Follower.Run(ctx)
		for !<-heard {
		}
		go func() {
			for range heard {
			}
		}()
	} else {
		b.Aggregates = store.New(of)
	}
	for n := range accounts {
		err := b.Create(ctx, b.id(n), func(d *accountDraft) error { return d.add(0) })
		if err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	say("ready")
	failed := make(chan error)
	for i := range writers {
		go func() { failed <- b.write(ctx, fmt.Sprintf("%d.%d", o.Round, i)) }()
	}
	return <-failed
}

// saying keeps the lines of the writers apart.
var saying sync.Mutex

// write writes without end, and says how each write ended before the next one.
func (b *bank) write(ctx context.Context, who string) error {
	for n := 0; ; n++ {
		ended := "d"
		err := b.one(ctx, fmt.Sprint(who, ".", n))
		switch {
		case err == nil:
		case errors.As(err, new(*store.TakenError)):
			ended = "r"
		case errors.Is(err, store.ErrUnavailable):
			ended = "u"
		default:
			return fmt.Errorf("%s: %w", who, err)
		}
		saying.Lock()
		say(ended, who)
		saying.Unlock()
		if ended == "u" {
			<-time.After(20 * time.Millisecond) // as a client that tries again
		}
	}
}

// one makes one write, to one account or two.
func (b *bank) one(ctx context.Context, id string) error {
	from := rand.IntN(accounts)
	to := (from + 1 + rand.IntN(accounts-1)) % accounts
	if rand.IntN(2) == 0 {
		name, take := b.name(), rand.IntN(2) == 0
		return b.Update(ctx, b.id(from), func(d *accountDraft) error {
			if take && !d.names[name] { // it may be another's
				d.take(name)
			} else {
				d.freeOne()
			}
			d.did(id, b.id(from))
			return nil
		})
	}
	// An amount goes from one to the other, and a name if there is one.
	amount, moved := 1+rand.IntN(100), ""
	return store.Together(ctx,
		b.Share(b.id(from), func(d *accountDraft) error {
			moved = d.freeOne()
			d.did(id, b.id(from), b.id(to))
			return d.add(-amount)
		}),
		b.Share(b.id(to), func(d *accountDraft) error {
			if moved != "" {
				d.take(moved)
			}
			d.did(id, b.id(from), b.id(to))
			return d.add(amount)
		}))
}
