package etcd

import (
	"context"
	"encoding/binary"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"iamd/store"
)

// holder is who owns a name, and whence that is known.
type holder struct {
	owner    string // "": nobody
	revision int64  // of the name's key when it was read; 0: it wasn't there
	assumed  bool   // nobody has looked
}

// move is a name that changes hands, or shall not before the commit is done.
type move struct {
	store.Unique
	from holder
	to   string
}

// named lists the names that drafts take or free, each once.
func named(list []draft) (names []store.Unique) {
	seen := map[store.Unique]bool{}
	for i := range list {
		for _, some := range [][]store.Unique{list[i].take, list[i].free} {
			for _, u := range some {
				if !seen[u] {
					seen[u] = true
					names = append(names, u)
				}
			}
		}
	}
	return names
}

// assume supposes the usual: what is freed is owned, what is taken is not.
func assume(list []draft, names []store.Unique) map[store.Unique]holder {
	known := make(map[store.Unique]holder, len(names))
	for _, u := range names {
		known[u] = holder{assumed: true}
	}
	for i := range list {
		for _, u := range list[i].free {
			if known[u].owner == "" {
				known[u] = holder{owner: list[i].aggregate, assumed: true}
			}
		}
	}
	return known
}

// settle tells where names go: all are freed first, then taken. *store.TakenError.
func settle(list []draft, names []store.Unique, known map[store.Unique]holder) ([]move, error) {
	owners := make(map[store.Unique]string, len(names))
	for _, u := range names {
		owners[u] = known[u].owner
	}
	for i := range list {
		for _, u := range list[i].free {
			if known[u].owner == list[i].aggregate {
				owners[u] = ""
			}
		}
	}
	for i := range list {
		for _, u := range list[i].take {
			if owner := owners[u]; owner != "" && owner != list[i].aggregate {
				return nil, &store.TakenError{Unique: u}
			}
			owners[u] = list[i].aggregate
		}
	}
	moves := make([]move, len(names))
	for i, u := range names {
		moves[i] = move{Unique: u, from: known[u], to: owners[u]}
	}
	return moves, nil
}

// still says that a name is as it is known to be.
func (s *Store) still(m *move) clientv3.Cmp {
	key := s.prefix + nameKey(m.Unique)
	switch {
	case m.from.assumed && m.from.owner != "":
		return clientv3.Compare(clientv3.Value(key), "=", owned(m.from.owner))
	case m.from.revision == 0:
		return clientv3.Compare(clientv3.CreateRevision(key), "=", 0)
	}
	return clientv3.Compare(clientv3.ModRevision(key), "=", m.from.revision)
}

// index appends what keeps the lists of what aggregates own; the part that loses
// or gains a name has that in its own ops.
func (m *move) index(list []draft) {
	for i := range list {
		if m.from.owner == m.to {
			return
		}
		d := &list[i]
		switch d.aggregate {
		case m.from.owner:
			d.ops = append(d.ops, op{kind: opDelete, key: ownedKey(d.aggregate, m.Unique)})
		case m.to:
			d.ops = append(d.ops, op{key: ownedKey(d.aggregate, m.Unique)})
		}
	}
}

// step is what a move does in one transaction with the rest, if anything.
func (m *move) step() (o op, any bool) {
	switch {
	case m.from.owner == m.to:
		return o, false
	case m.to == "":
		return op{kind: opDelete, key: nameKey(m.Unique)}, true
	}
	return op{key: nameKey(m.Unique), value: []byte(owned(m.to))}, true
}

func owned(by string) string { return "O" + by }

// intent is a name's value while a stage wants to move it. It moved if the
// decider's version points at that stage; else it is still with from.
type intent struct {
	stage             string // of 16 bytes
	decider, from, to string // aggregates
}

