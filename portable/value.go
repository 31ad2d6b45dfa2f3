package portable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"iamd/iam"
)

// document is a policy's text. It is written as a string, byte for byte. It is read
// as that, as JSON, which the AWS CLI makes of it, or percent-encoded, as AWS
// answers.
type document string

// UnmarshalJSON reads the three forms.
func (d *document) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '"' {
		var text bytes.Buffer
		if err := json.Compact(&text, b); err != nil {
			return err
		}
		*d = document(text.String())
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	if strings.HasPrefix(text, "%") {
		plain, err := url.PathUnescape(text)
		if err != nil {
			return fmt.Errorf("a policy that is not percent-encoded as it seems: %w", err)
		}
		text = plain
	}
	*d = document(text)
	return nil
}

// moment is a time, in UTC. It keeps what is between two seconds.
type moment struct{ time.Time }

// MarshalJSON writes RFC 3339's form, null for no time.
func (m moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return m.UTC().MarshalJSON()
}

// The years that times are of: what lies farther cannot be written again.
const (
	firstYear = 1970
	lastYear  = 9000
)

// UnmarshalJSON reads what MarshalJSON writes, and the same without a time zone.
func (m *moment) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*m = moment{}
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%.40q is not a time such as 2026-01-31T12:00:00Z", text)
	}
	if t = t.UTC(); t.Year() < firstYear || t.Year() > lastYear {
		return errors.New("a time that is too far away")
	}
	m.Time = t
	return nil
}

type tag struct{ Key, Value string }

func showTags(list []iam.Tag) []tag {
	var out []tag
	for _, t := range list {
		out = append(out, tag{t.Key, t.Value})
	}
	return out
}

func readTags(list []tag) []iam.Tag {
	var out []iam.Tag
	for _, t := range list {
		out = append(out, iam.Tag{Key: t.Key, Value: t.Value})
	}
	return out
}
