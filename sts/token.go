package sts

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"iamd/iam"
	"iamd/keyring"
)

// Config is what a Service needs.
type Config struct {
	Ring *keyring.Ring
	Now  func() time.Time
	Rand io.Reader
}

// Service issues and opens session tokens. It holds no state but a bounded
// memory of tokens that were opened for requests with a good signature.
type Service struct {
	cfg   Config
	cache tokens
}

// New makes a service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Credentials are what the client gets, once.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
	// PackedPolicySize is how much of the room for session policies, tags and keys
	// is used, in percent; Utilization how much of the greatest token.
	PackedPolicySize, Utilization int
}

// ErrToken says that a session token is none of ours, was changed, or belongs
// to another key. It says no more, whoever asks.
var ErrToken = errors.New("sts: no such session token")

const (
	// maxToken bounds a token as a client sends it, in characters.
	maxToken = 8192
	// fullToken is the greatest token that is issued, in characters.
	fullToken = 4096
	// maxSession bounds a session's serialised form, in bytes; a token that
	// unpacks to more was not made here.
	maxSession = 64 << 10
	// packedRoom is the room for session policies and tags in packed form.
	// AWS does not tell its own; the token stays under about 4 KB by it.
	packedRoom = 2560
	// compressFrom is the size from which compressing pays.
	compressFrom = 512
)

// The first byte of what is sealed says how the rest is packed.
const (
	packedPlain = 0
	packedFlate = 1
)

// Issue completes a session with a key of its own and seals it, in a token of at
// least minimum characters. PackedPolicyTooLarge when its policies and tags do
// not fit.
func (s *Service) Issue(sess Session, minimum int) (Credentials, error) {
	sess.KeyID, sess.Secret = iam.NewKey(s.cfg.Rand, iam.PrefixTempKey, sess.Account)
	percent, err := packedPercent(&sess)
	if err != nil {
		return Credentials{}, err
	}
	room := rooms.Get().(*sessionRoom)
	defer rooms.Put(room)
	defer clear(room.text[:]) // there was a secret in it
	plain, err := sess.appendJSON(append(room.text[:0], packedPlain))
	if err != nil {
		return Credentials{}, err
	}
	packed := pack(plain)
	// White space after JSON, or after a compressed stream's end, is nothing.
	for lacks := (minimum+3)/4*3 - keyring.Overhead - len(packed); lacks > 0; lacks-- {
		packed = append(packed, ' ')
	}
	var id [32]byte
	sealed := s.cfg.Ring.AppendSeal(room.sealed[:0], keyring.SessionToken, packed, append(id[:0], sess.KeyID...))
	token := string(base64.StdEncoding.AppendEncode(room.text[:0], sealed))
	if len(token) > fullToken {
		return Credentials{}, iam.Errorf(iam.CodePackedPolicyTooLarge, "The session token would have %d bytes; %d are allowed.", len(token), fullToken)
	}
	return Credentials{
		AccessKeyID: sess.KeyID, SecretAccessKey: sess.Secret, SessionToken: token,
		Expiration: sess.Expires, PackedPolicySize: percent, Utilization: (len(token)*100 + fullToken - 1) / fullToken,
	}, nil
}

// Open reads the session of a token that came with a key id. ErrToken for any
// token that was not issued with this very key. It does not judge the time.
func (s *Service) Open(keyID, token string) (*Session, error) {
	if sess, ok := s.cache.get(token); ok && s.held(token) {
		if sess.KeyID != keyID {
			return nil, ErrToken
		}
		return sess, nil
	}
	if token == "" || len(token) > maxToken {
		return nil, ErrToken
	}
	sealed, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, ErrToken
	}
	packed, err := s.cfg.Ring.Open(keyring.SessionToken, sealed, []byte(keyID))
	if err != nil {
		return nil, ErrToken
	}
	plain, err := unpack(packed)
	if err != nil {
		return nil, ErrToken
	}
	sess := &Session{KeyID: keyID}
	if err := json.Unmarshal(plain, sess); err != nil {
		return nil, ErrToken
	}
	sess.compile()
	return sess, nil
}

// held tells whether the key that sealed a token is in the keyring still: a token
// that was opened before outlives it by nothing.
func (s *Service) held(token string) bool {
	var head [6]byte // of the sealed value, which tells its key
	if len(token) < 8 {
		return false
	}
	if _, err := base64.StdEncoding.Decode(head[:], []byte(token[:8])); err != nil {
		return false
	}
	id, ok := keyring.KeyOf(head[:])
	return ok && s.cfg.Ring.Holds(id)
}

// Remember keeps an opened token at hand. Only for a request whose signature
// by the session's secret was good: strangers must not fill the memory.
func (s *Service) Remember(token string, sess *Session) { s.cache.put(token, sess) }

func packedPercent(sess *Session) (int, error) {
	if !sess.Narrowed() && len(sess.Tags) == 0 && len(sess.Keys) == 0 {
		return 0, nil
	}
	b, err := json.Marshal(struct {
		P, A []string
		T    []iam.Tag
		K    []Key `json:",omitempty"`
	}{sess.Policies, sess.PolicyARNs, sess.Tags, sess.Keys})
	if err != nil {
		return 0, err
	}
	percent := (len(deflate(b))*100 + packedRoom - 1) / packedRoom
	if percent > 100 {
		return 0, iam.Errorf(iam.CodePackedPolicyTooLarge,
			"Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
	return percent, nil
}

// sessionRoom is room for most sessions, as text and sealed, and for most tokens.
type sessionRoom struct{ text, sealed [1024]byte }

// rooms are kept, so that issuing needs no memory but for what is given out.
var rooms = sync.Pool{New: func() any { return new(sessionRoom) }}

// pack compresses what is long after its first byte, which says packedPlain.
func pack(plain []byte) []byte {
	if len(plain)-1 < compressFrom {
		return plain
	}
	return append([]byte{packedFlate}, deflate(plain[1:])...)
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, ErrToken
	}
	switch packed[0] {
	case packedPlain:
		return packed[1:], nil
	case packedFlate:
		plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxSession+1))
		if err != nil {
			return nil, err
		}
		if len(plain) <= maxSession {
			return plain, nil
		}
	}
	return nil, ErrToken
}

// deflaters are kept, as making one costs far more than using it.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func deflate(b []byte) []byte {
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	// A bytes.Buffer takes every write.
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}
