package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"iamd/bench/stores/fleet"
)

// result is what was measured of one store.
type result struct {
	kind, title   string
	rows          []*row
	empty, filled []time.Duration // from a node's start until it is ready
	copied        time.Duration   // to fill the store
	loading       time.Duration   // of all accounts
	begun, loaded int64           // memory when it is ready, and with all accounts, in bytes
	peak          int64
	// hops are from a write's answer at one node until another node shows it: while
	// nothing else goes on, and under a steady load of both.
	hops, busyHops []time.Duration
}

// row is an action under so many clients, beside its ceiling.
type row struct {
	action       string
	clients      int
	ours, theirs fleet.Sum
}

// measure does all on one kind of store.
func (b *bench) measure(ctx context.Context, kind string) (r *result, err error) {
	dir := filepath.Join(b.dir, kind)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	s, err := fleet.Open(kind, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(), os.RemoveAll(dir)) }()
	r = &result{kind: kind, title: s.Title}
	for range b.starts {
		if err := b.startEmpty(ctx, s, r); err != nil {
			return nil, err
		}
	}
	place, beside, err := b.filledPlaces(ctx, s, r)
	if err != nil {
		return nil, err
	}
	var n *fleet.Node
	for i := range b.starts {
		if n, err = b.start(ctx, place, kind+"/node"); err != nil {
			return nil, err
		}
		r.filled = append(r.filled, n.Ready)
		if i+1 < b.starts {
			if err := n.Stop(); err != nil {
				return nil, err
			}
		}
	}
	defer func() { err = errors.Join(err, n.Stop()) }()
	if err := b.load(n, r); err != nil {
		return nil, err
	}
	if err := b.reads(ctx, n, r); err != nil {
		return nil, err
	}
	if err := b.writes(ctx, beside, n, r); err != nil {
		return nil, err
	}
	if _, r.peak, err = n.Memory(); err != nil {
		return nil, err
	}
	if s.Shared && b.only == nil {
		err = b.propagate(ctx, n, place, r)
	}
	return r, err
}

// startEmpty times a first start: it makes the store's tables and the first account.
func (b *bench) startEmpty(ctx context.Context, s *fleet.Store, r *result) error {
	url, err := s.Place()
	if err != nil {
		return err
	}
	n, err := b.start(ctx, url, fmt.Sprintf("%s/empty-%d", s.Kind, len(r.empty)))
	if err != nil {
		return err
	}
	r.empty = append(r.empty, n.Ready)
	return n.Stop()
}

// filledPlaces are two stores with all that was filled: the node's, and one for its ceiling.
func (b *bench) filledPlaces(ctx context.Context, s *fleet.Store, r *result) (node, beside string, err error) {
	if beside, err = s.Place(); err != nil {
		return "", "", err
	}
	began := time.Now()
	if err := b.copy(ctx, beside); err != nil || !s.Shared {
		return b.base, beside, err
	}
	r.copied = time.Since(began)
	if node, err = s.Place(); err != nil {
		return "", "", err
	}
	return node, beside, b.copy(ctx, node)
}

// load has the node load every account.
func (b *bench) load(n *fleet.Node, r *result) (err error) {
	if r.begun, _, err = n.Memory(); err != nil {
		return err
	}
	l := fleet.NewLine(n.Address)
	defer l.Close()
	began := time.Now()
	for _, a := range b.world {
		if err := l.Ask(fleet.Sign(a.User, "iam", "Action", "GetUser")); err != nil {
			return err
		}
	}
	r.loading = time.Since(began)
	r.loaded, _, err = n.Memory()
	return err
}

