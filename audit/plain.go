package audit

import "encoding/binary"

// plain tells whether s stands in a JSON string as it is. It looks at eight bytes at
// a time, the last of them perhaps again.
func plain(s string) bool {
	b := []byte(s) // not copied, as nobody changes it
	if len(b) < 8 {
		for _, c := range b {
			if c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
				return false
			}
		}
		return true
	}
	found := special(binary.LittleEndian.Uint64(b[len(b)-8:]))
	for ; len(b) > 8; b = b[8:] {
		found |= special(binary.LittleEndian.Uint64(b))
	}
	return found&(1<<7*ones) == 0
}

const ones = 0x0101010101010101

// special has the top bit of a byte set if one of eight bytes is no ASCII, a control
// character, a quote, which differs from a space in one bit, or a backslash.
func special(x uint64) uint64 {
	return x | ((x ^ 2*ones) - (' '+1)*ones) | ((x ^ '\\'*ones) - ones)
}
