package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"iamd/gateway"
	"iamd/iam"
	"iamd/mock"
	"iamd/standin"
	"iamd/store"
)

// StandIn is an API of Amazon's that is answered here, under its own names.
type StandIn struct {
	// Name is standin.SellingPartner; empty: there is none.
	Name string
	// Authorization is gateway.AuthorizationIAMLWA, also if empty, or
	// gateway.AuthorizationLWA.
	Authorization string
	// ResourcePolicy is that of its APIs; empty: whoever an account of their own
	// lets call, may.
	ResourcePolicy string
	// Documents are files and directories of OpenAPI documents; empty: a small one
	// of our own.
	Documents []string
}

// standIn adds the stand-in's APIs to those that are configured, and gives the
// number of the account that owns them; empty without a stand-in.
func (s *Server) standIn(ctx context.Context) (owner string, err error) {
	in := s.cfg.StandIn
	if in.Name == "" {
		return "", nil
	}
	if owner, err = s.owner(ctx); err != nil {
		return "", err
	}
	in.Authorization = cmp.Or(in.Authorization, gateway.AuthorizationIAMLWA)
	if in.Authorization != gateway.AuthorizationIAMLWA && in.Authorization != gateway.AuthorizationLWA {
		return "", fmt.Errorf("stand_in.authorization %q is none of the Selling Partner API's contracts: write %s or %s",
			in.Authorization, gateway.AuthorizationIAMLWA, gateway.AuthorizationLWA)
	}
	documents := []mock.Source{{Name: standin.DocumentName, Data: standin.Document}}
	if len(in.Documents) > 0 {
		if documents, err = mock.Load(in.Documents...); err != nil {
			return "", fmt.Errorf("stand_in.documents: %w", err)
		}
	}
	backend, err := s.answersBy(documents)
	if err != nil {
		return "", fmt.Errorf("stand_in.documents: %w", err)
	}
	apis := append([]gateway.API{}, s.cfg.Gateway.APIs...)
	for _, r := range standin.Regions {
		apis = append(apis, gateway.API{
			ID: r.ID, Account: owner, Region: r.Region, Stage: standin.Stage, Hosts: r.Hosts, Authorization: in.Authorization,
			ResourcePolicy: cmp.Or(in.ResourcePolicy, standin.Policy), Backend: backend,
		})
	}
	s.cfg.Gateway.APIs = apis
	return owner, nil
}

// check refuses a stand-in that there is not, and settings of none.
func (in StandIn) check() error {
	switch {
	case in.Name == standin.SellingPartner:
		return nil
	case in.Name != "":
		return fmt.Errorf("stand_in.name %q is none: write %s (--stand-in %[2]s)", in.Name, standin.SellingPartner)
	case in.Authorization != "" || in.ResourcePolicy != "" || len(in.Documents) > 0:
		return fmt.Errorf("stand_in has settings and no name: write name: %s, or take them away", standin.SellingPartner)
	}
	return nil
}

// ownerFile keeps the number of the account that owns the stand-in's APIs.
func ownerFile(dataDir string) string {
	return filepath.Join(dataDir, standin.SellingPartner+"-account")
}

// owner gives the number of the account that owns the stand-in's APIs, which
// beginOwner makes when it is not there. It is never an account of somebody else's:
// one that has the number must have the name.
func (s *Server) owner(ctx context.Context) (string, error) {
	file := ownerFile(s.cfg.DataDir)
	for _, path := range []string{file + pending, file} {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		id := strings.TrimSpace(string(text))
		if len(id) != 12 || !digits(id) {
			return "", fmt.Errorf("%s does not hold the twelve digits of an account: move it away to have another account made", path)
		}
		a, err := s.accounts.View(ctx, id)
		if err == nil && a.Name != standin.Owner {
			return "", fmt.Errorf("%s names account %s, which is %q and not the stand-in's own: move the file away to have another account made", path, id, a.Name)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		return id, nil
	}
	for range tries {
		id := iam.NewAccountID(s.cfg.Rand)
		if _, err := s.accounts.View(ctx, id); errors.Is(err, store.ErrNotFound) && id != s.cfg.Root.AccountID {
			return id, nil
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
	}
	return "", errors.New("no free account number was found")
}

// beginOwner makes the stand-in's account, unless it is there. Nobody gets keys of
// it, or a password: its APIs have a resource policy, and that is all it is for.
func (s *Server) beginOwner(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	file := ownerFile(s.cfg.DataDir)
	switch _, err := s.accounts.View(ctx, id); {
	case err == nil:
		return keep(file)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if err := writeSecrets(file+pending, []byte(id+"\n")); err != nil {
		return fmt.Errorf("the stand-in's account: %w", err)
	}
	if _, err := s.beginAccount(ctx, Root{AccountID: id, AccountName: standin.Owner}, func(d *iam.Draft) { d.BeginMember(standin.Owner, "") }); err != nil {
		return fmt.Errorf("the stand-in's account: %w", err)
	}
	return keep(file)
}

// answersBy makes a backend of OpenAPI documents. Restricted data tokens are for
// Login with Amazon's door to make, as they are good for real.
func (s *Server) answersBy(documents []mock.Source) (gateway.Backend, error) {
	a, err := mock.New(mock.Config{Documents: documents, Withhold: s.withheld, Override: map[string]http.Handler{
		"createRestrictedDataToken": s.spapi.RestrictedDataTokens(),
	}})
	if err != nil {
		return nil, err
	}
	for _, note := range a.Notes() {
		s.cfg.Log.Warn("OpenAPI document", "note", note)
	}
	return answering{a}, nil
}

// withheld names what an answer must not tell: personal data that the caller's
// access token does not grant. Where none is asked for none could be had, and
// nothing is withheld; the gateway alone sets these headers.
func (s *Server) withheld(r *http.Request, _ mock.Operation) []string {
	if r.Header["X-Iamd-Client-Id"] == nil {
		return nil
	}
	return s.lwa.Withheld(r.Method, r.URL.Path, strings.Split(r.Header.Get("X-Iamd-Data-Elements"), ","))
}

// answering is a document's API as the gateway asks for it.
type answering struct{ *mock.API }

// Operation tells which operation a request asks for.
func (a answering) Operation(method, path string) (gateway.Operation, bool) {
	op, ok := a.API.Operation(method, path)
	return gateway.Operation{Name: op.Name, Path: op.Path, Rate: op.Rate, Burst: op.Burst}, ok
}
