package mock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
)

// maxDocument bounds a document and each file that it refers to, in bytes.
const maxDocument = 32 << 20

// Source is a document as it was written: OpenAPI 2, 3.0 or 3.1, in JSON or YAML.
type Source struct {
	Name string // for errors; its last element is what the document is called among Files
	Data []byte
	// Files are what its relative references may read; nil: nothing.
	Files fs.FS
}

// Load reads files, and of directories and those below them the files that end
// in .json, .yaml or .yml, in order of their names. In a directory, files that
// are no OpenAPI documents and names that begin with a dot are passed over.
func Load(paths ...string) ([]Source, error) {
	var all []Source
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("mock: %w", err)
		}
		if !info.IsDir() {
			s, err := loadFile(path)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
			continue
		}
		found, err := loadFolder(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("mock: %s: there is no OpenAPI document in it", path)
		}
		all = append(all, found...)
	}
	return all, nil
}

func loadFolder(root string) ([]Source, error) {
	var found []Source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(path)):
			return nil
		}
		s, err := loadFile(path)
		if err != nil {
			return err
		}
		// A part of a document, or another kind of file, is no mistake here.
		if _, version, err := s.read(); err != nil || version != "" {
			found = append(found, s)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mock: %w", err)
	}
	return found, nil
}

func loadFile(path string) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return Source{}, fmt.Errorf("mock: %w", err)
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return Source{}, fmt.Errorf("mock: %s: %w", path, err)
	}
	return Source{Name: path, Data: data, Files: folder(filepath.Dir(path))}, nil
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("a document may have %d bytes", maxDocument)
	}
	return data, err
}

// folder is a directory that no name and no symbolic link leads out of.
type folder string

func (f folder) Open(name string) (fs.File, error) {
	file, err := os.OpenInRoot(string(f), name)
	if err != nil {
		return nil, err // a nil *os.File must not become a file
	}
	return file, nil
}

// read gives the document as JSON, and which version of OpenAPI it says it is;
// empty if it does not say.
func (s Source) read() (data []byte, version string, err error) {
	data = bytes.TrimPrefix(s.Data, []byte("\ufeff"))
	if text := bytes.TrimSpace(data); len(text) == 0 || text[0] != '{' {
		if err := checkAliases(data); err != nil {
			return nil, "", fmt.Errorf("it can't be read: %w", err)
		}
		if data, err = yaml.YAMLToJSON(data); err != nil {
			return nil, "", fmt.Errorf("it can't be read: %w", err)
		}
	}
	var head struct{ OpenAPI, Swagger any }
	var other *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &head); err != nil && !errors.As(err, &other) {
		return nil, "", fmt.Errorf("it can't be read: %w", err)
	}
	if v := cmp.Or(head.OpenAPI, head.Swagger); v != nil {
		version = fmt.Sprint(v)
	}
	return data, version, nil
}

// parse reads the document and whatever it refers to; what it gives is OpenAPI 3.
func (s Source) parse() (*openapi3.T, error) {
	data, version, err := s.read()
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = s.open
	base := &url.URL{Path: filepath.Base(filepath.ToSlash(s.Name))}
	switch {
	case strings.HasPrefix(version, "2"):
		var old openapi2.T
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		settle(&old)
		return openapi2conv.ToV3WithLoader(&old, loader, base)
	case strings.HasPrefix(version, "3"):
		return loader.LoadFromDataWithPath(data, base)
	default:
		return nil, errors.New(`it is no OpenAPI document of version 2 or 3: it says neither "swagger: 2.0" nor "openapi: 3…"`)
	}
}

// open reads what a reference names, if the document may.
func (s Source) open(_ *openapi3.Loader, from *url.URL) ([]byte, error) {
	if from.Scheme != "" || from.Host != "" || from.Opaque != "" {
		return nil, fmt.Errorf("reference to %s: nothing is fetched", from)
	}
	if !fs.ValidPath(from.Path) {
		return nil, fmt.Errorf("reference to %s: it leads out of the document's directory", from)
	}
	if s.Files == nil {
		return nil, fmt.Errorf("reference to %s: the document has no files beside it", from)
	}
	f, err := s.Files.Open(from.Path)
	if err != nil {
		return nil, fmt.Errorf("reference to %s: %w", from, err)
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("reference to %s: %w", from, err)
	}
	return data, nil
}

// settle writes into an OpenAPI 2 document what it leaves to defaults, where
// the conversion to OpenAPI 3 would take those of OpenAPI 3.
func settle(doc *openapi2.T) {
	if len(doc.Consumes) == 0 {
		doc.Consumes = []string{"application/json"}
	}
	for _, item := range doc.Paths {
		if item == nil {
			continue
		}
		settleArrays(item.Parameters)
		for _, op := range item.Operations() {
			settleArrays(op.Parameters)
			if len(op.Produces) == 0 {
				op.Produces = doc.Produces
			}
			if len(op.Consumes) == 0 {
				op.Consumes = formTypes(op.Parameters)
			}
		}
	}
	for _, p := range doc.Parameters {
		settleArrays(openapi2.Parameters{p})
	}
}

func settleArrays(list openapi2.Parameters) {
	for _, p := range list {
		if p != nil && p.In == "query" && p.Type.Is("array") && p.CollectionFormat == "" {
			p.CollectionFormat = "csv"
		}
	}
}

// formTypes are the media types of an operation that takes a form and does not
// say which; nil for others.
func formTypes(list openapi2.Parameters) (types []string) {
	for _, p := range list {
		switch {
		case p == nil || p.In != "formData":
		case p.Type.Is("file"):
			return []string{"multipart/form-data"}
		default:
			types = []string{"application/x-www-form-urlencoded", "multipart/form-data"}
		}
	}
	return types
}