func (in intent) String() string {
	b := append([]byte{'I'}, in.stage...)
	for _, name := range []string{in.decider, in.from, in.to} {
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	return string(b)
}

// readName reads a name's key: it has an owner, or an intent.
func readName(kv *mvccpb.KeyValue) (owner string, in *intent, err error) {
	value := string(kv.Value)
	switch {
	case len(value) > 1 && value[0] == 'O':
		return value[1:], nil, nil
	case len(value) < 17 || value[0] != 'I':
		return "", nil, damaged(kv)
	}
	in = &intent{stage: value[1:17]}
	value = value[17:]
	for _, at := range []*string{&in.decider, &in.from, &in.to} {
		n, size := binary.Uvarint([]byte(value))
		if size <= 0 || n > uint64(len(value)-size) {
			return "", nil, damaged(kv)
		}
		*at, value = value[size:size+int(n)], value[size+int(n):]
	}
	return "", in, nil
}

// moveName gives a name to an owner if it still has an intent.
func (s *Store) moveName(key string, in []byte, to string) clientv3.Op {
	key = s.prefix + key
	step := clientv3.OpDelete(key)
	if to != "" {
		step = clientv3.OpPut(key, owned(to))
	}
	return clientv3.OpTxn([]clientv3.Cmp{clientv3.Compare(clientv3.Value(key), "=", string(in))}, []clientv3.Op{step}, nil)
}

// hold reads a name's key for one who wants to write it. A stage that wants it
// too and isn't committed is spoilt: it begins anew, so nobody waits for it, dead
// or alive.
func (s *Store) hold(ctx context.Context, u store.Unique, kv *mvccpb.KeyValue) (holder, error) {
	for range maxTries {
		if kv == nil {
			return holder{}, nil
		}
		owner, in, err := readName(kv)
		if err != nil || in == nil {
			return holder{owner: owner, revision: kv.ModRevision}, err
		}
		if err := s.spoil(ctx, in.stage); err != nil {
			return holder{}, err
		}
		// What it came to counts only beside an intent that is still there.
		resp, err := s.read(ctx, clientv3.OpGet(s.prefix+nameKey(u)), clientv3.OpGet(s.prefix+spaceVersion+in.decider))
		if err != nil {
			return holder{}, err
		}
		v, err := readVersion(first(resp.Responses[1]))
		if err != nil {
			return holder{}, err
		}
		now := first(resp.Responses[0])
		if now != nil && now.ModRevision == kv.ModRevision && v.stage != in.stage {
			return holder{owner: in.from, revision: kv.ModRevision}, nil
		}
		if v.stage == in.stage { // it's committed
			if err := s.fold(ctx, in.decider, v); err != nil {
				return holder{}, err
			}
			if resp, err = s.read(ctx, clientv3.OpGet(s.prefix+nameKey(u))); err != nil {
				return holder{}, err
			}
			now = first(resp.Responses[0])
		}
		kv = now
	}
	return holder{}, errOthers
}

// Lookup implements store.Backend.
func (s *Store) Lookup(ctx context.Context, u store.Unique) (string, error) {
	if store.CheckSoft([]store.Soft{{Aggregate: u.Space, Kind: u.Space, Key: u.Key}}) != nil {
		return "", store.ErrNotFound // nobody can have taken it
	}
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer s.mu.RUnlock()
	var owner string
	err := s.consistently(func() error {
		resp, err := s.read(ctx, clientv3.OpGet(s.prefix+nameKey(u)))
		if err != nil {
			return err
		}
		kv := first(resp.Responses[0])
		if kv == nil {
			owner = ""
			return nil
		}
		var in *intent
		if owner, in, err = readName(kv); err != nil || in == nil {
			return err
		}
		v, err := s.version(ctx, in.decider, resp.Header.Revision)
		if owner = in.from; v.stage == in.stage {
			owner = in.to
		}
		return err
	})
	if err == nil && owner == "" {
		return "", store.ErrNotFound
	}
	return owner, wrap(ctx, err, "look up %s", u.Space)
}

// version reads a version key, at a revision or now (0).
func (s *Store) version(ctx context.Context, aggregate string, revision int64) (version, error) {
	resp, err := s.read(ctx, clientv3.OpGet(s.prefix+spaceVersion+aggregate, clientv3.WithRev(revision)))
	if err != nil {
		return version{}, err
	}
	return readVersion(first(resp.Responses[0]))
}
