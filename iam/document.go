package iam

import (
	"encoding/json"
	"sync"

	"iamd/policy"
)

// Document is a policy document as it was written, byte for byte, and compiled
// on first use. It is shared and never changed.
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
