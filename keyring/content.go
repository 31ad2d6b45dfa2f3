package keyring

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// The content of a keyring, as text:
//
//	# made 2026-11-23T12:00:00Z
//	2:base64 of 32 bytes
//	# made 2026-01-05T08:30:00Z
//	# retired 2026-11-23T12:00:00Z
//	1:base64 of 32 bytes
//
// Comments belong to the key below them. Those that are none of these two stay
// as they are.
const (
	commentMade    = "# made "
	commentRetired = "# retired "
)

// maxContent bounds a keyring, in bytes: more than a thousand keys.
const maxContent = 64 << 10

// Key is what may be told of a key of a keyring.
type Key struct {
	ID     uint32 `json:"id"`
	Active bool   `json:"active"` // it seals
	// Made is when the key was made, and Retired when another one was made active
	// in its place; zero where the keyring does not say.
	Made    time.Time `json:"made,omitzero"`
	Retired time.Time `json:"retired,omitzero"`
	// Fingerprint tells keys of one number apart, and tells nothing of the key.
	Fingerprint string `json:"fingerprint"`
}

// Keys lists the keys of a keyring's content, in its order.
func Keys(content string) ([]Key, error) {
	f, err := parse(content)
	if err != nil {
		return nil, err
	}
	list := make([]Key, len(f.blocks))
	for i, b := range f.blocks {
		list[i] = Key{
			ID: b.id, Active: i == 0, Made: b.date(commentMade), Retired: b.date(commentRetired),
			Fingerprint: hex.EncodeToString(b.key.sum[:8]),
		}
	}
	return list, nil
}

// Generate makes the content of a keyring with one new key. It panics when
// there is no randomness.
func Generate(rand io.Reader) string { return line(1, rand) + "\n" }

// Add puts a new key at the end of a content, where it opens and does not seal;
// in an empty content it is the first. It panics when there is no randomness.
func Add(content string, rand io.Reader, now time.Time) (string, uint32, error) {
	f := new(file)
	if strings.TrimSpace(content) != "" {
		var err error
		if f, err = parse(content); err != nil {
			return "", 0, err
		}
	}
	id := uint32(0)
	for _, b := range f.blocks {
		id = max(id, b.id)
	}
	if id == math.MaxUint32 {
		return "", 0, errors.New("keyring: there is no number left for another key")
	}
	id++
	f.blocks = append(f.blocks, block{id: id, lines: []string{dated(commentMade, now), line(id, rand)}})
	return f.String(), id, nil
}

// Activate makes a key of a content the one that seals; the one that did is
// marked as retired.
func Activate(content string, id uint32, now time.Time) (string, error) {
	f, err := parse(content)
	if err != nil {
		return "", err
	}
	i, err := f.find(id)
	if err != nil || i == 0 {
		return content, err
	}
	f.blocks[0].mark(commentRetired, now)
	b := f.blocks[i]
	b.unmark(commentRetired)
	f.blocks = slices.Insert(slices.Delete(f.blocks, i, i+1), 0, b)
	return f.String(), nil
}

// Remove takes a key out of a content. The one that seals stays.
func Remove(content string, id uint32) (string, error) {
	f, err := parse(content)
	if err != nil {
		return "", err
	}
	i, err := f.find(id)
	if err != nil {
		return "", err
	}
	if i == 0 {
		return "", fmt.Errorf("keyring: key %d seals: make another one active first", id)
	}
	f.blocks = slices.Delete(f.blocks, i, i+1)
	return f.String(), nil
}

// file is a content in parts.
type file struct {
	blocks []block
	rest   []string // lines after the last key
}

// block is a key's line, with the comments above it.
type block struct {
	id    uint32
	key   *derived // nil for one that was just added
	lines []string // the last one is the key's
}

// derived is a key as it is used.
type derived struct {
	sum     [sha256.Size]byte // tells keys apart
	ciphers [purposes]cipher.AEAD
}

