package keyring

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"
)

// Purpose separates what is sealed: a value sealed for one purpose opens for
// no other.
type Purpose uint8

// What the keyring seals.
const (
	Secret               Purpose = iota // secrets of access keys at rest
	SessionToken                        // what a session token says
	AuthorizationMessage                // why a request was denied
	TradeInToken                        // whose delegation request a token is of
	PasskeyChallenge                    // whom a passkey is asked about, and when
	AccessToken                         // for whom an application calls, of Login with Amazon
	ClientToken                         // what an application may do by itself
	RefreshToken                        // who authorized an application
	AuthorizationCode                   // who authorizes an application just now
	RestrictedDataToken                 // which restricted data an application may read
	LookupToken                         // where a page of an account's events ended
	PageToken                           // where a page of AuthZEN's searches ended
	SeenVersion                         // which state of an account a client has seen
	purposes
)

// labels derive each purpose's own key from the ring's.
var labels = [purposes]string{
	Secret: "iamd secret at rest", SessionToken: "iamd session token", AuthorizationMessage: "iamd authorization message",
	TradeInToken: "iamd trade-in token", PasskeyChallenge: "iamd passkey challenge", PageToken: "iamd page token", LookupToken: "iamd lookup token",
	SeenVersion: "iamd seen version",
	AccessToken: "iamd access token", ClientToken: "iamd client token", RefreshToken: "iamd refresh token",
	AuthorizationCode: "iamd authorization code", RestrictedDataToken: "iamd restricted data token",
}

// ErrSealed says that a sealed value does not open. It says no more, whoever
// asks, so that nobody learns from it.
var ErrSealed = errors.New("keyring: the value does not open")

// A sealed value is a version byte, the key's number, the nonce and the
// ciphertext with its tag.
const (
	version  = 1
	header   = 1 + 4
	overhead = header + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// Overhead is how many bytes longer than its plain text a sealed value is.
const Overhead = overhead

// KeyOf reads which key sealed a value, of which the first bytes are enough. It
// does not tell whether the value opens; ok is false for what no ring sealed.
func KeyOf(sealed []byte) (id uint32, ok bool) {
	if len(sealed) < header || sealed[0] != version {
		return 0, false
	}
	id = uint32(sealed[1])<<24 | uint32(sealed[2])<<16 | uint32(sealed[3])<<8 | uint32(sealed[4])
	return id, id != 0
}

// Config is what a Ring is made of.
type Config struct {
	// Keys is the content of a keyring: lines of ID:base64(32 bytes). The first
	// key seals; the others still open. IDs are numbers from 1 to 4294967295.
	// Empty lines and lines that begin with # are passed over.
	Keys string
	Rand io.Reader
}

// Ring seals and opens. It is safe for concurrent use, takes no lock for either,
// and prints no key.
type Ring struct {
	rand io.Reader
	set  atomic.Pointer[keys]
	turn sync.Mutex // of Replace
}

// keys are those of a ring at one time; they do not change.
type keys struct {
	active uint32
	seals  *[purposes]cipher.AEAD // of the active one
	byID   map[uint32]*derived
}

// New makes a ring. The error names the line that is wrong, never its key.
func New(cfg Config) (*Ring, error) {
	set, err := read(cfg.Keys)
	if err != nil {
		return nil, err
	}
	r := &Ring{rand: cfg.Rand}
	r.set.Store(set)
	return r, nil
}

func read(content string) (*keys, error) {
	f, err := parse(content)
	if err != nil {
		return nil, err
	}
	set := &keys{byID: map[uint32]*derived{}}
	for _, b := range f.blocks {
		set.byID[b.id] = b.key
	}
	set.active = f.blocks[0].id
	set.seals = &f.blocks[0].key.ciphers
	return set, nil
}

// Replace puts the keys of a keyring's content in the place of those that the
// ring has. Nothing changes, and the error says why, when the content is broken,
// when a number stands for another key than before, and when it lacks the key
// that seals now: what was sealed a moment ago could not be opened.
func (r *Ring) Replace(content string) error {
	next, err := read(content)
	if err != nil {
		return err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	now := r.set.Load()
	for id, key := range next.byID {
		if old := now.byID[id]; old != nil && old.sum != key.sum {
			return fmt.Errorf("keyring: key %d is another than before: what the former sealed would not open; a new key takes a new number", id)
		}
	}
	if next.byID[now.active] == nil {
		return fmt.Errorf("keyring: key %d, which seals now, is not there any more: make another one the first, and take this one away later", now.active)
	}
	r.set.Store(next)
	return nil
}

// Dropped are the ids of keys that a content lacks and the ring has, in order.
func (r *Ring) Dropped(content string) ([]uint32, error) {
	next, err := read(content)
	if err != nil {
		return nil, err
	}
	var gone []uint32
	for id := range r.set.Load().byID {
		if next.byID[id] == nil {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return gone, nil
}

// Active is the id of the key that seals.
func (r *Ring) Active() uint32 { return r.set.Load().active }

// Holds tells whether a key is in the ring, and so opens.
func (r *Ring) Holds(id uint32) bool { return r.set.Load().byID[id] != nil }

// Len is how many keys the ring has.
func (r *Ring) Len() int { return len(r.set.Load().byID) }

// String tells how many keys there are and which one seals.
func (r *Ring) String() string {
	set := r.set.Load()
	return fmt.Sprintf("keyring of %d keys, %d active", len(set.byID), set.active)
}

// GoString is String: %#v must not print keys either.
func (r *Ring) GoString() string { return r.String() }

// Seal encrypts plain; only Open with the same purpose and the same bound bytes
// gives it back. It panics when there is no randomness, as nothing may be
// sealed then.
func (r *Ring) Seal(p Purpose, plain, bound []byte) []byte {
	return r.AppendSeal(make([]byte, 0, overhead+len(plain)+header+len(bound)), p, plain, bound)
}

// AppendSeal is Seal that appends to dst, of which plain and bound are no part. It
// allocates nothing if dst has room for Overhead and plain, and after that for a few
// bytes and bound.
func (r *Ring) AppendSeal(dst []byte, p Purpose, plain, bound []byte) []byte {
	set := r.set.Load()
	start, end := len(dst), len(dst)+overhead+len(plain)
	dst = slices.Grow(dst, end-start+header+len(bound))
	out := append(dst, version, byte(set.active>>24), byte(set.active>>16), byte(set.active>>8), byte(set.active))
	head := out[start:]
	out = out[:len(out)+chacha20poly1305.NonceSizeX]
	nonce := out[start+header:]
	if _, err := io.ReadFull(r.rand, nonce); err != nil {
		panic("keyring: no randomness: " + err.Error())
	}
	// What is bound is put together behind what is made.
	with := append(append(out[end:end], head...), bound...)
	return set.seals[p].Seal(out, nonce, plain, with)
}

// Open decrypts what Seal made. ErrSealed for anything else.
func (r *Ring) Open(p Purpose, sealed, bound []byte) ([]byte, error) {
	id, ok := KeyOf(sealed)
	if !ok || len(sealed) < overhead || p >= purposes {
		return nil, ErrSealed
	}
	key := r.set.Load().byID[id]
	if key == nil {
		return nil, ErrSealed
	}
	nonce := sealed[header : header+chacha20poly1305.NonceSizeX]
	plain, err := key.ciphers[p].Open(nil, nonce, sealed[header+len(nonce):], associated(sealed[:header], bound))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// associated binds the header too: a value cannot be passed off as another
// version's or key's.
func associated(header, bound []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(bound)), header...), bound...)
}
