package policy

// matchStates matches text against tokens of every sort; with fold, regardless of the case of ASCII letters, which the
// pattern's may have any of. It takes len(pattern) × len(text) ÷ blockSize steps of a few nanoseconds, whatever they
// hold, and allocates nothing for a text shorter than 4,096 bytes.
//
// The pattern is cut into blocks that fit a machine word, and each block reads the whole text once, with a bit for each
// of the places in it that the text so far can have reached. What passes from a block to the next is the set of places
// in the text after which the block can be left, in place of those after which it could be entered.
func matchStates(pattern []token, text string, fold bool) bool {
	var stack [64]uint64
	reached := stack[:]
	if n := len(text)/64 + 1; n > len(reached) {
		reached = make([]uint64, n)
	}
	reached[0] = 1
	for last := 0; ; {
		var b block
		pattern = b.fill(pattern, fold)
		chars := 0
		if last, chars = b.pass(reached, last, text, fold); last < 0 {
			return false
		}
		if len(pattern) == 0 {
			return last == chars
		}
	}
}

// blockSize is how many tokens a block has: their places and the one behind them fill a word.
const blockSize = 63

// block is a part of a pattern. A set of its places is a word; place i is before token i.
type block struct {
	size       int    // how many tokens
	stars      uint64 // the places of stars
	free       uint64 // those of stars that pass colons
	any        uint64 // of what fits every character but the colon
	anyColon   uint64 // of what fits the colon
	ascii      [128]uint64
	others     [blockSize]token // the other characters, in order
	places     [blockSize]uint64
	characters int // how many others
}

// fill takes tokens from the front and returns what is left of them. Of stars that follow one another it keeps one, so
// that no place is passed over twice.
func (b *block) fill(pattern []token, fold bool) []token {
	for len(pattern) > 0 && b.size < blockSize {
		k, place := pattern[0], uint64(1)<<b.size
		switch {
		case k == tokenStar || k == tokenSegmentStar:
			if before := place >> 1; b.size > 0 && b.stars&before != 0 {
				b.size--
				place = before
			}
			b.stars |= place
			if k == tokenStar {
				b.free |= place
			}
		case k == tokenAny:
			b.any |= place
			b.anyColon |= place
		case k == tokenSegmentAny:
			b.any |= place
		case k < 128:
			if fold {
				k = token(lower(byte(k)))
			}
			b.ascii[k] |= place
		default:
			i, found := b.find(k)
			if !found {
				copy(b.others[i+1:], b.others[i:b.characters])
				copy(b.places[i+1:], b.places[i:b.characters])
				b.others[i], b.places[i] = k, 0
				b.characters++
			}
			b.places[i] |= place
		}
		b.size++
		pattern = pattern[1:]
	}
	return pattern
}

// find tells where among the others a character is, or belongs.
func (b *block) find(k token) (int, bool) {
	low, high := 0, b.characters
	for low < high {
		if mid := (low + high) / 2; b.others[mid] < k {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < b.characters && b.others[low] == k
}

// fits is the places of the tokens, other than stars, that stand for c.
func (b *block) fits(c token) uint64 {
	switch {
	case c == ':':
		return b.anyColon | b.ascii[c]
	case c < 128:
		return b.any | b.ascii[c]
	}
	if i, ok := b.find(c); ok {
		return b.any | b.places[i]
	}
	return b.any
}

// pass reads the text. On the way in, the bits of reached tell after how many characters the block can be entered, of
// which last is the greatest; on the way out, after how many it can be left. It returns the greatest of those, -1 if
// there is none, and how many characters were read, which are all of them if the last is among them.
func (b *block) pass(reached []uint64, last int, text string, fold bool) (left, chars int) {
	left = -1
	var at uint64
	for {
		word, bit := chars/64, uint64(1)<<(chars%64)
		if reached[word]&bit != 0 {
			at |= 1
			reached[word] &^= bit
		}
		at |= at & b.stars << 1 // a star may stand for nothing
		if at>>b.size&1 != 0 {
			reached[word] |= bit
			left = chars
		}
		if text == "" || at == 0 && chars >= last {
			return left, chars
		}
		c, n := char(text)
		text = text[n:]
		loops := b.stars
		if c == ':' {
			loops = b.free
		}
		if fold && c < 128 {
			c = token(lower(byte(c)))
		}
		at = at&b.fits(c)<<1 | at&loops
		chars++
	}
}
