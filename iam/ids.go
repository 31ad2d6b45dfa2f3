package iam

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// Prefixes of AWS's unique ids.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
const (
	PrefixUser              = "AIDA"
	PrefixRole              = "AROA"
	PrefixGroup             = "AGPA"
	PrefixPolicy            = "ANPA"
	PrefixAccessKey         = "AKIA"
	PrefixInstanceProfile   = "AIPA"
	PrefixPublicKey         = "APKA" // SSH public key
	PrefixServerCertificate = "ASCA"
	PrefixServiceCredential = "ACCA"
	PrefixTempKey           = "ASIA"
	PrefixSAMLProvider      = "SAMLSP"
	PrefixSAMLKey           = "SAMLPK" // private key of a SAML provider
)

var idEncoding = base32.StdEncoding // upper-case letters and 2–7, as AWS's

// NewKeyID makes an access key id: prefix and sixteen characters that carry
// the account number in their first bits, as AWS's do. The account is a hint
// to find the row by, never a proof. It panics when randomness fails, as no id
// could be trusted after.
func NewKeyID(rand io.Reader, prefix, account string) string {
	n, err := strconv.ParseUint(account, 10, 40)
	if err != nil {
		panic(fmt.Sprintf("iam: account number %q: %v", account, err))
	}
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	b := room.random[:10]
	read(rand, b)
	// 48 bits: one set, forty of the account, seven random.
	head := 1<<47 | n<<7 | uint64(b[5]&0x7f)
	var h [8]byte
	binary.BigEndian.PutUint64(h[:], head<<16)
	copy(b[:6], h[:6])
	return string(idEncoding.AppendEncode(append(room.text[:0], prefix...), b))
}

// KeyAccount reads the account number that a key id made by NewKeyID carries.
func KeyAccount(keyID string) (account string, ok bool) {
	if len(keyID) != 20 {
		return "", false
	}
	var b [10]byte
	var text [16]byte
	copy(text[:], keyID[4:])
	if _, err := idEncoding.Decode(b[:], text[:]); err != nil {
		return "", false
	}
	var h [8]byte
	copy(h[2:], b[:6])
	n := binary.BigEndian.Uint64(h[:]) & 0x7fffffffff80 >> 7
	if n > 999999999999 {
		return "", false
	}
	var digits [12]byte
	for i := range digits {
		digits[len(digits)-1-i] = '0' + byte(n%10)
		n /= 10
	}
	return string(digits[:]), true
}

// NewUniqueID makes a unique id: prefix and seventeen characters.
func NewUniqueID(rand io.Reader, prefix string) string {
	var b [11]byte
	read(rand, b[:])
	return prefix + strings.TrimRight(idEncoding.EncodeToString(b[:]), "=")[:17]
}

// NewSecret makes a secret access key: forty characters, 240 random bits.
func NewSecret(rand io.Reader) string {
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	defer clear(room.random[:])
	defer clear(room.text[:])
	read(rand, room.random[:])
	return string(base64.StdEncoding.AppendEncode(room.text[:0], room.random[:]))
}

// room is for random bytes, and what they are written as.
type room struct {
	random [30]byte
	text   [40]byte
}

// rooms are kept, as every session that is issued needs some.
var rooms = sync.Pool{New: func() any { return new(room) }}

// NewAccountID makes an account number of twelve digits.
func NewAccountID(rand io.Reader) string {
	var b [8]byte
	read(rand, b[:])
	const low = 100000000000
	return strconv.FormatUint(low+binary.BigEndian.Uint64(b[:])%(1000000000000-low), 10)
}

func read(rand io.Reader, b []byte) {
	if _, err := io.ReadFull(rand, b); err != nil {
		panic("iam: no randomness: " + err.Error())
	}
}
