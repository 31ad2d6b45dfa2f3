package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// appendLine appends an event as one line, whatever it was stored as.
func appendLine(dst, event []byte) []byte {
	if bytes.ContainsAny(event, "\n\r") {
		var one bytes.Buffer
		if json.Compact(&one, event) == nil {
			event = one.Bytes()
		} else { // no JSON: it is told of as a text
			text, err := json.Marshal(string(event))
			if err != nil {
				panic("sink: " + err.Error()) // texts always marshal
			}
			event = text
		}
	}
	return append(append(dst, event...), '\n')
}

// lines writes JSON lines to a Writer.
type lines struct{ Writer }

func (l *lines) Write(ctx context.Context, events [][]byte) error {
	if l.Ready != nil {
		select {
		case <-l.Ready:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var text []byte
	for _, e := range events {
		text = appendLine(text, e)
	}
	if _, err := l.To.Write(text); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	return nil
}

// Close leaves the writer open: it is not ours.
func (l *lines) Close() error { return nil }
