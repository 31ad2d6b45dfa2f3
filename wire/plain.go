package wire

import "encoding/binary"

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

// plainXML counts the bytes at the start of b, by eights, that are the same as
// character data. Some that are too are not counted.
func plainXML(b []byte) int {
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		// '<' and '>' differ in one bit; '&', '"' and control characters are below '('.
		if below(x, '(')|equal(x|ones*('<'^'>'), '>') != 0 {
			break
		}
	}
	return n
}

// plainJSON counts the bytes at the start of b, by eights, that are the same in a
// JSON string.
func plainJSON(b []byte) int {
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		if below(x, ' ')|equal(x, '"')|equal(x, '\\') != 0 {
			break
		}
	}
	return n
}
