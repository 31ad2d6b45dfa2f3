package sigv4

import "time"

const isoBasic = "20060102T150405Z"

func stamp(t time.Time) string { return t.UTC().Format(isoBasic) }

// parseStamp reads YYYYMMDDTHHMMSSZ and nothing else: time.Parse would let
// fractions of a second pass, and the string that is signed has none.
func parseStamp(s string) (time.Time, bool) {
	if len(s) != len(isoBasic) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	var part [7]int // of two digits each: century, year, month, day, hour, minute and second
	for i := range part {
		at := 2 * i
		if i >= 4 {
			at++ // behind the T
		}
		tens, ones := s[at]-'0', s[at+1]-'0'
		if tens > 9 || ones > 9 {
			return time.Time{}, false
		}
		part[i] = int(tens)*10 + int(ones)
	}
	year, month, day := part[0]*100+part[1], time.Month(part[2]), part[3]
	hour, minute, second := part[4], part[5], part[6]
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	// time.Date turns the 31st of April into the 1st of May.
	if day > 28 && t.Day() != day {
		return time.Time{}, false
	}
	return t, true
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
