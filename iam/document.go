package iam

import (
	"bytes"
	"encoding/json"
	"sync"

	"iamd/policy"
)

// Document is a policy document as it was written, byte for byte (unless it was
// little but white space), and compiled on first use. It is shared and never
// changed.
type Document struct {
	text  string
	bound map[string]string

	once     sync.Once
	compiled *policy.Compiled
}

// NewDocument wraps a text that was checked before. bound holds, for a trust
// policy, the unique id that each principal's ARN stood for when it was
// written; nil otherwise.
func NewDocument(text string, bound map[string]string) *Document {
	return &Document{text: text, bound: bound}
}

// Text is the document as it was written.
func (d *Document) Text() string { return d.text }

// Bound gives the unique ids that the principals' ARNs were bound to. It must
// not be changed.
func (d *Document) Bound() map[string]string { return d.bound }

// Compiled is the document ready to decide by. A text that can no longer be
// read (no write accepts one) compiles to a denial of everything, for everyone.
func (d *Document) Compiled() *policy.Compiled {
	d.once.Do(func() {
		doc, err := policy.Parse([]byte(d.text))
		if err != nil {
			doc, err = policy.Parse([]byte(denyEverything))
			if err != nil {
				panic("iam: " + err.Error()) // a constant of ours
			}
		}
		d.compiled = policy.Compile(doc, policy.CompileOptions{Principals: d.bound})
	})
	return d.compiled
}

// A document may bring this much white space for each character that counts
// against its quota, and this much in any case. AWS keeps any amount; here all
// documents of an account are in memory.
const (
	blankFor    = 4
	blankAnyway = 256
)

// weighed gives the text that is kept of a document that was checked, and how
// much it takes of its quota. Beyond its share of white space a document is kept
// without; white space within strings, which stays, then counts.
func weighed(text string) (kept string, size int) {
	size = policy.Size(text)
	most := blankAnyway + blankFor*size
	if len(text) <= most {
		return text, size
	}
	var b bytes.Buffer
	// What was checked is JSON.
	if err := json.Compact(&b, []byte(text)); err != nil || b.Len() > most {
		return text, len(text)
	}
	return b.String(), size
}

const denyEverything = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`

type documentRow struct {
	Text  string            `json:"text"`
	Bound map[string]string `json:"bound,omitempty"`
}

// MarshalJSON writes the row form.
func (d *Document) MarshalJSON() ([]byte, error) {
	return json.Marshal(documentRow{d.text, d.bound})
}

// UnmarshalJSON reads the row form.
func (d *Document) UnmarshalJSON(b []byte) error {
	var row documentRow
	if err := json.Unmarshal(b, &row); err != nil {
		return err
	}
	d.text, d.bound = row.Text, row.Bound
	return nil
}
