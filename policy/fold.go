package policy

// FoldKey is the form in which condition keys and tag keys are compared: two keys are one key if it is the same for
// both. The letters A to Z turn into lower case; everything else stands for itself, so that no letter of another script
// becomes part of a key that is written without it. It allocates nothing when nothing changes.
func FoldKey(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}

// sameKey tells whether FoldKey is the same for both.
func sameKey(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}
