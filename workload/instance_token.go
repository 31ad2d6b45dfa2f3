package workload

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// maxTTL is how long a metadata token may be good, in seconds.
const maxTTL = 21600

// tokens opens metadata tokens. A token says until when it is good and is
// sealed by a key that ends with the process, so that none has to be remembered.
type tokens struct{ key [32]byte }

const (
	tokenHead = 8 + 8 // until when, in seconds since 1970, and what makes each another
	tokenSize = tokenHead + sha256.Size
)

// tokenForm has no character that a shell or a header could take amiss.
var tokenForm = base64.URLEncoding.Strict()

// token makes one.
func (m *Metadata) token(until time.Time) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, tokenSize), uint64(until.Unix()))
	b = b[:tokenHead]
	m.read(b[8:])
	return tokenForm.EncodeToString(append(b, m.tokens.seal(b)...))
}

// open tells until when a token is good, and whether it was made here.
func (t *tokens) open(token string) (until time.Time, ok bool) {
	if len(token) != tokenForm.EncodedLen(tokenSize) {
		return until, false
	}
	b, err := tokenForm.DecodeString(token)
	if err != nil || len(b) != tokenSize || !hmac.Equal(b[tokenHead:], t.seal(b[:tokenHead])) {
		return until, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b)), 0), true
}

func (t *tokens) seal(head []byte) []byte {
	m := hmac.New(sha256.New, t.key[:])
	m.Write(head)
	return m.Sum(nil)
}
