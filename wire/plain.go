package wire

import (
	"encoding/binary"
	"unicode/utf8"
)

// Eight bytes are looked at as one number. A byte of all that follow has its top
// bit set somewhere if one of the eight is what is looked for; which of them is
// left to who goes byte by byte.
const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// below tells whether one of x's bytes is less than n, or 0x80 and more.
func below(x uint64, n byte) uint64 { return ((x-ones*uint64(n))&^x | x) & tops }

// equal tells whether one of x's bytes is c.
func equal(x uint64, c byte) uint64 {
	x ^= ones * uint64(c)
	return (x - ones) &^ x & tops
}

// ending is the last bytes of b, which has four or more: all of them or eight,
// some perhaps twice.
func ending(b []byte) uint64 {
	if n := len(b); n >= 8 {
		return binary.LittleEndian.Uint64(b[n-8:])
	}
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))<<32
}

// plainXML counts the bytes at the start of b, mostly by eights, that are the
// same as character data. Some that are too are not counted.
func plainXML(b []byte) int {
	special := func(x uint64) uint64 {
		return below(x, ' ') | equal(x, '&') | equal(x, '"') | equal(x|angles, '>')
	}
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		// The others are below '(', as letters and digits are not.
		if below(x, '(')|equal(x|angles, '>') != 0 && special(x) != 0 {
			return n
		}
	}
	if len(b) >= 4 && special(ending(b)) == 0 {
		return len(b)
	}
	return n
}

// angles is the bit in which '<' and '>' differ.
const angles = ones * ('<' ^ '>')

// plainJSON counts the bytes at the start of b, mostly by eights, that are the
// same in a JSON string.
func plainJSON(b []byte) int {
	special := func(x uint64) uint64 { return below(x, ' ') | equal(x, '"') | equal(x, '\\') }
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		if special(binary.LittleEndian.Uint64(b[n:])) != 0 {
			return n
		}
	}
	if len(b) >= 4 && special(ending(b)) == 0 {
		return len(b)
	}
	return n
}

// printable counts the bytes at the start of b, mostly by eights, that are
// ASCII's from ' ' to '~'.
func printable(b []byte) int {
	special := func(x uint64) uint64 { return below(x, ' ') | equal(x, 0x7F) }
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		if special(binary.LittleEndian.Uint64(b[n:])) != 0 {
			return n
		}
	}
	if len(b) >= 4 && special(ending(b)) == 0 {
		return len(b)
	}
	return n
}

// characters counts those of s; a byte that is none counts as one.
func characters(s string) int {
	n := printable([]byte(s))
	return n + utf8.RuneCountInString(s[n:])
}
