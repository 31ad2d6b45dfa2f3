package scenario

import (
	"fmt"
	"slices"
	"strings"

	"iamd/policy/source"
)

// Error is a fault in a scenario file.
type Error struct {
	File    string // slash-separated, below the root that was loaded
	Line    int    // from 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message) }

// member is one file of a txtar archive.
type member struct {
	file string // the archive's path
	name string
	line int // where its text starts in the archive
	text string
}

// archive cuts a txtar archive into its comment and its members. A line "-- NAME --" starts a member.
func archive(file, src string) (comment string, members []*member) {
	line := 0
	for text := range strings.Lines(src) {
		line++
		name, ok := strings.CutPrefix(strings.TrimRight(text, "\r\n"), "-- ")
		if name, last := strings.CutSuffix(name, " --"); ok && last && strings.TrimSpace(name) != "" {
			members = append(members, &member{file: file, name: strings.TrimSpace(name), line: line + 1})
			continue
		}
		if len(members) == 0 {
			comment += text
		} else {
			members[len(members)-1].text += text
		}
	}
	return comment, members
}

// fault is an Error at a byte offset of the member.
func (m *member) fault(at int, format string, args ...any) *Error {
	at = min(at, len(m.text))
	return &Error{m.file, m.line + strings.Count(m.text[:at], "\n"), fmt.Sprintf(format, args...)}
}

// read reads the member as one JSON value.
func (m *member) read() (value, *Error) {
	n, f := source.Read(m.text)
	if f != nil {
		return value{}, m.fault(f.At, "%s: %s", m.name, f.Message)
	}
	return value{m, n}, nil
}

// value is a JSON value in a member.
type value struct {
	in *member
	source.Node
}

// fault is an Error where the value starts.
func (v value) fault(format string, args ...any) *Error { return v.in.fault(v.Start, format, args...) }

// text is the value as it stands in the file.
func (v value) text() string { return v.in.text[v.Start:v.End] }

func (v value) line() int { return v.fault("").Line }

// items are the values of a list; what is no list is a list of one.
func (v value) items() []value {
	if v.Kind != source.Array {
		return []value{v}
	}
	out := make([]value, len(v.Items))
	for i, n := range v.Items {
		out[i] = value{v.in, n}
	}
	return out
}

func (v value) str() (string, *Error) {
	if v.Kind != source.String {
		return "", v.fault("a string is wanted here, not %s", v.text())
	}
	return v.Text, nil
}

// oneOf is str for a string out of a list.
func (v value) oneOf(words ...string) (string, *Error) {
	s, err := v.str()
	if err != nil {
		return "", err
	}
	if !slices.Contains(words, s) {
		return "", v.fault("%q is none of %s", s, strings.Join(words, ", "))
	}
	return s, nil
}

// isTrue is for marks, which stand or are left out.
func (v value) isTrue() *Error {
	if v.Kind != source.Bool || v.Text != "true" {
		return v.fault("true is wanted here; what is not marked leaves the field out")
	}
	return nil
}

// field is a key of an object with its value.
type field struct {
	key string
	value
}

// fields are the fields of an object in order. No key may stand twice, and if any keys are allowed, no other may stand.
func (v value) fields(allowed ...string) ([]field, *Error) {
	if v.Kind != source.Object {
		return nil, v.fault("an object is wanted here")
	}
	seen := map[string]bool{}
	out := make([]field, len(v.Members))
	for i, m := range v.Members {
		if seen[m.Key] {
			return nil, v.in.fault(m.At, "the field %q stands twice", m.Key)
		}
		seen[m.Key] = true
		if len(allowed) > 0 && !slices.Contains(allowed, m.Key) {
			return nil, v.in.fault(m.At, "unknown field %q; known are %s", m.Key, strings.Join(allowed, ", "))
		}
		out[i] = field{m.Key, value{v.in, m.Value}}
	}
	return out, nil
}
