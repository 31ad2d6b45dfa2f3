package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// SendPacked answers with content that is kept compressed by gzip, of so many
// bytes: as it is kept, or unpacked for the few who take it no other way. The
// ETag is of the content as it is kept. The caller has set the other headers,
// and it fails for content that it cannot unpack, when it has answered already.
func SendPacked(w http.ResponseWriter, r *http.Request, content io.ReadSeeker, size int64, etag string) error {
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		h.Set("Etag", etag)
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.FormatInt(size, 10))
		http.ServeContent(w, r, "", time.Time{}, content)
		return nil
	}
	plain, err := gzip.NewReader(content)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "See the server's log.")
		return err
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(w, plain)
	return err
}

// takesGzip tells whether a client takes content that is compressed so.
func takesGzip(accept []string) bool {
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "gzip" && coding != "*" {
			continue
		}
		_, q, given := strings.Cut(weight, "=")
		if q, err := strconv.ParseFloat(strings.TrimSpace(q), 64); !given || err == nil && q > 0 {
			return true
		}
	}
	return false
}
