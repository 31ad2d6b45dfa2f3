package sink

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// maxHeaders is the greatest length of a file of headers, in bytes.
const maxHeaders = 64 << 10

var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValue = regexp.MustCompile(`^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$`)
)

// ownHeaders say how a request is sent and what is in it, which is not a file's to
// say.
var ownHeaders = []string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Keep-Alive", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Proxy-Connection",
}

// readHeaders reads a file of lines NAME: VALUE; empty lines and lines that begin
// with # are passed over. An error names the line, never what is in it. No file, no
// headers.
func readHeaders(path string) (http.Header, error) {
	h := http.Header{}
	if path == "" {
		return h, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("audit: headers_file: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxHeaders+1))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, fmt.Errorf("audit: headers_file: %w", err)
	}
	if len(text) > maxHeaders {
		return nil, fmt.Errorf("audit: headers_file: %s is longer than %d bytes", path, maxHeaders)
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		one := strings.TrimSpace(string(line))
		if one == "" || one[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(one, ":")
		value = strings.TrimSpace(value)
		switch {
		case !ok || !headerName.MatchString(name) || !headerValue.MatchString(value):
			return nil, fmt.Errorf("audit: headers_file: %s: line %d is no header: write NAME: VALUE, in visible ASCII", path, n)
		case slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)):
			return nil, fmt.Errorf("audit: headers_file: %s: line %d: %s is not yours to set", path, n, http.CanonicalHeaderKey(name))
		}
		h.Add(name, value)
	}
	return h, nil
}
