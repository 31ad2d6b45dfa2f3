package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"iamd/guard"
	"iamd/iam"
	"iamd/sigv4"
)

// Bounds of a request.
const (
	maxBody  = 64 << 10 // bytes
	maxDepth = 16       // of objects and lists in each other
)

// door is how signed rows want to be signed.
var door = guard.Door{Options: sigv4.Options{
	Service: "signin", DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery,
}}

// guarded is a row as a handler: what holds for every row stands here.
func (c *Console) guarded(row row) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := &call{Context: r.Context(), ID: c.newID(), Time: c.cfg.Now(), Origin: c.cfg.Origin(r), Request: r}
		headers(w, k.ID)
		err := c.known(r)
		if err == nil {
			err = sameSite(r)
		}
		if err == nil {
			err = row.serve(c, k, w)
		}
		code := ""
		if err != nil {
			code = c.refuse(w, k, err)
		}
		c.observe(k, "console:"+row.path, code)
	})
}

// observe tells of one call. Rows are few, and so are codes.
func (c *Console) observe(k *call, action, code string) {
	if c.cfg.Observe != nil {
		c.cfg.Observe(k, action, code, k.Caller, c.cfg.Now().Sub(k.Time))
	}
}

// nowhere answers what no row is for.
func (c *Console) nowhere(w http.ResponseWriter, r *http.Request) {
	k := &call{Context: r.Context(), ID: c.newID(), Time: c.cfg.Now(), Request: r}
	headers(w, k.ID)
	c.observe(k, "", c.refuse(w, k, &refusal{http.StatusNotFound, "NotFound", "The console has no such page."}))
}

// headers are on every answer: nobody keeps it, guesses at its type, shows it in a
// frame or runs anything of it.
func headers(w http.ResponseWriter, id string) {
	h := w.Header()
	h.Set("X-Amzn-Requestid", id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// read takes the body in, decodes it and gives its hash.
func (c *Console) read(k *call, w http.ResponseWriter, into any) (hash [32]byte, err error) {
	body, err := receive(k.Request, w)
	if err != nil {
		return hash, err
	}
	return sha256.Sum256(body), decode(body, into)
}

func receive(r *http.Request, w http.ResponseWriter) ([]byte, error) {
	// A form of another site cannot say this type without asking first.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &refusal{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The content type must be application/json."}
	}
	tooLarge := &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than 64 KB."}
	if r.ContentLength > maxBody {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case err != nil:
		return nil, badInput("The request body could not be read.")
	}
	return body, nil
}

// decode fills into from JSON that says nothing twice and nothing unknown.
func decode(body []byte, into any) error {
	if !utf8.Valid(body) || plain(body) != nil {
		return badInput("The request body is not the JSON that is asked for.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badInput("The request body is not the JSON that is asked for.")
	}
	return nil
}

var errJSON = errors.New("JSON that two readers could read in two ways")

// plain makes sure that the body is one object, whose members stand once, in
// whatever case, and in no greater depth than anybody needs.
func plain(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	first, err := d.Token()
	if err != nil || first != json.Delim('{') {
		return errJSON
	}
	if err := members(d, 1); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errJSON
	}
	return nil
}

// members reads the members of an object to its end.
func members(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if name = strings.ToLower(strings.ToUpper(name)); !ok || seen[name] {
			return errJSON
		}
		seen[name] = true
		if err := value(d, depth); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func value(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch {
	case t == json.Delim('{') && depth < maxDepth:
		return members(d, depth+1)
	case t == json.Delim('[') && depth < maxDepth:
		for d.More() {
			if err := value(d, depth+1); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	case t == json.Delim('{') || t == json.Delim('['):
		return errJSON
	}
	return nil
}

// encode writes an answer.
func encode(w http.ResponseWriter, out any) error {
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	// A client that has gone hears no answer.
	_, _ = w.Write(body)
	return nil
}

// row is the signed row as the table has it.
func (s signed[I]) row() row {
	return row{http.MethodPost, s.path, func(c *Console, k *call, w http.ResponseWriter) error {
		in := new(I)
		if err := c.authenticate(k, w, in); err != nil {
			return err
		}
		out, err := s.do(c, k, in)
		if err != nil {
			c.explain(k, k.Caller, w, s.action, err)
			return err
		}
		return encode(w, out)
	}}
}

// authenticate finds who signed a request, and decodes it.
func (c *Console) authenticate(k *call, w http.ResponseWriter, into any) error {
	body, err := receive(k.Request, w)
	if err != nil {
		return err
	}
	if k.Caller, err = c.cfg.Guard.Authenticate(k, k.Request, sha256.Sum256(body), door, k.Origin); err != nil {
		return err
	}
	return decode(body, into)
}

// do authorizes, runs and records one signed call.
func (s signed[I]) do(c *Console, k *call, in *I) (out any, err error) {
	if s.prepare != nil {
		err = s.prepared(c, k, in)
	}
	switch {
	case err != nil:
	case s.write:
		err = c.cfg.Accounts.Update(k, k.Caller.Account, func(d *iam.Draft) error {
			of := *k
			of.Draft, of.Account = d, d.Account
			if out, err = s.admitted(c, &of, in); err != nil {
				return err
			}
			// The event commits with what it records.
			d.Emit(s.told(c, k, in, out, nil).Stored())
			return nil
		})
	default:
		if k.Account, err = c.cfg.Accounts.View(k, k.Caller.Account); err == nil {
			out, err = s.admitted(c, k, in)
		}
	}
	if err != nil || !s.write {
		c.cfg.Audit.Record(s.told(c, k, in, out, err))
	}
	return out, err
}

// prepared admits the caller by the account as it is now, and prepares. The write
// that follows admits once more, by its draft.
func (s signed[I]) prepared(c *Console, k *call, in *I) (err error) {
	if k.Account, err = c.cfg.Accounts.View(k, k.Caller.Account); err != nil {
		return err
	}
	if err := s.admit(c, k, in); err != nil {
		return err
	}
	return s.prepare(c, k, in)
}

func (s signed[I]) admitted(c *Console, k *call, in *I) (any, error) {
	if err := s.admit(c, k, in); err != nil {
		return nil, err
	}
	return s.run(c, k, in)
}

func (s signed[I]) admit(c *Console, k *call, in *I) error {
	if err := c.cfg.Guard.Open(k.Caller, s.action); err != nil || s.checks == nil {
		return err
	}
	need, err := s.checks(k, in)
	if err != nil {
		return err
	}
	for _, check := range need {
		c.cfg.Audit.Attempted(k, k.Caller.Attempt(check.Action))
	}
	return c.cfg.Guard.Authorize(k.Caller, k.Account, need...)
}

// newID makes a random UUID.
func (c *Console) newID() string {
	id, err := uuid.NewRandomFromReader(c.cfg.Rand)
	if err != nil {
		panic("console: no randomness: " + err.Error())
	}
	return id.String()
}
