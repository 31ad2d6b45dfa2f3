package scenario

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxAnswer is the length of the longest line that is taken from an engine, in bytes.
const maxAnswer = 1 << 16

// Lines asks an engine that reads each case as one line of JSON and answers it by one line. It is not safe for concurrent
// use; who wants a deadline closes the ends.
type Lines struct {
	to   io.Writer
	from *bufio.Reader
}

// NewLines returns Lines to an engine that reads what is written to to, and whose answers are read from from.
func NewLines(to io.Writer, from io.Reader) *Lines {
	return &Lines{to, bufio.NewReaderSize(from, maxAnswer)}
}

// ErrRefused says that an engine can't answer a case, and told so. It reads the next one all the same.
var ErrRefused = errors.New("the engine can't answer")

// Ask sends a case and reads its answer: {"decision":"allowed"}, "explicitDeny" or "implicitDeny", and, if the engine
// likes, "by", the kind of policy that decided. Other fields are left alone. An engine that can't answer says
// {"error":"…"}, which is ErrRefused; after any other error there is nothing more to ask.
func (l *Lines) Ask(c *Case) (Answer, error) {
	line, err := json.Marshal(c)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	if _, err := l.to.Write(append(line, '\n')); err != nil {
		return Answer{}, fmt.Errorf("%s: the engine does not read: %w", c.Name, err)
	}
	line, err = l.from.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return Answer{}, fmt.Errorf("%s: the answer is longer than %d bytes", c.Name, maxAnswer)
	case errors.Is(err, io.EOF) && len(line) == 0:
		return Answer{}, fmt.Errorf("%s: the engine ended without an answer: %w", c.Name, io.ErrUnexpectedEOF)
	case err != nil && !errors.Is(err, io.EOF):
		return Answer{}, fmt.Errorf("%s: no answer: %w", c.Name, err)
	}
	var said struct{ Decision, By, Error string }
	if err := json.Unmarshal(line, &said); err != nil {
		return Answer{}, fmt.Errorf("%s: the answer %q is no JSON object: %w", c.Name, clip(line), err)
	}
	if said.Error != "" {
		return Answer{}, fmt.Errorf("%s: %w: %s", c.Name, ErrRefused, said.Error)
	}
	a := Answer{Decision: said.Decision}
	for _, k := range kinds {
		if k.word == said.By {
			a.By = k.kind
		}
	}
	switch {
	case a.Decision != Allowed && a.Decision != ExplicitDeny && a.Decision != ImplicitDeny:
		return Answer{}, fmt.Errorf("%s: the answer %q has no decision of %s, %s, %s", c.Name, clip(line), Allowed, ExplicitDeny, ImplicitDeny)
	case said.By != "" && a.By == 0:
		return Answer{}, fmt.Errorf("%s: the answer %q names no kind of policy", c.Name, clip(line))
	}
	return a, nil
}

// clip is the start of an answer, for a message.
func clip(line []byte) []byte {
	line = bytes.TrimSpace(line)
	return line[:min(len(line), 200)]
}
