package analyzer

import (
	"strings"
	"sync"

	"iamd/catalog"
)

// arn is an ARN taken apart: partition, service, region, account and resource, and where in the text each starts.
type arn struct {
	field [6]string
	at    [6]int
}

// The fields of an ARN.
const (
	arnPrefix = iota
	arnPartition
	arnService
	arnRegion
	arnAccount
	arnResource
)

// readARN cuts a text at its first five colons, those within ${…} left out. n is how many fields there are.
func readARN(s string) (a arn, n int) {
	from, depth := 0, false
	for i := 0; i < len(s) && n < arnResource; i++ {
		switch {
		case strings.HasPrefix(s[i:], "${"):
			depth = true
		case s[i] == '}':
			depth = false
		case s[i] == ':' && !depth:
			a.field[n], a.at[n] = s[from:i], from
			n++
			from = i + 1
		}
	}
	a.field[n], a.at[n] = s[from:], from
	return a, n + 1
}

// part is the place of one field of the ARN that a value holds.
func (a *arn) part(v *value, field int) place {
	return v.part(a.at[field], a.at[field]+len(a.field[field]))
}

// open tells whether a field is not written out: it has wildcards or variables.
func open(field string) bool { return wild(field) || strings.Contains(field, "${") }

// arnFormat is how the ARNs of a type of resource look. Any region or account is a *, none is "".
type arnFormat struct {
	service, region, account string
	resource                 string // a pattern
}

// arnFormats are the formats of all types of resources by the service that stands in the ARN, which need not be the
// prefix of its actions. It is made on first use, which reads the whole catalogue.
var arnFormats = sync.OnceValue(func() map[string][]arnFormat {
	all := map[string][]arnFormat{}
	for s := range catalog.Services() {
		for r := range s.ResourceTypes() {
			a, n := readARN(r.ARN)
			if n < len(a.field) {
				continue
			}
			f := arnFormat{
				service: a.field[arnService], region: anything(a.field[arnRegion]),
				account: anything(a.field[arnAccount]), resource: anything(a.field[arnResource]),
			}
			if strings.HasPrefix(f.service, "${") {
				f.service = s.Prefix // recovery points of AWS Backup, whose ARNs are those of many services
			}
			all[f.service] = append(all[f.service], f)
		}
	}
	return all
})

// anything puts a * for each ${…} and <…> of a format.
func anything(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "$<")
		if i < 0 {
			break
		}
		end := strings.IndexAny(s[i:], "}>")
		if end < 0 {
			break
		}
		b.WriteString(s[:i])
		b.WriteByte('*')
		s = s[i+end+1:]
	}
	return b.String() + s
}

// meet tells whether there is a text that both patterns match. Two patterns with stars have one in common when
// neither their starts nor their ends contradict each other, so the time is linear.
func meet(a, b string) bool {
	i, j := strings.IndexByte(a, '*'), strings.IndexByte(b, '*')
	switch {
	case i < 0 && j < 0:
		return len(a) == len(b) && agree(a, b)
	case i < 0:
		return meet(b, a)
	case j < 0 && strings.IndexByte(b, '?') < 0:
		return covers(a, b)
	case j < 0:
		j = len(b)
	}
	if n := min(i, j); !agree(a[:n], b[:n]) {
		return false
	}
	a, b = a[strings.LastIndexByte(a, '*')+1:], b[strings.LastIndexByte(b, '*')+1:]
	n := min(len(a), len(b))
	return agree(a[len(a)-n:], b[len(b)-n:])
}

// agree tells whether two strings of the same length are the same where neither has a question mark.
func agree(a, b string) bool {
	for i := range len(a) {
		if a[i] != b[i] && a[i] != '?' && b[i] != '?' {
			return false
		}
	}
	return true
}
