package policy_test

import (
	"encoding/base64"
	"math/big"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"iamd/policy"
)

// condition is one operator on one key.
func (r *evaluation) condition(c *policy.Condition, variables bool) verdict {
	name := c.Operator
	all, any := strings.HasPrefix(name, "ForAllValues:"), strings.HasPrefix(name, "ForAnyValue:")
	if all || any {
		_, name, _ = strings.Cut(name, ":")
	}
	name, ifExists := strings.CutSuffix(name, "IfExists")
	values, multi, present := r.req.Context.Get(c.Key)

	if name == "Null" {
		switch {
		case ifExists:
			return maybe // there is no such operator
		case all || any:
			return verdictOf(all)
		}
		absent := strconv.FormatBool(!present)
		return equalBools(c.Values, absent)
	}
	compare, negated := r.operator(name, c, variables)
	if compare == nil {
		return maybe // an operator that does not exist is never skipped
	}
	one := func(value string) verdict {
		if negated {
			return compare(value).not()
		}
		return compare(value)
	}
	switch {
	case all && (!present || len(values) == 1 && values[0] == ""):
		return yes
	case all:
		out := yes
		for _, v := range values {
			out = min(out, one(v))
		}
		return out
	case any && !present && ifExists:
		return maybe // open: whether IfExists counts here
	case any:
		out := no
		for _, v := range values {
			out = max(out, one(v))
		}
		return out
	case !present:
		return verdictOf(ifExists || negated)
	case multi:
		return maybe // a multivalued key needs a set prefix
	}
	return one(values[0])
}

// operator returns how an operator compares a value of the request with those of the policy, and whether it is negated;
// nil for one that does not exist.
func (r *evaluation) operator(name string, c *policy.Condition, variables bool) (compare func(string) verdict, negated bool) {
	// any tells whether one value of the policy fits.
	any := func(fit func(mine, theirs string) verdict) func(string) verdict {
		return func(theirs string) verdict {
			out := no
			for _, mine := range c.Values {
				out = max(out, fit(mine, theirs))
			}
			return out
		}
	}
	// readable is any for values of the request that can be read only; the others can't be compared with anything.
	readable := func(read func(string) bool, fit func(mine, theirs string) verdict) func(string) verdict {
		return func(theirs string) verdict {
			if !read(theirs) {
				return maybe
			}
			return any(fit)(theirs)
		}
	}
	str := func(how string) func(string) verdict {
		return any(func(mine, theirs string) verdict { return r.equalStrings(mine, theirs, how, c.Key, variables) })
	}
	ordered := func(read func(string) (*big.Rat, bool), holds func(int) bool) func(string) verdict {
		return func(theirs string) verdict {
			b, ok := read(theirs)
			if !ok {
				return maybe
			}
			return any(func(mine, _ string) verdict {
				a, ok := read(mine)
				if !ok {
					return maybe
				}
				return verdictOf(holds(b.Cmp(a)))
			})(theirs)
		}
	}
	orders := map[string]func(int) bool{
		"Equals": func(c int) bool { return c == 0 }, "NotEquals": func(c int) bool { return c == 0 },
		"LessThan": func(c int) bool { return c < 0 }, "LessThanEquals": func(c int) bool { return c <= 0 },
		"GreaterThan": func(c int) bool { return c > 0 }, "GreaterThanEquals": func(c int) bool { return c >= 0 },
	}
	if order, ok := strings.CutPrefix(name, "Numeric"); ok && orders[order] != nil {
		return ordered(readNumber, orders[order]), order == "NotEquals"
	}
	if order, ok := strings.CutPrefix(name, "Date"); ok && orders[order] != nil {
		return ordered(readDate, orders[order]), order == "NotEquals"
	}
	switch name {
	case "StringEquals", "StringNotEquals":
		return str("exact"), name == "StringNotEquals"
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
		return str("fold"), name == "StringNotEqualsIgnoreCase"
	case "StringLike", "StringNotLike":
		return str("like"), name == "StringNotLike"
	case "Bool":
		return func(theirs string) verdict { return equalBools(c.Values, theirs) }, false
	case "BinaryEquals":
		return readable(isBase64, equalBytes), false
	case "IpAddress", "NotIpAddress":
		return readable(isAddress, inRange), name == "NotIpAddress"
	case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike":
		negated := strings.Contains(name, "Not")
		return func(theirs string) verdict {
			if !isARN(theirs) {
				return maybe
			}
			for _, mine := range c.Values { // from the left, until one says something
				if v := r.likeARN(mine, theirs, negated, variables); v != no {
					return v
				}
			}
			return no
		}, negated
	}
	return nil, false
}

