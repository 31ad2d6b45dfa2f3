package policy

import "unicode/utf8"

// Size returns the number of characters of a document that count against the quotas of IAM, for managed policies, inline
// policies and trust policies: all but white space. The guide makes no exception for white space inside strings, so
// there is none here.
func Size(src string) int {
	n := 0
	for _, c := range src {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			n++
		}
	}
	return n
}

// Size returns the number of characters of a document that count against the quota of its kind. Those of Organizations
// and of sessions count whole, white space and all: it is the console that takes it out of a service control policy
// before it sends it.
func (k Kind) Size(src string) int {
	if k.inOrganizations() || k == Session {
		return utf8.RuneCountInString(src)
	}
	return Size(src)
}
