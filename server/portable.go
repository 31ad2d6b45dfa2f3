package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"iamd/iam"
	"iamd/org"
	"iamd/portable"
	"iamd/store"
)

// ExportOptions say what an export holds.
type ExportOptions struct {
	// Account is the number of the one account; "" for all, and the organizations.
	Account string
	// Secrets are in it as they are kept: sealed by the keyring, or hashed.
	Secrets bool
}

// Export writes accounts as they are now, one after the other. Nothing is written
// when the account is not there; an error later leaves a part.
func (s *Server) Export(ctx context.Context, w io.Writer, o ExportOptions) error {
	if o.Account != "" {
		if _, err := s.exported(ctx, o.Account); err != nil {
			return err
		}
	}
	out := portable.NewWriter(w, o.Secrets)
	account := func(id string) error {
		a, err := s.exported(ctx, id)
		if err != nil {
			return err
		}
		apps, err := s.registered.View(ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return out.Account(a, apps)
	}
	if o.Account != "" {
		if err := account(o.Account); err != nil {
			return err
		}
		return out.Close()
	}
	if err := s.everyAccount(ctx, account); err != nil {
		return err
	}
	if err := s.joined.each(ctx, func(in *org.Organization) error {
		if in.FeatureSet == "" { // it was deleted
			return nil
		}
		return out.Organization(in)
	}); err != nil {
		return err
	}
	return out.Close()
}

func (s *Server) exported(ctx context.Context, id string) (*iam.Account, error) {
	if len(id) != 12 || !digits(id) {
		return nil, iam.Errorf(iam.CodeInvalidInput, "An account number is 12 digits: %q is not.", id)
	}
	a, err := s.accounts.View(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &iam.Error{Code: iam.CodeNoSuchEntity, Message: "There is no account " + id + ".", Err: err}
	}
	return a, err
}

// everyAccount calls fn with the number of every account.
func (s *Server) everyAccount(ctx context.Context, fn func(id string) error) error {
	for after := ""; ; {
		ids, err := s.accounts.IDs(ctx, after, many)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := fn(id); err != nil {
				return err
			}
		}
		if len(ids) < many {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// movable serves GET /export and POST /import of Admin. Both may take longer than
// other calls of the socket.
func (s *Server) movable(mux *http.ServeMux) {
	mux.HandleFunc("GET /export", func(w http.ResponseWriter, r *http.Request) {
		unhurried(w)
		q := r.URL.Query()
		o := ExportOptions{Account: q.Get("account"), Secrets: q.Get("secrets") == "true"}
		out := &begun{ResponseWriter: w}
		err := s.Export(r.Context(), out, o)
		switch {
		case err == nil:
		case out.any:
			s.cfg.Log.Error("export broken off", "error", err)
			panic(http.ErrAbortHandler) // the answer ends amid itself, and who reads it sees that
		default:
			s.reply(w, 0, nil, err)
		}
	})
	mux.HandleFunc("POST /import", func(w http.ResponseWriter, r *http.Request) {
		unhurried(w)
		q := r.URL.Query()
		dry, err := strconv.ParseBool(q.Get("dry-run"))
		if err != nil {
			s.reply(w, 0, nil, iam.Errorf(iam.CodeInvalidInput, "dry-run is true or false."))
			return
		}
		done, err := s.Import(r.Context(), r.Body, ImportOptions{Account: q.Get("account"), DryRun: dry})
		// Who sends hears the answer once all was sent.
		_, _ = io.Copy(io.Discard, r.Body)
		answer := ImportAnswer{Imported: done}
		if err != nil {
			answer.Error = s.refusal(err)
		}
		s.reply(w, http.StatusOK, answer, nil)
	})
}

// ImportAnswer is what POST /import answers: what was done, and why not more.
type ImportAnswer struct {
	*Imported
	Error string `json:"error,omitempty"`
}

// refusal is a refusal's sentence; what is none stands in the log.
func (s *Server) refusal(err error) string {
	var e *iam.Error
	if errors.As(err, &e) {
		return e.Message
	}
	s.cfg.Log.Error("admin call failed", "error", err)
	return "See the server's log."
}

// unhurried lifts the bounds on how long a request and its answer take.
func unhurried(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	// A writer without deadlines has none to lift.
	_ = errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}))
}

// begun tells whether an answer has begun.
type begun struct {
	http.ResponseWriter
	any bool
}

func (b *begun) Write(p []byte) (int, error) {
	if !b.any {
		b.any = true
		b.Header().Set("Content-Type", "application/json")
	}
	return b.ResponseWriter.Write(p)
}
