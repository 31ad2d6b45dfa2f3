package api

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
	"iamd/policy"
)

// What the context of one simulation may hold, so that no request keeps a
// server busy: AWS has its own bounds and tells none of them.
const (
	maxContextEntries = 256
	maxContextValue   = 4096 // characters
)

// readContext checks the context's entries by their types. They count before
// what the server knows.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
func (q *simulation) readContext(entries []types.ContextEntry) error {
	if len(entries) > maxContextEntries {
		return invalid("More than %d ContextEntries.", maxContextEntries)
	}
	seen := newSet[string]()
	for i, e := range entries {
		key, kind := aws.ToString(e.ContextKeyName), string(e.ContextKeyType)
		if key == "" && kind == "" && len(e.ContextKeyValues) == 0 {
			continue // an entry without members says nothing
		}
		scalar, many := strings.CutSuffix(kind, "List")
		switch {
		case key == "":
			return invalid("ContextKeyName cannot be null or empty.")
		case !seen.add(policy.FoldKey(key)):
			return invalid("Duplicate context key: %s.", key)
		case kind == "":
			return invalid("Context key %s has invalid type null.", key)
		case len(e.ContextKeyValues) == 0:
			return invalid("Context values for context key %s cannot be null or empty.", key)
		case !many && len(e.ContextKeyValues) != 1:
			return invalid("Context key %s expected a single value, but received %d.", kind, len(e.ContextKeyValues))
		}
		for _, v := range e.ContextKeyValues {
			if utf8.RuneCountInString(v) > maxContextValue {
				return iam.Errorf(iam.CodeValidation, "1 validation error detected: Value at 'contextEntries.%s.member.contextKeyValues' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to %d]",
					ordinal(i), maxContextValue)
			}
			if form, ok := contextForms[scalar]; ok && !form.fits(v) {
				return invalid("Invalid context value for key %s: expected %s.", key, form.words)
			}
		}
		q.Set(key, many, e.ContextKeyValues)
	}
	return nil
}

// contextForms are the forms of values by the type of their key, and AWS's words
// for them. What a form takes, the policy engine can read. A boolean that is
// neither true nor false is taken by AWS, as false.
var contextForms = map[string]struct {
	words string
	fits  func(string) bool
}{
	"numeric": {"numeric format", decimal.MatchString},
	"boolean": {"boolean format", isBoolean},
	"ip":      {"IP address", isAddress},
	"binary":  {"base-64 encoded binary format", isBinary},
	"date":    {"DateTime format", isDate},
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$`)

func isBoolean(v string) bool { return strings.EqualFold(v, "true") || strings.EqualFold(v, "false") }

// isAddress takes no blocks of addresses: a request comes from one.
func isAddress(v string) bool {
	a, err := netip.ParseAddr(v)
	return err == nil && a.Zone() == ""
}

func isBinary(v string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(v)
	return err == nil && !strings.ContainsAny(v, "\r\n")
}

// dateForms are the forms of a date, beside seconds since 1970; a fraction may
// follow the seconds. Four digits are a year.
var dateForms = []string{
	"2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700",
}

func isDate(v string) bool {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return len(v) <= 15 && v[0] != '+'
	}
	if strings.Contains(v, ",") { // which Go reads as the point of a fraction
		return false
	}
	for _, form := range dateForms {
		if _, err := time.Parse(form, v); err == nil {
			return true
		}
	}
	return false
}