func (r *evaluation) equalStrings(mine, theirs, how, key string, variables bool) verdict {
	value := expanded{pattern: literal(mine)}
	if how == "like" {
		value.pattern = wild(mine)
	}
	if variables {
		value = r.expand(mine, how == "like")
	}
	switch {
	case value.malformed || value.unclear:
		return maybe
	case value.missing:
		return no // which a negated operator takes for a match
	case how == "like":
		return verdictOf(fits(value.pattern, theirs))
	case how == "exact":
		return verdictOf(text(value.pattern) == theirs)
	}
	equal := asAWSLowers(text(value.pattern)) == asAWSLowers(theirs)
	if asciiLower(key) == "aws:tagkeys" && equal && asciiLower(text(value.pattern)) != asciiLower(theirs) {
		return maybe // equal as texts, different as keys
	}
	return verdictOf(equal)
}

func isARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5 }

func isAddress(s string) bool { return net.ParseIP(s) != nil }

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}

// likeARN compares six parts one by one.
func (r *evaluation) likeARN(mine, theirs string, negated, variables bool) verdict {
	other := strings.SplitN(theirs, ":", 6)
	value := expanded{pattern: wild(mine)}
	if variables {
		value = r.expand(mine, true)
	}
	six := parts(value.pattern)
	switch {
	case value.malformed || value.unclear || !value.has && len(six) < 6:
		return maybe
	case value.missing && negated:
		return maybe // documented for String operators only
	case value.missing:
		return no
	}
	if len(six) < 6 {
		return maybe // with its variables filled in it is no ARN
	}
	for i := range other {
		if !fits(six[i], other[i]) {
			return no
		}
	}
	return yes
}

var number = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$`)

func readNumber(s string) (*big.Rat, bool) {
	if !number.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

var (
	epoch = regexp.MustCompile(`^[+-]?[0-9]+$`)
	year  = regexp.MustCompile(`^[0-9]{4}$`)
	date  = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?` +
		`(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?)?)?$`)
)

// readDate reads a date as seconds since 1970.
func readDate(s string) (*big.Rat, bool) {
	if epoch.MatchString(s) && !year.MatchString(s) {
		r, ok := new(big.Rat).SetString(s)
		return r, ok && len(strings.TrimLeft(s, "+-")) <= 15
	}
	m := date.FindStringSubmatch(s)
	if m == nil {
		return nil, false
	}
	n := func(i, otherwise int) int {
		if m[i] == "" {
			return otherwise
		}
		v, _ := strconv.Atoi(m[i])
		return v
	}
	month, day, hour, minute, second := n(2, 1), n(3, 1), n(4, 0), n(5, 0), n(6, 0)
	t := time.Date(n(1, 0), time.Month(month), day, hour, minute, second, 0, time.UTC)
	if month < 1 || month > 12 || t.Day() != day || hour > 23 || minute > 59 || second > 59 || n(9, 0) > 23 || n(10, 0) > 59 {
		return nil, false
	}
	offset := n(9, 0)*3600 + n(10, 0)*60
	if m[8] == "-" {
		offset = -offset
	}
	r := new(big.Rat).SetInt64(t.Unix() - int64(offset))
	if m[7] != "" {
		fraction, _ := new(big.Rat).SetString("0." + (m[7] + "000")[:3])
		r.Add(r, fraction)
	}
	return r, true
}

// equalBools tells whether a boolean is among the policy's.
func equalBools(mine []string, theirs string) verdict {
	if !strings.EqualFold(theirs, "true") && !strings.EqualFold(theirs, "false") {
		return maybe
	}
	out := no
	for _, v := range mine {
		switch {
		case strings.EqualFold(v, theirs):
			out = yes
		case !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false"):
			out = max(out, maybe)
		}
	}
	return out
}

func equalBytes(mine, theirs string) verdict {
	if !isBase64(mine) {
		return maybe
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(mine); err != nil {
		return maybe
	}
	return verdictOf(mine == theirs) // AWS was seen to compare the texts
}

// inRange tells whether an address is in a range.
func inRange(mine, theirs string) verdict {
	address := net.ParseIP(theirs)
	if !strings.Contains(mine, "/") {
		other := net.ParseIP(mine)
		if other == nil {
			return maybe
		}
		return verdictOf(other.Equal(address))
	}
	_, network, err := net.ParseCIDR(mine)
	if err != nil {
		return maybe
	}
	return verdictOf(network.Contains(address))
}

var lastSigma = regexp.MustCompile(`((?:\p{Lu}|\p{Ll}|\p{Lt})[\p{Mn}\p{Cf}\p{Lm}\p{Sk}'.:]*)Σ([\p{Mn}\p{Cf}\p{Lm}\p{Sk}'.:]*)($|[^\p{Lu}\p{Ll}\p{Lt}\p{Mn}\p{Cf}\p{Lm}\p{Sk}'.:])`)

// asAWSLowers is lower case as Unicode has it in full, for no language, of characters up to U+FFFF.
func asAWSLowers(s string) string {
	if strings.Contains(s, "Σ") {
		s = lastSigma.ReplaceAllString(s, "${1}ς${2}${3}")
	}
	s = strings.ReplaceAll(s, "İ", "i\u0307")
	return strings.Map(func(c rune) rune {
		if c > 0xFFFF {
			return c
		}
		return unicode.ToLower(c)
	}, s)
}
