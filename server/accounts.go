package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"time"

	"iamd/iam"
	"iamd/store"
)

// CreateAccount makes an account and gives its root user's key, and the password
// for the console, this once. The e-mail address names the root user and must be
// free; without one there is no password either, as nobody could sign in by it.
func (s *Server) CreateAccount(ctx context.Context, name, email string) (*Credentials, error) {
	root := Root{AccountName: name, Email: email}
	if email != "" {
		root.Password = newPassword(s.cfg.Rand)
	}
	return s.createAccount(ctx, root)
}

// tries bounds how often a number that is taken is replaced by another.
const tries = 8

func (s *Server) createAccount(ctx context.Context, root Root) (*Credentials, error) {
	if err := checkRoot(root); err != nil {
		return nil, err
	}
	c := &Credentials{AccountName: root.AccountName, Email: root.Email, Password: root.Password}
	var err error
	c.AccountID, err = s.beginAccount(ctx, root, func(d *iam.Draft) {
		c.AccessKeyID, c.SecretAccessKey = d.Begin(iam.NewAccountInput{
			Name: root.AccountName, Email: root.Email, KeyID: root.AccessKeyID, Secret: root.SecretAccessKey, Password: root.Password,
		})
	})
	if err != nil {
		return nil, err
	}
	s.deliver(ctx, c.AccountID, root.Email)
	return c, nil
}

// deliver hands a new account the invitations that waited for its number, and for
// an e-mail address that somebody vouches for.
func (s *Server) deliver(ctx context.Context, account, vouched string) {
	if err := s.joined.deliver(ctx, account, vouched); err != nil {
		s.cfg.Log.Error("invitations not delivered", "account", account, "error", err)
	}
}

// beginAccount makes an account that begins as it is told, under root's number or
// any that is free.
func (s *Server) beginAccount(ctx context.Context, root Root, begin func(*iam.Draft)) (id string, err error) {
	for range tries {
		if id = root.AccountID; id == "" {
			id = iam.NewAccountID(s.cfg.Rand)
		}
		err := s.accounts.Create(ctx, id, func(d *iam.Draft) error {
			begin(d)
			return nil
		})
		var taken *store.TakenError
		switch {
		case err == nil:
			return id, nil
		case errors.Is(err, store.ErrExists) && root.AccountID == "":
			continue
		case errors.As(err, &taken) && taken.Space == iam.SpaceRootEmail:
			return "", &iam.Error{Code: iam.CodeEntityAlreadyExists, Message: "An account with the e-mail address " + root.Email + " exists already.", Err: err}
		default:
			return "", err
		}
	}
	return "", errors.New("no free account number was found")
}

func checkRoot(root Root) error {
	if len(root.AccountName) == 0 || len(root.AccountName) > 50 {
		return iam.Errorf(iam.CodeInvalidInput, "An account's name has 1 to 50 characters.")
	}
	if root.Email != "" {
		if a, err := mail.ParseAddress(root.Email); err != nil || a.Address != root.Email || len(root.Email) > 64 {
			return iam.Errorf(iam.CodeInvalidInput, "%q is no e-mail address of at most 64 characters.", root.Email)
		}
	}
	if id := root.AccountID; id != "" && (len(id) != 12 || !digits(id)) {
		return iam.Errorf(iam.CodeInvalidInput, "An account number is 12 digits: %q is not (IAMD_ACCOUNT_ID).", id)
	}
	if id := root.AccessKeyID; id != "" && (len(id) < 16 || len(id) > 128 || !word(id)) {
		return iam.Errorf(iam.CodeInvalidInput, "An access key id is 16 to 128 letters and digits (IAMD_ROOT_ACCESS_KEY_ID).")
	}
	if root.AccessKeyID != "" && root.AccessKeyID[:4] == iam.PrefixTempKey {
		return iam.Errorf(iam.CodeInvalidInput, "An access key id that begins with ASIA is a temporary one: choose another (IAMD_ROOT_ACCESS_KEY_ID).")
	}
	if secret := root.SecretAccessKey; secret != "" && len(secret) < 16 {
		return iam.Errorf(iam.CodeInvalidInput, "A secret access key has at least 16 characters (IAMD_ROOT_SECRET_ACCESS_KEY).")
	}
	if n := len(root.Password); n > 0 && (n < 8 || n > 128) {
		return iam.Errorf(iam.CodeInvalidInput, "A password has 8 to 128 characters (IAMD_ROOT_PASSWORD).")
	}
	return nil
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func word(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

// AccountInfo is a line of the list of accounts.
type AccountInfo struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email,omitempty"`
	Created time.Time `json:"created"`
}

// ListAccounts lists every account by its number.
func (s *Server) ListAccounts(ctx context.Context) ([]AccountInfo, error) {
	list := []AccountInfo{}
	for after := ""; ; {
		ids, err := s.accounts.IDs(ctx, after, many)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			a, err := s.accounts.View(ctx, id)
			if err != nil {
				return nil, err
			}
			list = append(list, AccountInfo{ID: id, Name: a.Name, Email: a.Root.Email, Created: a.CreateDate})
		}
		if len(ids) < many {
			return list, nil
		}
		after = ids[len(ids)-1]
	}
}

// Admin serves GET and POST /accounts, POST /accounts/ID/root-password,
// GET /traces/REQUEST-ID, GET /export, POST /import and GET /debug/pprof/, without asking who calls: it belongs on a socket that
// only the operator can open.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /accounts", func(w http.ResponseWriter, r *http.Request) {
		list, err := s.ListAccounts(r.Context())
		s.reply(w, http.StatusOK, list, err)
	})
	mux.HandleFunc("POST /accounts", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Name, Email string }
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			s.reply(w, 0, nil, iam.Errorf(iam.CodeInvalidInput, "The body is not {\"name\": …, \"email\": …}: %s", err))
			return
		}
		c, err := s.CreateAccount(r.Context(), in.Name, in.Email)
		s.reply(w, http.StatusCreated, c, err)
	})
	mux.HandleFunc("POST /accounts/{id}/root-password", func(w http.ResponseWriter, r *http.Request) {
		c, err := s.ResetRootPassword(r.Context(), r.PathValue("id"))
		s.reply(w, http.StatusOK, c, err)
	})
	mux.HandleFunc("GET /traces/{id}", func(w http.ResponseWriter, r *http.Request) {
		t, err := s.Trace(r.Context(), r.PathValue("id"))
		s.reply(w, http.StatusOK, t, err)
	})
	s.keyringAdmin(mux)
	s.backupAdmin(mux)
	s.movable(mux)
	debugAdmin(mux)
	return mux
}

func (s *Server) reply(w http.ResponseWriter, status int, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		status, v = http.StatusInternalServerError, map[string]string{"error": "InternalFailure", "message": "See the server's log."}
		var e *iam.Error
		if errors.As(err, &e) {
			status, v = http.StatusBadRequest, map[string]string{"error": e.Code, "message": e.Message}
		} else {
			s.cfg.Log.Error("admin call failed", "error", err)
		}
	}
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_ = json.NewEncoder(w).Encode(v)
}
