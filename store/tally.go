package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
)

// Tally is how much a store holds of one kind, and a checksum in hexadecimal that
// every store has that holds the same.
type Tally struct {
	Kind   string `json:"kind"`
	Count  int    `json:"count"`
	SHA256 string `json:"sha256"`
}

// The kinds of what a store holds.
const (
	kindAggregate = iota
	kindRow
	kindName
	kindEvent
	kindSoft
	kindTrace
	kinds
)

var kindNames = [kinds]string{"aggregates", "rows", "names", "events", "soft values", "traces"}

// sum counts records of one kind, and makes the checksum of them: SHA-256 over
// each one's fields, a text or bytes after its length (uvarint), a number as a
// varint, a time in microseconds.
type sum struct {
	count int
	hash  hash.Hash
}

func (s *sum) add(fields ...any) {
	s.count++
	var number [binary.MaxVarintLen64]byte
	for _, f := range fields {
		// A hash takes every write.
		switch f := f.(type) {
		case int64:
			_, _ = s.hash.Write(binary.AppendVarint(number[:0], f))
		case string:
			_, _ = s.hash.Write(binary.AppendUvarint(number[:0], uint64(len(f))))
			_, _ = s.hash.Write([]byte(f))
		case []byte:
			_, _ = s.hash.Write(binary.AppendUvarint(number[:0], uint64(len(f))))
			_, _ = s.hash.Write(f)
		}
	}
}

type sums [kinds]sum

func newSums() (s sums) {
	for i := range s {
		s[i].hash = sha256.New()
	}
	return s
}

// take adds one name's sums to those of a store.
func (s *sums) take(name string, of *sums) {
	for i := range s {
		if of[i].count == 0 {
			continue
		}
		count := s[i].count + of[i].count
		s[i].add(name, of[i].hash.Sum(nil))
		s[i].count = count
	}
}

func (s *sums) tallies() []Tally {
	list := make([]Tally, kinds)
	for i := range s {
		list[i] = Tally{kindNames[i], s[i].count, hex.EncodeToString(s[i].hash.Sum(nil))}
	}
	return list
}

// sumUp reads all that a store has of one name.
func sumUp(ctx context.Context, w Whole, name string) (sums, error) {
	s := newSums()
	snap, err := w.Snapshot(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	if err == nil {
		s[kindAggregate].add(int64(snap.Version))
		for _, r := range snap.Rows {
			s[kindRow].add(r.Kind, r.Key, int64(r.Schema), r.Data)
		}
		for _, u := range snap.Names {
			s[kindName].add(u.Space, u.Key)
		}
	}
	for page, err := range eventPages(ctx, w, name) {
		if err != nil {
			return s, err
		}
		for _, e := range page {
			s[kindEvent].add(e.Time.UnixMicro(), e.ID, e.Data)
		}
	}
	soft, err := w.LoadSoft(ctx, name)
	if err != nil {
		return s, err
	}
	for _, v := range soft {
		s[kindSoft].add(v.Kind, v.Key, v.Data)
	}
	for page, err := range tracePages(ctx, w, name) {
		if err != nil {
			return s, err
		}
		for _, t := range page {
			s[kindTrace].add(t.ID, t.Principal, t.Time.UnixMicro(), t.Data)
		}
	}
	return s, nil
}

// compare reads two stores, name by name, and gives the tallies of either when they
// hold the same.
func compare(ctx context.Context, from, to Whole, opts CopyOptions) ([]Tally, error) {
	total, done := newSums(), 0
	for name, err := range allNames(ctx, from) {
		if err != nil {
			return nil, err
		}
		want, err := sumUp(ctx, from, name)
		if err != nil {
			return nil, fmt.Errorf("read %s back from the source: %w", name, err)
		}
		got, err := sumUp(ctx, to, name)
		if err != nil {
			return nil, fmt.Errorf("read %s back from the target: %w", name, err)
		}
		for i := range want {
			if want[i].count != got[i].count || !bytes.Equal(want[i].hash.Sum(nil), got[i].hash.Sum(nil)) {
				return nil, fmt.Errorf("the %s of %s differ, %d in the source and %d in the target: did somebody write to one of them meanwhile?",
					kindNames[i], name, want[i].count, got[i].count)
			}
		}
		total.take(name, &want)
		done++
		opts.Progress(name, done, true)
	}
	// What the source has is there: whether there is more is a matter of counting.
	there := 0
	for _, err := range allNames(ctx, to) {
		if err != nil {
			return nil, err
		}
		there++
	}
	if there != done {
		return nil, fmt.Errorf("the source has %d names and the target %d: did somebody write to one of them meanwhile?", done, there)
	}
	return total.tallies(), nil
}
