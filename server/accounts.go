package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"time"

	"iamd/iam"
	"iamd/store"
)

// begin makes the first account of a store that holds none. Its root key is on
// disk before the account is, under a name of its own until both are.
func (s *Server) begin(ctx context.Context, fresh bool) error {
	file := RootFile(s.cfg.DataDir)
	if !fresh {
		return s.keep(file)
	}
	root := s.cfg.Root
	if root.AccountName == "" {
		root.AccountName = "root"
	}
	if root.AccountID == "" {
		root.AccountID = iam.NewAccountID(s.cfg.Rand)
	}
	if err := checkRoot(root); err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	if root.AccessKeyID == "" {
		root.AccessKeyID = iam.NewKeyID(s.cfg.Rand, iam.PrefixAccessKey, root.AccountID)
	}
	if root.SecretAccessKey == "" {
		root.SecretAccessKey = iam.NewSecret(s.cfg.Rand)
	}
	if err := writeKey(file+pending, root.AccessKeyID, root.SecretAccessKey); err != nil {
		return fmt.Errorf("root credentials: %w", err)
	}
	c, err := s.createAccount(ctx, root)
	if err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	if err := s.keep(file); err != nil {
		return err
	}
	c.File, s.first = file, c
	return nil
}

// RootFile is where the first start leaves the root user's key.
func RootFile(dataDir string) string { return filepath.Join(dataDir, "root-credentials.csv") }

// pending ends the name of a key file whose account may not be made yet.
const pending = ".new"

// keep gives the key file its name once the account stands; a start that ended
// in between left that to the next.
func (s *Server) keep(file string) error {
	if _, err := os.Stat(file + pending); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	// A file of that name is the key of a store that is gone; it is kept.
	if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("root credentials: %w", err)
	}
	if err := os.Rename(file+pending, file); err != nil {
		return fmt.Errorf("root credentials: %w", err)
	}
	return nil
}

// writeKey writes a key in AWS's form of a key file, for the owner alone, over
// what an earlier start left.
func writeKey(file, id, secret string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "Access key ID,Secret access key\n%s,%s\n", id, secret)
	return errors.Join(err, f.Sync(), f.Close())
}

// CreateAccount makes an account and gives its root user's key, this once. The
// e-mail address names the root user and must be free; empty leaves it out.
func (s *Server) CreateAccount(ctx context.Context, name, email string) (*Credentials, error) {
	return s.createAccount(ctx, Root{AccountName: name, Email: email})
}

// tries bounds how often a number that is taken is replaced by another.
const tries = 8

func (s *Server) createAccount(ctx context.Context, root Root) (*Credentials, error) {
	if err := checkRoot(root); err != nil {
		return nil, err
	}
	for range tries {
		id := root.AccountID
		if id == "" {
			id = iam.NewAccountID(s.cfg.Rand)
		}
		c := &Credentials{AccountID: id, AccountName: root.AccountName, Email: root.Email}
		err := s.accounts.Create(ctx, id, func(d *iam.Draft) error {
			c.AccessKeyID, c.SecretAccessKey = d.Begin(iam.NewAccountInput{
				Name: root.AccountName, Email: root.Email, KeyID: root.AccessKeyID, Secret: root.SecretAccessKey, Password: root.Password,
			})
			return nil
		})
		var taken *store.TakenError
		switch {
		case err == nil:
			if err := s.joined.deliver(ctx, id, root.Email); err != nil {
				s.cfg.Log.Error("invitations not delivered", "account", id, "error", err)
			}
			return c, nil
		case errors.Is(err, store.ErrExists) && root.AccountID == "":
			continue
		case errors.As(err, &taken) && taken.Space == iam.SpaceRootEmail:
			return nil, &iam.Error{Code: iam.CodeEntityAlreadyExists, Message: "An account with the e-mail address " + root.Email + " exists already.", Err: err}
		default:
			return nil, err
		}
	}
	return nil, errors.New("no free account number was found")
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

// Admin serves GET and POST /accounts and GET /traces/REQUEST-ID, without asking
// who calls: it belongs on a socket that only the operator can open.
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
	mux.HandleFunc("GET /traces/{id}", func(w http.ResponseWriter, r *http.Request) {
		t, err := s.Trace(r.Context(), r.PathValue("id"))
		s.reply(w, http.StatusOK, t, err)
	})
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
