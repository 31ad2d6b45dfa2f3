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
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	random := room.random[:keyIDRandom]
	read(rand, random)
	return string(appendKeyID(room.text[:0], prefix, account, random))
}

// keyIDRandom is how many random bytes a key id takes.
const keyIDRandom = 5

func appendKeyID(dst []byte, prefix, account string, random []byte) []byte {
	n, err := strconv.ParseUint(account, 10, 40)
	if err != nil {
		panic(fmt.Sprintf("iam: account number %q: %v", account, err))
	}
	// 48 bits: one set, forty of the account, seven random. Then 32 random ones.
	var b [8 + 4]byte
	binary.BigEndian.PutUint64(b[:], 1<<47|n<<7|uint64(random[0]&0x7f))
	copy(b[8:], random[1:])
	return idEncoding.AppendEncode(append(dst, prefix...), b[2:])
}

// KeyAccount reads the account number that a key id made by NewKeyID carries.
func KeyAccount(keyID string) (account string, ok bool) {
	if len(keyID) != 20 {
		return "", false
	}
	// Read by hand, as every request with a long-term key asks.
	var n uint64
	for i, c := range []byte(keyID[4:]) {
		switch {
		case 'A' <= c && c <= 'Z':
			c -= 'A'
		case '2' <= c && c <= '7':
			c -= '2' - 26
		default:
			return "", false
		}
		if i < 9 {
			n = n<<5 | uint64(c)
		}
	}
	// 45 bits: one set, forty of the account, four random.
	if n = n >> 4 & (1<<40 - 1); n > 999999999999 {
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
	defer room.wipe()
	random := room.random[:secretRandom]
	read(rand, random)
	return string(base64.StdEncoding.AppendEncode(room.text[:0], random))
}

// secretRandom is how many random bytes a secret access key takes.
const secretRandom = 30

// NewKey makes an id and a secret, as NewKeyID and NewSecret do, with less work. They
// are parts of one text: whoever keeps the id for longer than the secret should copy it.
func NewKey(rand io.Reader, prefix, account string) (id, secret string) {
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	defer room.wipe()
	random := room.random[:]
	read(rand, random)
	text := appendKeyID(room.text[:0], prefix, account, random[:keyIDRandom])
	n := len(text)
	both := string(base64.StdEncoding.AppendEncode(text, random[keyIDRandom:]))
	return both[:n], both[n:]
}

// room is for random bytes, and what they are written as.
type room struct {
	random [keyIDRandom + secretRandom]byte
	text   [20 + 40]byte
}

// wipe forgets a secret.
func (r *room) wipe() { *r = room{} }

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
