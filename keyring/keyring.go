package keyring

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

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
	PageToken                           // where a page of AuthZEN's searches ended
	purposes
)

// labels derive each purpose's own key from the ring's.
var labels = [purposes]string{
	Secret: "iamd secret at rest", SessionToken: "iamd session token", AuthorizationMessage: "iamd authorization message",
	TradeInToken: "iamd trade-in token", PasskeyChallenge: "iamd passkey challenge", PageToken: "iamd page token",
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

// Config is what a Ring is made of.
type Config struct {
	// Keys is the content of a keyring: lines of ID:base64(32 bytes). The first
	// key seals; the others, retired, still open. IDs are numbers from 1 to
	// 4294967295. Empty lines and lines that begin with # are passed over.
	Keys string
	Rand io.Reader
}

// Ring seals and opens. It is safe for concurrent use, and prints no key.
type Ring struct {
	rand   io.Reader
	active uint32
	keys   map[uint32]*[purposes]cipher.AEAD
}

// New makes a ring. The error names the line that is wrong, never its key.
func New(cfg Config) (*Ring, error) {
	r := &Ring{rand: cfg.Rand, keys: map[uint32]*[purposes]cipher.AEAD{}}
	for n, line := range strings.Split(cfg.Keys, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		id, key, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("keyring: line %d: %w", n+1, err)
		}
		if r.keys[id] != nil {
			return nil, fmt.Errorf("keyring: line %d: key %d is there twice", n+1, id)
		}
		if r.keys[id], err = derive(key); err != nil {
			return nil, fmt.Errorf("keyring: line %d: %w", n+1, err)
		}
		if r.active == 0 {
			r.active = id
		}
	}
	if r.active == 0 {
		return nil, errors.New("keyring: no keys: a line is ID:base64 of 32 random bytes")
	}
	return r, nil
}

func parseLine(line string) (id uint32, key []byte, err error) {
	number, text, ok := strings.Cut(line, ":")
	n, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil || n == 0 {
		return 0, nil, errors.New("want ID:base64, with a number from 1 for the ID")
	}
	key, err = base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) != chacha20poly1305.KeySize {
		return 0, nil, errors.New("the key is not the base64 of 32 bytes")
	}
	return uint32(n), key, nil
}

func derive(key []byte) (*[purposes]cipher.AEAD, error) {
	set := new([purposes]cipher.AEAD)
	for p, label := range labels {
		sub, err := hkdf.Key(sha256.New, key, nil, label, chacha20poly1305.KeySize)
		if err != nil {
			return nil, err
		}
		if set[p], err = chacha20poly1305.NewX(sub); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// String tells how many keys there are and which one seals.
func (r *Ring) String() string {
	return fmt.Sprintf("keyring of %d keys, %d active", len(r.keys), r.active)
}

// GoString is String: %#v must not print keys either.
func (r *Ring) GoString() string { return r.String() }

// Seal encrypts plain; only Open with the same purpose and the same bound bytes
// gives it back. It panics when there is no randomness, as nothing may be
// sealed then.
func (r *Ring) Seal(p Purpose, plain, bound []byte) []byte {
	out := make([]byte, header+chacha20poly1305.NonceSizeX, overhead+len(plain))
	out[0] = version
	out[1], out[2], out[3], out[4] = byte(r.active>>24), byte(r.active>>16), byte(r.active>>8), byte(r.active)
	nonce := out[header:]
	if _, err := io.ReadFull(r.rand, nonce); err != nil {
		panic("keyring: no randomness: " + err.Error())
	}
	return r.keys[r.active][p].Seal(out, nonce, plain, associated(out[:header], bound))
}

// Open decrypts what Seal made. ErrSealed for anything else.
func (r *Ring) Open(p Purpose, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version || p >= purposes {
		return nil, ErrSealed
	}
	id := uint32(sealed[1])<<24 | uint32(sealed[2])<<16 | uint32(sealed[3])<<8 | uint32(sealed[4])
	key := r.keys[id]
	if key == nil {
		return nil, ErrSealed
	}
	nonce := sealed[header : header+chacha20poly1305.NonceSizeX]
	plain, err := key[p].Open(nil, nonce, sealed[header+len(nonce):], associated(sealed[:header], bound))
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
