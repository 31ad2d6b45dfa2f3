package etcd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"iamd/store"
)

// Times that a caller may have to wait.
const (
	tryTime     = 2 * time.Second       // one try of a read; another member may answer the next
	readTime    = 5 * time.Second       // a read with all its tries, without those for further pages
	writeTime   = 5 * time.Second       // one transaction, which is never tried again
	betweenTime = 50 * time.Millisecond // between tries of a read
	refusedTime = 5 * time.Millisecond  // between tries of a write that a member refused to take
	dialTime    = 3 * time.Second       // to the first answer of a member
	pingTime    = 10 * time.Second      // gRPC allows no more frequent pings
	silentTime  = 2 * time.Second       // what was sent and isn't acknowledged by then ends the connection (Linux)
)

// reconnect is how members are dialed that were lost. gRPC's own patience grows to
// two minutes, which a node that was cut off would go on refusing everything for.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: dialTime,
}

// maxAnswer is the greatest answer in bytes that is read; see page.
const maxAnswer = 64 << 20

// Store is an open store. It implements store.Shared and store.Whole.
type Store struct {
	client *clientv3.Client
	prefix string
	now    func() time.Time
	rand   io.Reader
	log    *slog.Logger
	// via is of tests: each write goes through it, or doesn't.
	via func(send func() (*clientv3.TxnResponse, error)) (*clientv3.TxnResponse, error)

	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	followers sync.WaitGroup

	mu     sync.RWMutex // held for reading by every call but Follow
	closed bool

	sweep sweep
}

var (
	_ store.Shared = (*Store)(nil)
	_ store.Whole  = (*Store)(nil)
)

// formNumber is the number of the form in which keys and values are kept.
const formNumber = "1"

// Open connects to a cluster and marks the prefix as this program's. It fails
// when no member answers, and when a newer version of the program wrote there.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the store in etcd: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	a, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	s := &Store{prefix: a.prefix, now: cfg.Now, rand: cfg.Rand, log: cfg.Log}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	dial := []grpc.DialOption{grpc.WithConnectParams(reconnect)}
	if a.tls != nil && a.tls.ServerName != "" {
		// gRPC verifies each endpoint by its own address unless it's told so.
		dial = append(dial, grpc.WithAuthority(a.tls.ServerName))
	}
	s.client, err = clientv3.New(clientv3.Config{
		Endpoints:            a.endpoints,
		Username:             a.user,
		Password:             a.password,
		TLS:                  a.tls,
		DialOptions:          dial,
		Context:              s.ctx,
		DialTimeout:          dialTime,
		DialKeepAliveTime:    pingTime,
		DialKeepAliveTimeout: silentTime,
		PermitWithoutStream:  true,
		MaxCallRecvMsgSize:   maxAnswer,
		Logger:               zap.NewNop(), // what matters comes back as an error
	})
	if err != nil {
		s.cancel()
		return nil, fail(ctx, err)
	}
	if err := s.mark(ctx); err != nil {
		s.cancel()
		return nil, errors.Join(fail(ctx, err), s.client.Close())
	}
	return s, nil
}

// mark checks the form of what lies under the prefix, or sets it.
func (s *Store) mark(ctx context.Context) error {
	key := s.prefix + keyForm
	get := clientv3.OpGet(key)
	resp, err := s.read(ctx, get)
	if err != nil {
		return err
	}
	found := first(resp.Responses[0])
	if found == nil {
		resp, err = s.write(ctx, []clientv3.Cmp{clientv3.Compare(clientv3.CreateRevision(key), "=", 0)},
			[]clientv3.Op{clientv3.OpPut(key, formNumber)}, []clientv3.Op{get})
		if err != nil || resp.Succeeded {
			return err
		}
		if found = first(resp.Responses[0]); found == nil {
			return errors.New("the form's key came and went")
		}
	}
	if string(found.Value) != formNumber {
		return fmt.Errorf("what is under the prefix has form %.20q, written by another version of this program, which knows form %s", found.Value, formNumber)
	}
	return nil
}

// Close waits for the calls under way.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock() // a follower's feed may call, and must hear that it's closed
	if closed {
		return store.ErrClosed
	}
	s.cancel()
	s.followers.Wait()
	if err := s.client.Close(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("close the store in etcd: %w", err)
	}
	return nil
}

// enter begins a call; the caller must call s.mu.RUnlock unless it fails.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return store.ErrClosed
	}
	return nil
}

// read asks for keys, all at one revision that is not older than the call. It
// tries again, as members may be gone or without a leader for a moment.
func (s *Store) read(ctx context.Context, ops ...clientv3.Op) (*clientv3.TxnResponse, error) {
	ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), readTime)
	defer cancel()
	for {
		try, end := context.WithTimeout(ctx, tryTime)
		resp, err := s.client.Do(try, clientv3.OpTxn(nil, ops, nil))
		end()
		if err == nil {
			return resp.Txn(), nil
		}
		if !transient(err) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(betweenTime):
		}
	}
}

// write does a transaction once. The client sends it again only if it never left,
// and write itself if a member refused it, as it has lost the others: another may
// have them. Without the leader asked for, such a member would keep it until its
// time is over.
func (s *Store) write(ctx context.Context, compare []clientv3.Cmp, then, otherwise []clientv3.Op) (*clientv3.TxnResponse, error) {
	send := func() (*clientv3.TxnResponse, error) {
		ctx, cancel := context.WithTimeout(clientv3.WithRequireLeader(ctx), writeTime)
		defer cancel()
		for {
			resp, err := s.client.Do(ctx, clientv3.OpTxn(compare, then, otherwise))
			if err == nil {
				return resp.Txn(), nil
			}
			if !errors.Is(err, rpctypes.ErrNoLeader) {
				return nil, err
			}
			select {
			case <-ctx.Done():
				return nil, err
			case <-time.After(refusedTime):
			}
		}
	}
	if s.via != nil {
		return s.via(send)
	}
	return send()
}

// code is the kind of an error of the client.
func code(err error) codes.Code {
	var known rpctypes.EtcdError
	switch {
	case errors.As(err, &known):
		return known.Code()
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	}
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return codes.OK // it is not the client's
}

// transient reports whether a read that failed so may succeed when it is tried again.
func transient(err error) bool {
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Internal:
		return true
	}
	return errors.Is(err, rpctypes.ErrTooManyRequests)
}

// fail makes an error of the client one that callers can tell.
func fail(ctx context.Context, err error) error {
	kind := code(err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && (kind == codes.Canceled || kind == codes.DeadlineExceeded):
		return ctx.Err()
	case errors.Is(err, rpctypes.ErrNoSpace):
		return fmt.Errorf("%w: etcd's database is full and takes no writes until it is compacted, defragmented and its alarm disarmed, "+
			"or has a greater --quota-backend-bytes: %w", store.ErrUnavailable, err)
	case kind == codes.Canceled, kind == codes.Unknown, kind == codes.Aborted, kind == codes.ResourceExhausted, transient(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}
