package storetest

import (
	"context"
	"sync"
	"time"

	"iamd/store"
)

// Network makes one embedded backend a store that several nodes share, as far as
// their processes can tell: Node gives each of them a way to it that can be cut.
type Network struct {
	backend store.Backend

	mu    sync.Mutex
	moved map[string]uint64 // versions, of all aggregates that were written
	nodes []*Node
}

// Node is one process's way to a Network. Its Close leaves the store open.
type Node struct {
	store.Backend
	net *Network

	mu     sync.Mutex
	cut    bool // nothing gets through
	quiet  bool // calls get through, news don't
	closed bool
	news   chan struct{} // of room 1
}

// NewNetwork shares a backend.
func NewNetwork(b store.Backend) *Network { return &Network{backend: b, moved: map[string]uint64{}} }

// Node is a new way to the store.
func (n *Network) Node() *Node {
	node := &Node{Backend: n.backend, net: n, news: make(chan struct{}, 1)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nodes = append(n.nodes, node)
	return node
}

// Cut takes the store away from a node, or with false gives it back.
func (n *Node) Cut(cut bool) { n.set(func() { n.cut = cut }) }

// Quiet keeps the news of other nodes from a node, or with false no longer does.
func (n *Node) Quiet(quiet bool) { n.set(func() { n.quiet = quiet }) }

func (n *Node) set(change func()) {
	n.mu.Lock()
	change()
	n.mu.Unlock()
	n.wake()
}

func (n *Node) wake() {
	select {
	case n.news <- struct{}{}:
	default:
	}
}

func (n *Node) reachable() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return store.ErrClosed
	case n.cut:
		return store.ErrUnavailable
	}
	return nil
}

// Load implements store.Backend, as the methods after it do.
func (n *Node) Load(ctx context.Context, aggregate string) (uint64, []store.Row, error) {
	if err := n.reachable(); err != nil {
		return 0, nil, err
	}
	return n.Backend.Load(ctx, aggregate)
}

func (n *Node) Lookup(ctx context.Context, u store.Unique) (string, error) {
	if err := n.reachable(); err != nil {
		return "", err
	}
	return n.Backend.Lookup(ctx, u)
}

func (n *Node) List(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	if err := n.reachable(); err != nil {
		return nil, err
	}
	return n.Backend.List(ctx, prefix, after, limit)
}

func (n *Node) Changes(ctx context.Context, aggregate string, after uint64, limit int) ([]store.Change, error) {
	if err := n.reachable(); err != nil {
		return nil, err
	}
	return n.Backend.Changes(ctx, aggregate, after, limit)
}

func (n *Node) Commit(ctx context.Context, parts []store.Part) error {
	if err := n.reachable(); err != nil {
		return err
	}
	if err := n.Backend.Commit(ctx, parts); err != nil {
		return err
	}
	n.net.tell(parts)
	return nil
}

func (n *Network) tell(parts []store.Part) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range parts {
		n.moved[p.Aggregate] = max(n.moved[p.Aggregate], p.Expect+1)
	}
	for _, node := range n.nodes {
		node.wake()
	}
}

// Close closes the node's way alone.
func (n *Node) Close() error {
	n.set(func() { n.closed = true })
	return nil
}

// Follow implements store.Shared.
func (n *Node) Follow(ctx context.Context, f store.Feed) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := n.reachable(); err != nil {
			return err
		}
		n.mu.Lock()
		quiet := n.quiet
		n.mu.Unlock()
		if !quiet {
			n.pass(f)
		}
		select {
		case <-tick.C:
		case <-n.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pass tells all that is known to have moved.
func (n *Node) pass(f store.Feed) {
	at := time.Now()
	n.net.mu.Lock()
	news := map[string]uint64{}
	for aggregate, version := range f.Held() {
		if now := n.net.moved[aggregate]; now > version {
			news[aggregate] = now
		}
	}
	n.net.mu.Unlock()
	for aggregate, version := range news {
		f.Moved(aggregate, version)
	}
	f.Current(at)
}
