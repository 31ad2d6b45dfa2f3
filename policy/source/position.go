package source

// Position is a place in a text.
type Position struct {
	Offset int `json:"offset"` // bytes from the start
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // characters, from 1
}

// Tracker turns byte offsets, asked for in rising order, into positions in one walk.
type Tracker struct {
	src string
	at  Position
}

// NewTracker returns a Tracker at the start of src.
func NewTracker(src string) *Tracker { return &Tracker{src, Position{0, 1, 1}} }

// To returns the position of an offset, which is not before the one asked for last.
func (t *Tracker) To(offset int) Position {
	for _, c := range t.src[t.at.Offset:offset] {
		if t.at.Column++; c == '\n' {
			t.at.Line, t.at.Column = t.at.Line+1, 1
		}
	}
	t.at.Offset = offset
	return t.at
}
