package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
)

// What tells that all was heard: every commit puts the key head, beside its
// versions and so at the same revision. A read of head that begins at t, and
// waits for no disk, tells the revision of the last commit; once the watch of
// the versions has delivered that revision, all commits before t were told of.
//
// Other ways were looked at: progress notifications of a watch may come before
// the events that they stand for, in releases before 3.4.25 and 3.5.8, and don't
// come at will; a read of all versions newer than a revision makes the server
// look at each version there is, 29 ms for 10,000 of them where head takes half
// of one (BenchmarkPoll); a key that a node puts to hear of it costs a wait for
// the disk each time.
const (
	pollEvery = 30 * time.Millisecond
	pollTime  = time.Second
	// maxPolls may wait for an answer at the same time: those that were sent to a
	// member that is gone don't hold up others.
	maxPolls = 40
	// lostTime is how long no poll may succeed, or the watch lag behind one, before
	// the watch is begun anew, and giveUpTime before Follow ends.
	lostTime   = 2 * time.Second
	giveUpTime = 10 * time.Second
)

// Follow implements store.Shared.
func (s *Store) Follow(ctx context.Context, f store.Feed) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	s.followers.Add(1)
	s.mu.RUnlock()
	defer s.followers.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	heard := time.Now()
	for {
		err := s.session(ctx, f, &heard)
		switch {
		case s.ctx.Err() != nil:
			return store.ErrClosed
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(heard) > giveUpTime:
			return fmt.Errorf("follow: %w", fail(ctx, err))
		}
		s.log.Info("the watch of etcd begins anew", "reason", err)
		select {
		case <-ctx.Done():
		case <-time.After(betweenTime):
		}
	}
}

// poll is an answer about head.
type poll struct {
	at       time.Time // when it was asked for
	since    int64     // what the watch had delivered then
	head     int64     // the revision of the last commit
	revision int64     // of the cluster
	err      error
}

var errReverted = errors.New("the cluster is at an earlier revision than before: it was restored")

var errBehind = errors.New("the watch lags behind, or nobody answers")

// session follows by one watch until that ends. heard is as of when all is known.
func (s *Store) session(ctx context.Context, f store.Feed, heard *time.Time) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, err := s.read(ctx, clientv3.OpGet(s.prefix+keyHead))
	if err != nil {
		return err
	}
	delivered := resp.Header.Revision
	watch, err := s.watch(ctx, cancel, delivered+1)
	if err != nil {
		return err
	}
	if err := s.resync(ctx, f); err != nil {
		return err
	}

	polls := make(chan poll, maxPolls)
	asked := 0
	var waiting []poll // for the watch, in no strict order
	answered := time.Now()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	current := func() {
		left := waiting[:0]
		for _, p := range waiting {
			switch {
			case p.head > delivered:
				left = append(left, p)
			case p.at.After(*heard):
				*heard = p.at
				f.Current(p.at)
			}
		}
		waiting = left
	}
	ask := func() {
		if asked == maxPolls {
			return
		}
		asked++
		p := poll{at: time.Now(), since: delivered}
		go func() { polls <- s.ask(ctx, p) }()
	}
	ask()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			ask()
			if time.Since(answered) > lostTime || len(waiting) > 0 && time.Since(waiting[0].at) > lostTime {
				return fmt.Errorf("%w: %w", store.ErrUnavailable, errBehind)
			}
		case p := <-polls:
			asked--
			if p.err == nil && p.revision < p.since {
				return errReverted
			}
			if p.err == nil {
				answered = time.Now()
				waiting = append(waiting, p)
				current()
			}
		case w, ok := <-watch:
			if !ok {
				return rpctypes.ErrNoLeader
			}
			if err := w.Err(); err != nil {
				return err
			}
			for _, e := range w.Events {
				v, err := readVersion(e.Kv)
				if err != nil || e.Type != clientv3.EventTypePut {
					return fmt.Errorf("what happened to the etcd key %.200q is none of this program's doing", e.Kv.Key)
				}
				f.Moved(s.rel(e.Kv)[len(spaceVersion):], v.number)
				delivered = max(delivered, e.Kv.ModRevision)
			}
			current()
		}
	}
}

// watch watches the versions from a revision on.
func (s *Store) watch(ctx context.Context, cancel context.CancelFunc, revision int64) (clientv3.WatchChan, error) {
	// It would wait for a member as long as there is none.
	late := time.AfterFunc(dialTime, cancel)
	w := s.client.Watch(clientv3.WithRequireLeader(ctx), s.prefix+spaceVersion, clientv3.WithPrefix(), clientv3.WithRev(revision))
	if !late.Stop() {
		return nil, fmt.Errorf("%w: no watch in time", store.ErrUnavailable)
	}
	return w, nil
}

// ask reads head, by no member that has lost the others.
func (s *Store) ask(ctx context.Context, p poll) poll {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), pollTime)
	defer cancel()
	resp, err := s.client.Do(ctx, clientv3.OpTxn(nil, []clientv3.Op{clientv3.OpGet(s.prefix + keyHead)}, nil))
	if p.err = err; err == nil {
		p.revision = resp.Txn().Header.Revision
		if kv := first(resp.Txn().Responses[0]); kv != nil {
			p.head = kv.ModRevision
		}
	}
	return p
}

// resync tells of all that is held and has another version now: nobody knows what
// was missed.
func (s *Store) resync(ctx context.Context, f store.Feed) error {
	held := f.Held()
	names := make([]string, 0, len(held))
	for name := range held {
		names = append(names, name)
	}
	for len(names) > 0 {
		n := min(len(names), maxOps)
		gets := make([]clientv3.Op, n)
		for i, name := range names[:n] {
			gets[i] = clientv3.OpGet(s.prefix + spaceVersion + name)
		}
		resp, err := s.read(ctx, gets...)
		if err != nil {
			return err
		}
		for i, r := range resp.Responses {
			v, err := readVersion(first(r))
			if err != nil {
				return err
			}
			switch name := names[i]; {
			case v.number < held[name]:
				f.Reverted(name)
			case v.number > held[name]:
				f.Moved(name, v.number)
			}
		}
		names = names[n:]
	}
	return nil
}
