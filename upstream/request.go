package upstream

import (
	"fmt"
	"net/http"
	"strconv"
)

// check fails with ErrMalformed where the request would read as another, or as two.
func (r *Request) check() error {
	switch {
	case !isToken(r.Method) || !isVisible(r.Target) || r.Target[0] != '/' || !isVisible(r.Host):
		return fmt.Errorf("%w: its first line or host", ErrMalformed)
	case len(r.Body) > MaxBody:
		return fmt.Errorf("%w: its body is too long", ErrMalformed)
	}
	for name, values := range r.Header {
		for _, v := range values {
			if !isToken(name) || !isValue(v) {
				return fmt.Errorf("%w: the header %q", ErrMalformed, name)
			}
		}
	}
	for _, f := range r.Fields {
		if !isToken(f.Name) || !isValue(f.Value) {
			return fmt.Errorf("%w: the header %q", ErrMalformed, f.Name)
		}
	}
	return nil
}

// appendTo appends the request, which was checked, as it goes on the wire.
func (r *Request) appendTo(b []byte) []byte {
	b = append(append(b, r.Method...), ' ')
	b = append(append(b, r.Target...), " HTTP/1.1\r\n"...)
	b = appendField(b, "Host", r.Host)
	for name, values := range r.Header {
		switch {
		case name == "Host" || name == "Content-Length" || name == "Transfer-Encoding" || name == "Trailer":
			continue
		case r.Keep != nil && !r.Keep(name, values):
			continue
		}
		for _, v := range values {
			b = appendField(b, name, v)
		}
	}
	for _, f := range r.Fields {
		b = appendField(b, f.Name, f.Value)
	}
	if len(r.Body) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(r.Body)), 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	return append(b, r.Body...)
}

func appendField(b []byte, name, value string) []byte {
	b = append(append(b, name...), ": "...)
	return append(append(b, value...), "\r\n"...)
}

// asks tells whether sending the request twice does no more than once.
// https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1
func (r *Request) asks() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return len(r.Body) == 0
	}
	return false
}

func isToken(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

// tokenByte holds the characters of methods and header names.
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
var tokenByte = func() (table [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		table[c] = true
	}
	return table
}()

func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// isValue lets spaces, tabs and what is beyond ASCII pass.
func isValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
