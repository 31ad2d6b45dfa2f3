package sigv4

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shards      = 16
	defaultSize = 16384
)

// Secret is an access key's secret, opened only if it must be.
type Secret struct {
	// ID names the secret, not the key: it must change whenever the secret
	// does. Derived keys of an empty ID are not remembered.
	ID string
	// Open returns the secret itself.
	Open func() (string, error)
}

// KeysConfig says how Keys is made.
type KeysConfig struct {
	Size int       // how many derived keys at most; 0 means 16384, about 4 MB
	Rand io.Reader // nil means crypto/rand
}

// Keys verifies signatures and remembers the derived keys of those that were
// good, so that a secret is opened once a day, region and service. It is safe
// for concurrent use. Strangers cannot fill it.
type Keys struct {
	seed  maphash.Seed
	decoy string
	limit int // of one generation of one shard
	shard [shards]shard
}

// shard keeps two generations: when the young one is full the old one is
// forgotten. Whatever is used stays.
type shard struct {
	mu         sync.RWMutex
	young, old map[keyName]Key

	hits, misses atomic.Uint64
}

// Remembered tells how often a derived key was remembered, and how often it had to
// be derived.
func (k *Keys) Remembered() (hits, misses uint64) {
	for i := range k.shard {
		hits, misses = hits+k.shard[i].hits.Load(), misses+k.shard[i].misses.Load()
	}
	return hits, misses
}

// keyName is a credential, of five elements, and has the secret's identity in it, so
// that a key whose secret was replaced is never found again.
type keyName struct{ credential, secretID string }

// NewKeys returns an empty Keys. It fails if the random source does.
func NewKeys(c KeysConfig) (*Keys, error) {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Size <= 0 {
		c.Size = defaultSize
	}
	var secret [20]byte
	if _, err := io.ReadFull(c.Rand, secret[:]); err != nil {
		return nil, fmt.Errorf("sigv4: making a decoy: %w", err)
	}
	return &Keys{
		seed:  maphash.MakeSeed(),
		decoy: hex.EncodeToString(secret[:]), // as long as a real one
		limit: max(1, c.Size/shards/2),
	}, nil
}

// Verify is Signature.Verify with the key that secret derives to. If the
// signature is good the key is remembered, if not it is not. An error that is
// no *Error came from secret.Open: the check could not be made, and the
// request must be refused all the same.
func (k *Keys) Verify(s *Signature, r *http.Request, bodyHash [32]byte, secret Secret, now time.Time, opt Options) error {
	if err := s.check(r, now, &opt); err != nil {
		return err
	}
	name := keyName{s.credential, secret.ID}
	key, found := k.get(name)
	if !found {
		plain, err := secret.Open()
		if err != nil {
			return fmt.Errorf("sigv4: opening the secret of %s: %w", s.KeyID, err)
		}
		key = DeriveKey(plain, s.Date, s.Region, s.Service)
	}
	if err := s.match(r, &bodyHash, &key, &opt); err != nil {
		return err
	}
	if !found && secret.ID != "" {
		k.put(name, key)
	}
	return nil
}

// VerifyUnknown is for key ids that nobody holds: it does the work of a
// verification with a secret that nobody knows, and never returns nil. What is
// wrong with the request otherwise is told first, as for any key; then the
// *Error is of kind UnknownKey.
func (k *Keys) VerifyUnknown(s *Signature, r *http.Request, bodyHash [32]byte, now time.Time, opt Options) error {
	secret := Secret{Open: func() (string, error) { return k.decoy, nil }}
	err := k.Verify(s, r, bodyHash, secret, now, opt)
	if refused, ok := errors.AsType[*Error](err); ok && refused.Kind != Mismatch {
		return refused
	}
	return unknownKey()
}

// of finds the shard of a key's id, whatever region or day follows it: nobody pushes
// out what others have in theirs.
func (k *Keys) of(name keyName) *shard {
	id, _, _ := cut(name.credential, '/')
	return &k.shard[maphash.String(k.seed, id)%shards]
}

func (k *Keys) get(name keyName) (Key, bool) {
	if name.secretID == "" {
		return Key{}, false
	}
	s := k.of(name)
	s.mu.RLock()
	key, ok := s.young[name]
	if ok {
		s.mu.RUnlock()
		s.hits.Add(1)
		return key, true
	}
	key, ok = s.old[name]
	s.mu.RUnlock()
	if !ok {
		s.misses.Add(1)
		return Key{}, false
	}
	s.hits.Add(1)
	k.put(name, key)
	return key, true
}

func (k *Keys) put(name keyName, key Key) {
	// The names are slices of the request's headers: kept as they are, each
	// would hold a whole header in memory.
	own := keyName{strings.Clone(name.credential), strings.Clone(name.secretID)}
	s := k.of(own)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= k.limit {
		s.old, s.young = s.young, make(map[keyName]Key)
	}
	s.young[own] = key
}
