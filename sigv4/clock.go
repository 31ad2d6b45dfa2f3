package sigv4

import (
	"net/http"
	"time"
)

const isoBasic = "20060102T150405Z"

func stamp(t time.Time) string { return string(appendStamp(nil, t)) }

// appendStamp is AppendFormat(isoBasic) in UTC at a third of the cost, and every
// verification needs it twice.
func appendStamp(dst []byte, t time.Time) []byte {
	year, month, day := t.UTC().Date()
	hour, minute, second := t.UTC().Clock()
	for _, n := range [...]int{year / 100, year % 100, int(month), day} {
		dst = append(dst, '0'+byte(n/10%10), '0'+byte(n%10))
	}
	dst = append(dst, 'T')
	for _, n := range [...]int{hour, minute, second} {
		dst = append(dst, '0'+byte(n/10), '0'+byte(n%10))
	}
	return append(dst, 'Z')
}

// parseStamp reads YYYYMMDDTHHMMSSZ and nothing else: time.Parse would let
// fractions of a second pass, and the string that is signed has none.
func parseStamp(s string) (time.Time, bool) {
	if len(s) != len(isoBasic) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	year, ok1 := number(s[0:4])
	month, ok2 := number(s[4:6])
	day, ok3 := number(s[6:8])
	hour, ok4 := number(s[9:11])
	minute, ok5 := number(s[11:13])
	second, ok6 := number(s[13:15])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// time.Date turns the 31st of April into the 1st of May.
	if t.Month() != time.Month(month) || t.Day() != day {
		return time.Time{}, false
	}
	return t, true
}

// parseDate reads the Date header, which may hold either HTTP's form or the
// basic one.
func parseDate(s string) (time.Time, bool) {
	if t, ok := parseStamp(s); ok {
		return t, true
	}
	t, err := time.Parse(http.TimeFormat, s)
	return t, err == nil
}

func number(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
