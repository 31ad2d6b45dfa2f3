package guard

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

const (
	// maxPacked is the most that a packed trace takes, in bytes.
	maxPacked = 32 << 10
	// maxUnpacked is more than any that was packed here unpacks to.
	maxUnpacked = 4 << 20

	packedTrace = 1 // the first byte: how the rest is written
)

// Pack gives the trace, and what the policies say, in the form in which it is
// kept, of at most 32 KB: JSON, compressed. What makes it longer is left out, and
// says so; t itself stays as it is. First it asks whether there is room for more
// traces of the principal with a unique id, and gives nil if there is none.
func (t *Trace) Pack(room func(principal string) bool) []byte {
	if !room(t.Principal.UniqueID) {
		return nil
	}
	t = t.explained()
	for _, shed := range []func(){
		func() { t.drop("Action") },
		func() { t.fit(0) },
		t.dropValues,
		func() { t.Context, t.Missing, t.Types = []TracedKey{}, nil, nil },
	} {
		if packed := t.pack(); len(packed) <= maxPacked {
			return packed
		}
		shed()
	}
	return t.pack()
}

// fit leaves out statements, the least telling first, until there are at most so
// many that don't apply.
func (t *Trace) fit(most int) {
	for _, element := range []string{"Action", "Principal", "Resource", "Condition"} {
		if t.statements() > most {
			t.drop(element)
		}
	}
	if t.statements() <= max(most, maxTraceStatements) {
		return
	}
	t.omit("Statements that apply, beyond the first of each kind of policy.")
	for i := range t.Types {
		list := t.Types[i].Statements
		t.Types[i].Statements = list[:min(len(list), maxTraceStatements/len(t.Types))]
	}
}

func (t *Trace) statements() (n int) {
	for i := range t.Types {
		n += len(t.Types[i].Statements)
	}
	return n
}

// drop leaves out the statements that don't apply because of an element.
func (t *Trace) drop(element string) {
	n := t.statements()
	for i := range t.Types {
		t.Types[i].Statements = slices.DeleteFunc(t.Types[i].Statements, func(s TracedStatement) bool {
			return !s.Applies && s.Element == element
		})
	}
	if n -= t.statements(); n > 0 {
		t.omit(fmt.Sprintf("Statements that don't apply because of their element %s: %d.", element, n))
	}
}

func (t *Trace) dropValues() {
	for i := range t.Context {
		t.Context[i].Values = nil
	}
	t.omit("The values of the condition keys.")
}

// deflaters are kept, as making one costs far more than using it.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

func (t *Trace) pack() []byte {
	plain, err := json.Marshal(t)
	if err != nil {
		panic("guard: " + err.Error()) // texts, numbers and a time of this century
	}
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, 1024+len(plain)/4))
	out.WriteByte(packedTrace)
	w.Reset(out)
	// A bytes.Buffer takes every write.
	_, _ = w.Write(plain)
	_ = w.Close()
	return out.Bytes()
}

// UnpackTrace reads what Pack wrote.
func UnpackTrace(packed []byte) (*Trace, error) {
	if len(packed) == 0 || packed[0] != packedTrace {
		return nil, errors.New("guard: a trace in a form that this program does not know")
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), maxUnpacked))
	if err != nil {
		return nil, fmt.Errorf("guard: a trace is damaged: %w", err)
	}
	t := new(Trace)
	if err := json.Unmarshal(plain, t); err != nil {
		return nil, fmt.Errorf("guard: a trace is damaged: %w", err)
	}
	return t, nil
}