// reads measures what writes nothing.
func (b *bench) reads(ctx context.Context, n *fleet.Node, r *result) error {
	a := b.world[0]
	for _, op := range []struct {
		action, service string
		more            []string
	}{
		{"GetCallerIdentity", "sts", nil},
		{"GetUser", "iam", nil},
		{"AssumeRole", "sts", []string{"RoleArn", a.Role, "RoleSessionName", "bench"}},
	} {
		if !b.asks(op.action) {
			continue
		}
		request := func() []byte {
			return fleet.Sign(a.User, op.service, append([]string{"Action", op.action}, op.more...)...)
		}
		l := fleet.NewLine(n.Address)
		status, body, err := l.Do(request())
		l.Close()
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s: %d %s", op.action, status, body)
		}
		if err := errors.Join(err, b.bare.answers(body)); err != nil {
			return err
		}
		for _, clients := range b.clients {
			w := &row{action: op.action, clients: clients}
			r.rows = append(r.rows, w)
			ours, theirs := fleet.NewLines(n.Address, clients), fleet.NewLines(b.bare.address, clients)
			err := b.profiled(ctx, n, r, w, func() error {
				for range b.rounds {
					raw := request() // the same for both
					same := func(int, int) []byte { return raw }
					w.ours.Add(ours.Turn(&n.Process, b.read, same))
					w.theirs.Add(theirs.Turn(&b.bare.Process, b.read, same))
					if err := ctx.Err(); err != nil {
						return err
					}
				}
				return nil
			})
			ours.Close()
			theirs.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// writes measures CreateUser, on one account and over all. Its ceiling writes to a store
// that holds the same.
func (b *bench) writes(ctx context.Context, url string, n *fleet.Node, r *result) (err error) {
	var names []string
	for i := range slices.Max(b.clients) {
		name := fmt.Sprint("bench/", i) // of more committers than accounts
		if i < len(b.world) {
			name = "account/" + b.world[i].ID
		}
		names = append(names, name)
	}
	ceiling, err := begin("commit", storeVariable+"="+url, templateVariable+"="+b.template, namesVariable+"="+strings.Join(names, " "))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ceiling.Stop()) }()
	for _, spread := range []int{0, 1} {
		for _, clients := range b.clients {
			w := &row{action: []string{"CreateUser, one account", "CreateUser, an account each"}[spread], clients: clients}
			if clients == 1 && spread == 1 || !b.asks(w.action) {
				continue // one client's is the same as on one account
			}
			r.rows = append(r.rows, w)
			ours := fleet.NewLines(n.Address, clients)
			err := b.profiled(ctx, n, r, w, func() error {
				each := int(firstRate*b.write.Seconds())/clients + 50 // requests of a client
				for range b.rounds {
					decks := make([][][]byte, clients)
					for c := range decks {
						for range each {
							decks[c] = append(decks[c], b.createUser(c*spread))
						}
					}
					turn := ours.Turn(&n.Process, b.write, func(c, i int) []byte {
						if i == each {
							return nil
						}
						return decks[c][i]
					})
					w.ours.Add(turn)
					each = 3*len(turn.Took)/clients + 50
					ceil, err := ceiling.commits(clients, b.write)
					if err := errors.Join(err, ctx.Err()); err != nil {
						return err
					}
					w.theirs.Add(ceil)
				}
				return nil
			})
			ours.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// firstRate is how many requests a second there are for, before any were counted.
const firstRate = 9000

// profiled keeps a profile of the node's CPU while something is done, if it is to.
func (b *bench) profiled(ctx context.Context, n *fleet.Node, r *result, w *row, do func() error) error {
	if b.profile == "" {
		return do()
	}
	turn := b.read
	if strings.HasPrefix(w.action, "CreateUser") {
		turn = b.write
	}
	during := max(1, int((turn * time.Duration(2*b.rounds)).Seconds()))
	kept := make(chan error, 1)
	go func() {
		text, err := n.Admin(ctx, http.MethodGet, fmt.Sprintf("/debug/pprof/profile?seconds=%d", during), nil)
		if err == nil {
			err = os.WriteFile(filepath.Join(b.profile, fmt.Sprintf("%s-%s-%d.pprof", r.kind, strings.ReplaceAll(w.action, " ", "-"), w.clients)), text, 0o600)
		}
		kept <- err
	}()
	return errors.Join(do(), <-kept)
}
