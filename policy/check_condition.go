package policy

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// conditionSyntax refuses an operator that there is not, and what is no base64 under BinaryEquals.
func conditionSyntax(c *Condition) *Malformed {
	op, ok := parseOperator(c.Operator)
	if !ok {
		return refuse(msgSyntax, "unknown condition operator %s", c.Operator).in("Condition", c.Operator)
	}
	if op.family == familyBinary {
		for _, v := range c.Values {
			if _, err := base64.StdEncoding.Strict().DecodeString(v); err != nil {
				return refuse(msgSyntax, "%s is not base64", v).in("Condition", v)
			}
		}
	}
	return nil
}

// legacyCondition refuses values that AWS's older parser can't read as what the operator compares.
func legacyCondition(c *Condition) *Malformed {
	op, _ := parseOperator(c.Operator)
	var what string
	var ok func(string) bool
	switch f := op.family; {
	case familyNumeric <= f && f <= familyNumericGreaterEquals:
		what, ok = "a number", func(s string) bool { _, ok := parseDecimal(s); return ok }
	case f.isDate():
		what, ok = "a date", legacyDate
	case f == familyIP:
		what, ok = "an address or range", func(s string) bool { _, ok := parsePrefix(s); return ok }
	case f == familyARN:
		what, ok = "an ARN", legacyARN
	default:
		return nil
	}
	for _, v := range c.Values {
		if !ok(v) {
			return refuse(msgLegacy, "%s is not %s", v, what).in("Condition", v)
		}
	}
	return nil
}

// legacyARN tells whether a value of an Arn operator may stand: an ARN of six parts, or of fewer if a star at the end
// stands for the rest. What a variable may bring is not known when the policy is written.
func legacyARN(s string) bool {
	return s == "*" || strings.Contains(s, "${") ||
		strings.HasPrefix(s, "arn:") && (strings.Count(s, ":") >= 5 || strings.HasSuffix(s, "*"))
}

// The years that AWS's older parser takes.
const (
	firstYear = -292275054
	lastYear  = 292278993
)

// legacyDate tells whether AWS's older parser takes a date: seconds since 1970, or ISO 8601 from a year to nanoseconds
// with an offset. It takes some that no condition can be evaluated with, such as "01T" and hours of one digit.
func legacyDate(s string) bool {
	if allDigits(s) {
		_, err := strconv.ParseInt(s, 10, 64)
		return err == nil
	}
	day, clock := s, ""
	if i := strings.IndexAny(s, "Tt "); i >= 0 {
		day, clock = s[:i], s[i+1:]
	}
	return legacyDay(day) && (clock == "" || legacyClock(clock))
}

// legacyDay tells whether s is a year, a month or a day: yyyy, yyyy-mm, yyyy-mm-dd. The year may be negative.
func legacyDay(s string) bool {
	digits, negative := strings.CutPrefix(s, "-")
	part := strings.SplitN(digits, "-", 4)
	year, ok := within(part[0], 9, 0, lastYear)
	if negative {
		year, ok = within(part[0], 9, 0, -firstYear)
		year = -year
	}
	if !ok || len(part) > 3 {
		return false
	}
	if len(part) == 1 {
		return true
	}
	month, ok := within(part[1], 2, 1, 12)
	if !ok || len(part) == 2 {
		return ok
	}
	last := 31
	if 0 <= year && year <= 9999 {
		last = time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	}
	_, ok = within(part[2], 2, 1, last)
	return ok
}

// legacyClock tells whether s is a time of day, h, h:m, h:m:s or h:m:s.f, and an offset: none, Z, ±hh, ±hhmm or ±hh:mm.
func legacyClock(s string) bool {
	s, zulu := strings.CutSuffix(s, "Z")
	if !zulu {
		s, zulu = strings.CutSuffix(s, "z")
	}
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		offset := s[i+1:]
		s = s[:i]
		if len(offset) == 5 && offset[2] == ':' {
			offset = offset[:2] + offset[3:]
		}
		if zulu || len(offset) != 2 && len(offset) != 4 {
			return false
		}
		if _, ok := within(offset[:2], 2, 0, 23); !ok {
			return false
		}
		if _, ok := within(offset[2:], 2, 0, 59); !ok && len(offset) == 4 {
			return false
		}
	}
	part := strings.SplitN(s, ":", 4)
	if len(part) > 3 {
		return false
	}
	if len(part) == 3 {
		seconds, fraction, found := strings.Cut(part[2], ".")
		if found && (!allDigits(fraction) || len(fraction) > 9) {
			return false
		}
		part[2] = seconds
	}
	for i, last := range [...]int{23, 59, 59} {
		if i == len(part) {
			break
		}
		if _, ok := within(part[i], 2, 0, last); !ok {
			return false
		}
	}
	return true
}

// within reads a number of at most that many digits, from low to high.
func within(s string, digits, low, high int) (int, bool) {
	if !allDigits(s) || len(s) > digits {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && low <= n && n <= high
}
