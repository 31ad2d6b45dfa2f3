package lwa

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"iamd/keyring"
)

// kind is a kind of token: how it begins, and what it is sealed for.
type kind struct {
	prefix  string
	purpose keyring.Purpose
}

var (
	accessToken  = kind{"Atza|", keyring.AccessToken}
	clientToken  = kind{"Atc|", keyring.ClientToken}
	refreshToken = kind{"Atzr|", keyring.RefreshToken}
	codeToken    = kind{"AN", keyring.AuthorizationCode}
	restricted   = kind{"Atz.sprdt|", keyring.RestrictedDataToken}
)

const (
	// maxToken bounds a token as a client sends it, in characters.
	maxToken = 8192
	// fullToken is the longest that is issued: it travels in a header, beside a
	// session token, and API Gateway takes 10,240 bytes of headers. Only restricted
	// data tokens come near, which name up to fifty paths.
	fullToken = 4096
	// compressFrom is the size from which compressing pays, in bytes; maxPlain is more
	// than any token says.
	compressFrom = 512
	maxPlain     = 512 << 10
)

// The first byte of what is sealed says how the rest is packed.
const (
	packedPlain = 0
	packedFlate = 1
)

// token is what a token says, sealed. The account tells where to look; that it is
// there at all says that it was sealed here.
type token struct {
	Account       string `json:"a"`
	Client        string `json:"c"`
	Authorization string `json:"z,omitempty"` // id
	Scope         string `json:"s,omitempty"` // of the application's own tokens, by spaces
	ID            string `json:"i,omitempty"` // of a code
	Expires       int64  `json:"e,omitempty"` // seconds since 1970; 0: never
	// Resources are what a restricted data token is for.
	Resources []Resource `json:"r,omitempty"`
	// Delegatee may use a restricted data token in place of the application that
	// asked for it; nil: it may itself.
	Delegatee *delegatee `json:"d,omitempty"`
}

// delegatee is an application that another one delegated access to.
type delegatee struct {
	Account string `json:"a"`
	Client  string `json:"c"`
}

// tokenEncoding is what Login with Amazon's tokens look like after their prefix.
var tokenEncoding = base64.RawURLEncoding.Strict()

func (s *Service) seal(k kind, t token) string {
	plain, err := json.Marshal(&t)
	if err != nil {
		panic("lwa: " + err.Error()) // texts always marshal
	}
	return k.prefix + tokenEncoding.EncodeToString(s.cfg.Ring.Seal(k.purpose, pack(plain), []byte(k.prefix)))
}

func pack(plain []byte) []byte {
	if len(plain) < compressFrom {
		return append([]byte{packedPlain}, plain...)
	}
	out := bytes.NewBuffer([]byte{packedFlate})
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		panic("lwa: " + err.Error()) // the level is a constant
	}
	// A bytes.Buffer takes every write.
	_, _ = w.Write(plain)
	_ = w.Close()
	return out.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, errToken
	}
	switch packed[0] {
	case packedPlain:
		return packed[1:], nil
	case packedFlate:
		plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxPlain+1))
		if err == nil && len(plain) <= maxPlain {
			return plain, nil
		}
	}
	return nil, errToken
}

var errToken = errors.New("lwa: no token of ours of this kind")

// open reads a token of one kind. It does not judge the time.
func (s *Service) open(k kind, text string) (*token, error) {
	body, ok := strings.CutPrefix(text, k.prefix)
	if !ok || len(text) > maxToken {
		return nil, errToken
	}
	sealed, err := tokenEncoding.DecodeString(body)
	if err != nil {
		return nil, errToken
	}
	packed, err := s.cfg.Ring.Open(k.purpose, sealed, []byte(k.prefix))
	if err != nil {
		return nil, errToken
	}
	plain, err := unpack(packed)
	if err != nil {
		return nil, errToken
	}
	t := new(token)
	if err := json.Unmarshal(plain, t); err != nil {
		return nil, errToken
	}
	return t, nil
}

func (t *token) expired(now time.Time) bool { return t.Expires != 0 && now.Unix() >= t.Expires }
