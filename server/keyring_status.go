package server

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"iamd/iam"
	"iamd/keyring"
)

// KeyringPass is a walk over all accounts.
type KeyringPass struct {
	// Number goes up with every walk that is asked for: one has covered what was
	// asked for as Number once that is finished.
	Number   int       `json:"number"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"` // zero while it goes on
	Accounts int       `json:"accounts"`          // walked so far
	Resealed int       `json:"resealed"`          // values sealed anew
	Broken   int       `json:"broken"`            // values that do not open: their key is not in the keyring
	Failed   int       `json:"failed"`            // accounts that could not be read or written
}

// KeyringStatus is what may be told of the keyring.
type KeyringStatus struct {
	// File is where the keyring lies; empty: it is the environment's.
	File string      `json:"file,omitempty"`
	Keys []KeyStatus `json:"keys"`
	// Counted says that Values and Authorizations are as the last pass found them.
	Counted bool `json:"counted"`
	// Shared says that other nodes use the store, with keyrings of their own.
	Shared bool        `json:"shared"`
	Pass   KeyringPass `json:"pass"`
	// Refused says why the file, as it is now, is not in force.
	Refused string `json:"refused,omitempty"`
}

// KeyStatus is a key, and what it still holds.
type KeyStatus struct {
	keyring.Key
	Values int `json:"values"` // sealed by it in the store
	// Authorizations are those of applications that were made before the key was
	// retired: each may have refresh tokens that it sealed, which do not end.
	Authorizations int `json:"authorizations"`
}

// Keyring tells which keys the server has and what each still holds.
func (s *Server) Keyring(context.Context) (*KeyringStatus, error) { return s.keyringStatus(), nil }

// CountKeyring is Keyring, and asks for a pass from now on, which has the number
// that it tells.
func (s *Server) CountKeyring(context.Context) (*KeyringStatus, error) {
	number := s.sealing.count()
	status := s.keyringStatus()
	if status.Pass.Number < number {
		status.Pass = KeyringPass{Number: number}
	}
	return status, nil
}

func (s *Server) keyringStatus() *KeyringStatus {
	k, w := s.keyring, s.sealing
	k.mu.Lock()
	content, refused := k.content, k.refused
	k.mu.Unlock()
	keys, err := keyring.Keys(content)
	if err != nil {
		panic("server: the ring is made of this: " + err.Error())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out := &KeyringStatus{File: k.path, Counted: w.counts != nil, Pass: w.pass, Refused: refused}
	values := map[uint32]int{}
	if w.counts != nil {
		values = maps.Clone(w.counts.values)
	}
	for _, key := range keys {
		told := KeyStatus{Key: key, Values: values[key.ID]}
		if w.counts != nil && !key.Active {
			for _, t := range w.counts.granted {
				if key.Retired.IsZero() || t.Before(key.Retired) {
					told.Authorizations++
				}
			}
		}
		out.Keys = append(out.Keys, told)
	}
	out.Shared = s.follower != nil
	return out
}

// keyringAdmin serves GET /keyring, POST /keyring/count and POST /keyring/reload.
func (s *Server) keyringAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /keyring", func(w http.ResponseWriter, r *http.Request) {
		status, err := s.Keyring(r.Context())
		s.reply(w, http.StatusOK, status, err)
	})
	mux.HandleFunc("POST /keyring/count", func(w http.ResponseWriter, r *http.Request) {
		status, err := s.CountKeyring(r.Context())
		s.reply(w, http.StatusOK, status, err)
	})
	mux.HandleFunc("POST /keyring/reload", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Force bool }
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			s.reply(w, 0, nil, iam.Errorf(iam.CodeInvalidInput, "The body is not {\"force\": …}: %s", err))
			return
		}
		status, err := s.ReloadKeyring(r.Context(), in.Force)
		s.reply(w, http.StatusOK, status, err)
	})
}
