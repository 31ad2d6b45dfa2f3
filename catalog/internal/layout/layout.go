package layout

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Span is where a member lies in its file, in bytes.
type Span struct {
	Offset int `json:"o"`
	Length int `json:"n"`
}

// Index is the single member of index.json.gz.
type Index struct {
	Services []ServiceSpan `json:"services"` // ordered by folded prefix
	Policies []BlockSpan   `json:"policies"` // ordered by first name
}

// ServiceSpan finds one service's member in services.json.gz.
type ServiceSpan struct {
	Prefix string `json:"p"`
	Name   string `json:"t"`
	RCP    bool   `json:"rcp,omitempty"`
	Span
}

// BlockSpan finds one block, a member of policies.json.gz that holds
// []Policy ordered by name, of which First is the first.
type BlockSpan struct {
	First string `json:"f"`
	Span
}

// Policy is one AWS managed policy at its default version. Dates are RFC 3339.
type Policy struct {
	Name     string          `json:"name"`
	Path     string          `json:"path"`
	Version  string          `json:"version"`
	Created  string          `json:"created"`
	Updated  string          `json:"updated"`
	Document json.RawMessage `json:"document"`
}

// Service is one service's member. Condition keys are named by their place in
// Keys, lists of them by their place in Lists, resource types by their place
// in Resources: the same few lists recur hundreds of times.
type Service struct {
	Keys      []Key      `json:"k"` // ordered by folded name
	Lists     [][]int    `json:"l"` // places in Keys
	Resources []Resource `json:"r"` // ordered by folded name
	Actions   []Action   `json:"a"` // ordered by folded name
}

// Key is a condition key and the type of its value.
type Key struct {
	Name string `json:"n"`
	Type string `json:"t"`
}

// Resource is a resource type.
type Resource struct {
	Name string `json:"n"`
	ARN  string `json:"a"`
	Keys int    `json:"k"` // a place in Lists
}

// Action is an action.
type Action struct {
	Name        string           `json:"n"`
	Level       string           `json:"v"`
	Description string           `json:"d"`
	Keys        int              `json:"k"` // a place in Lists
	Resources   []ActionResource `json:"r,omitempty"`
}

// ActionResource is a resource type as one action uses it.
type ActionResource struct {
	Type     int  `json:"t"` // a place in Resources
	Required bool `json:"q,omitempty"`
	Keys     int  `json:"k"` // a place in Lists
}

// ConditionKeys is the single member of conditionkeys.json.gz: every key of
// every service and the global ones. All names are folded.
type ConditionKeys struct {
	Exact     []Key      `json:"exact"`     // ordered by name
	Templates []Template `json:"templates"` // the most literal first
}

// Template is a key with variable parts, split at these: any text of at least
// one byte stands between two neighbours.
type Template struct {
	Literals []string `json:"l"`
	Type     string   `json:"t"`
}

// Pack returns v as one member.
func Pack(v any) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	e := json.NewEncoder(z)
	e.SetEscapeHTML(false) // documents stay byte for byte as they came
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// Unpack fills v from one member.
func Unpack(member string, v any) error {
	z, err := gzip.NewReader(strings.NewReader(member))
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	text, err := io.ReadAll(z) // to the end, or the checksum goes unread
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	return nil
}

// Cut returns the member of file that s names.
func (s Span) Cut(file string) (string, error) {
	if s.Offset < 0 || s.Length < 0 || s.Offset > len(file) || s.Length > len(file)-s.Offset {
		return "", fmt.Errorf("span %d+%d lies outside of %d bytes", s.Offset, s.Length, len(file))
	}
	return file[s.Offset : s.Offset+s.Length], nil
}

// Fold returns s with the ASCII letters in lower case and all else as it is.
// Unicode's folding would let U+212A pass for a k.
func Fold(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}

// CompareFold orders a and b as strings.Compare orders Fold(a) and Fold(b).
func CompareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if d := int(lower(a[i])) - int(lower(b[i])); d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