func parse(content string) (*file, error) {
	if len(content) > maxContent {
		return nil, fmt.Errorf("keyring: more than %d bytes are no keyring", maxContent)
	}
	f := new(file)
	for n, text := range strings.Split(strings.TrimRight(content, " \t\r\n"), "\n") {
		text = strings.TrimSpace(text)
		f.rest = append(f.rest, text)
		if text == "" || text[0] == '#' {
			continue
		}
		id, key, err := parseLine(text)
		if err != nil {
			return nil, fmt.Errorf("keyring: line %d: %w", n+1, err)
		}
		if _, err := f.find(id); err == nil {
			return nil, fmt.Errorf("keyring: line %d: key %d is there twice", n+1, id)
		}
		d, err := derive(key)
		if err != nil {
			return nil, fmt.Errorf("keyring: line %d: %w", n+1, err)
		}
		f.blocks, f.rest = append(f.blocks, block{id, d, f.rest}), nil
	}
	if len(f.blocks) == 0 {
		return nil, errors.New("keyring: no keys: a line is ID:base64 of 32 random bytes")
	}
	return f, nil
}

func parseLine(line string) (id uint32, key []byte, err error) {
	number, text, ok := strings.Cut(line, ":")
	n, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil || n == 0 {
		return 0, nil, errors.New("want ID:base64, with a number from 1 for the ID")
	}
	key, err = base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) != chacha20poly1305.KeySize {
		return 0, nil, errors.New("the key is not the base64 of 32 bytes")
	}
	return uint32(n), key, nil
}

func derive(key []byte) (*derived, error) {
	d := new(derived)
	for p, label := range labels {
		sub, err := hkdf.Key(sha256.New, key, nil, label, chacha20poly1305.KeySize)
		if err != nil {
			return nil, err
		}
		if d.ciphers[p], err = chacha20poly1305.NewX(sub); err != nil {
			return nil, err
		}
	}
	sub, err := hkdf.Key(sha256.New, key, nil, "iamd fingerprint", len(d.sum))
	if err != nil {
		return nil, err
	}
	d.sum = sha256.Sum256(sub)
	return d, nil
}

func (f *file) find(id uint32) (int, error) {
	i := slices.IndexFunc(f.blocks, func(b block) bool { return b.id == id })
	if i < 0 {
		return 0, fmt.Errorf("keyring: there is no key %d", id)
	}
	return i, nil
}

func (f *file) String() string {
	var out strings.Builder
	for _, b := range f.blocks {
		for _, text := range b.lines {
			out.WriteString(text + "\n")
		}
	}
	for _, text := range f.rest {
		out.WriteString(text + "\n")
	}
	return out.String()
}

// line is that of a new key.
func line(id uint32, rand io.Reader) string {
	var key [chacha20poly1305.KeySize]byte
	if _, err := io.ReadFull(rand, key[:]); err != nil {
		panic("keyring: no randomness: " + err.Error())
	}
	return fmt.Sprintf("%d:%s", id, base64.StdEncoding.EncodeToString(key[:]))
}

func dated(comment string, t time.Time) string {
	return comment + t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// date is what a comment above the key says; zero if there is none, or none that
// can be read.
func (b *block) date(comment string) time.Time {
	for _, text := range b.lines[:len(b.lines)-1] {
		if day, ok := strings.CutPrefix(text, comment); ok {
			for _, layout := range []string{time.RFC3339, time.DateOnly} {
				if t, err := time.Parse(layout, strings.TrimSpace(day)); err == nil {
					return t.UTC()
				}
			}
		}
	}
	return time.Time{}
}

func (b *block) mark(comment string, t time.Time) {
	b.unmark(comment)
	b.lines = slices.Insert(b.lines, len(b.lines)-1, dated(comment, t))
}

func (b *block) unmark(comment string) {
	b.lines = slices.DeleteFunc(b.lines, func(text string) bool { return strings.HasPrefix(text, comment) })
}
