package saml_test

import (
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

// cut leaves some letters of the last cipher value.
func cut(s string, letters int) string {
	end := strings.LastIndex(s, "</xenc:CipherValue>")
	begin := strings.LastIndex(s[:end], "<xenc:CipherValue>") + len("<xenc:CipherValue>")
	return s[:begin+letters] + s[end:]
}

// sideBySide writes an ECDSA signature's value as the standard has it.
func sideBySide(t *testing.T, s string, size int) string {
	t.Helper()
	before, after, _ := strings.Cut(s, "<ds:SignatureValue>")
	encoded, after, _ := strings.Cut(after, "</ds:SignatureValue>")
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		t.Fatal(err)
	}
	raw := append(v.R.FillBytes(make([]byte, size)), v.S.FillBytes(make([]byte, size))...)
	return before + "<ds:SignatureValue>" + base64.StdEncoding.EncodeToString(raw) + "</ds:SignatureValue>" + after
}

// between is the text of the first element that a tag begins, tags and all.
func between(t *testing.T, s, tag string) string {
	t.Helper()
	begin, end := strings.Index(s, "<"+tag), strings.LastIndex(s, "</"+tag+">")
	if begin < 0 || end < 0 {
		t.Fatalf("no %s in %s", tag, s)
	}
	return s[begin : end+len("</"+tag+">")]
}
