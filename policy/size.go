package policy

// Size returns the number of characters of a document that count against its quota: all but white space.
func Size(src string) int {
	n := 0
	for _, c := range src {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			n++
		}
	}
	return n
}
