package console

import (
	"net/http"
	"path"
	"strings"
)

// ServeHTTP answers requests under /console/: those of the door's own by the table
// of rows, the others with the app's files. A path is taken as it stands; none is
// put right and sent elsewhere.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	own := strings.HasPrefix(r.URL.Path, prefix)
	switch {
	case own && path.Clean(r.URL.Path) == r.URL.Path:
		c.mux.ServeHTTP(w, r)
	case own, c.cfg.Pages == nil:
		c.nowhere(w, r)
	default:
		c.cfg.Pages.ServeHTTP(w, r)
	}
}
