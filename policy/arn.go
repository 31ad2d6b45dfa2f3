package policy

import "strings"

// arn is the six parts of an ARN: arn, partition, service, region, account, resource.
type arn [6]string

// cutARN splits s at its first five colons. It is false if there are fewer.
func cutARN(s string) (a arn, ok bool) {
	for i := 0; i < 5; i++ {
		if a[i], s, ok = strings.Cut(s, ":"); !ok {
			return a, false
		}
	}
	a[5] = s
	return a, true
}

// sixthPart is the byte offset of an ARN's sixth part, and len(s) if it has none.
func sixthPart(s string) int {
	colons := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ':' {
			if colons++; colons == 5 {
				return i + 1
			}
		}
	}
	return len(s)
}

// isAccount tells whether s is an account number: 12 digits.
func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// partitions are AWS's, for what a resource may name.
var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

// isPartition tells whether s, which may hold wildcards, names a partition.
func isPartition(s string) bool {
	for _, p := range partitions {
		if s == p || strings.ContainsAny(s, "*?") && matchWild(s, p, 0) {
			return true
		}
	}
	return false
}
