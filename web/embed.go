package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Path is where the console is served.
const Path = "/console/"

// dist is what the app was built to. A plain `go build` finds only .gitkeep.
//
//go:embed all:dist
var dist embed.FS

// Config says how the console is served. Zero values are the defaults that the
// comments name.
type Config struct {
	// Files are the app's; nil: those in this program.
	Files fs.FS
	// Secure tells whether a request came by TLS; nil: none did.
	Secure func(*http.Request) bool
	Log    *slog.Logger // nil: discarded
}

// New serves the app's files under Path, by GET and HEAD.
func New(cfg Config) http.Handler {
	if cfg.Files == nil {
		cfg.Files = app()
	}
	if cfg.Secure == nil {
		cfg.Secure = func(*http.Request) bool { return false }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{cfg: cfg}
	h.files = sync.OnceValue(func() map[string]*file {
		files, err := table(cfg.Files)
		if err != nil {
			cfg.Log.Error("the console's files are not readable", "error", err)
		}
		return files
	})
	return h
}

// app is the built app, without the folder's name.
func app() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: " + err.Error()) // the name is a constant
	}
	return files
}

type handler struct {
	cfg   Config
	files func() map[string]*file
}

// file is one file of the app.
type file struct {
	stored string // its name, with .gz when it is compressed
	packed bool
	size   int64  // as stored
	etag   string // of its content as stored
	kind   string // its media type
	kept   string // how long clients may keep it
}

const (
	index  = "index.html"
	packed = ".gz"

	// What a name with a hash stands for never changes.
	forEver = "public, max-age=31536000, immutable"
	anew    = "no-cache"
)

// kinds are the media types of what the app is made of: the system's own table
// differs from machine to machine. Nothing else is served.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".txt": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
	".ico": "image/x-icon", ".woff": "font/woff", ".woff2": "font/woff2",
}

// table finds the files that may be asked for, by their names.
func table(files fs.FS) (map[string]*file, error) {
	all := map[string]*file{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f := &file{stored: name, kept: anew}
		plain := name
		plain, f.packed = strings.CutSuffix(name, packed)
		if f.kind = kinds[path.Ext(plain)]; f.kind == "" {
			return nil
		}
		if strings.HasPrefix(plain, "assets/") {
			f.kept = forEver
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		f.size, f.etag = int64(len(content)), `"`+hex.EncodeToString(sum[:16])+`"`
		if other := all[plain]; other == nil || f.packed {
			all[plain] = f
		}
		return nil
	})
	return all, err
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Protect(w.Header(), h.cfg.Secure(r))
	name, below := strings.CutPrefix(r.URL.Path, Path)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "The console's pages are read by GET.")
		return
	case r.URL.Path+"/" == Path:
		w.Header().Set("Location", Path)
		refuse(w, http.StatusMovedPermanently, "The console is at "+Path)
		return
	case !below:
		refuse(w, http.StatusNotFound, "Not found.")
		return
	}
	files := h.files()
	if files[index] == nil {
		refuse(w, http.StatusServiceUnavailable, "The console is not built into this program. Build it with: make build")
		return
	}
	if name == "" {
		name = index
	} else if name == index {
		name = "" // it has one address
	}
	f := files[name]
	if f == nil {
		refuse(w, http.StatusNotFound, "Not found.")
		return
	}
	if err := h.send(w, r, f); err != nil {
		h.cfg.Log.Debug("a file of the console not sent whole", "file", f.stored, "error", err)
	}
}

func (h *handler) send(w http.ResponseWriter, r *http.Request, f *file) error {
	content, err := h.cfg.Files.Open(f.stored)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "See the server's log.")
		return err
	}
	defer content.Close()
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Cache-Control", f.kept)
	body, ok := content.(io.ReadSeeker)
	if !ok {
		refuse(w, http.StatusInternalServerError, "See the server's log.")
		return fs.ErrInvalid
	}
	if f.packed {
		return SendPacked(w, r, body, f.size, f.etag)
	}
	header.Set("Etag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

func refuse(w http.ResponseWriter, status int, line string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = io.WriteString(w, line+"\n")
}
