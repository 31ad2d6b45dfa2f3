package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"iamd/iam"
	"iamd/server"
)

// operator is what an operator may do. *server.Server does it on the data
// directory, running by asking the server that has it.
type operator interface {
	CreateAccount(ctx context.Context, name, email string) (*server.Credentials, error)
	ListAccounts(ctx context.Context) ([]server.AccountInfo, error)
	ResetRootPassword(ctx context.Context, account string) (*server.Credentials, error)
	Trace(ctx context.Context, requestID string) (*server.Trace, error)
	mover
	keyrings
}

// start says what a command does on a data directory without accounts.
type start bool

const (
	first    start = true  // it makes the first one
	existing start = false // it fails, and leaves the directory as it was
)

// asOperator finds who answers for the data directory.
func asOperator(cmd *cobra.Command, f *flags, begin start, do func(operator) error) (err error) {
	c, err := f.config()
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	there := dial(server.SocketPath(c.DataDir))
	if err := there.reach(ctx); err == nil {
		return do(there)
	} else if !errors.Is(err, errNobody) {
		return err
	}
	// Doors that are not opened need no configuration.
	c.Gateway.APIs = nil
	c.StandIn, c.TLSListen = standInConfig{}, ""
	cfg, err := c.server(os.Getenv, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	cfg.Existing = begin == existing
	s, err := server.New(ctx, cfg)
	if errors.Is(err, server.ErrNoAccounts) {
		return &usageError{err}
	}
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, s.Close(closing))
	}()
	if made := s.FirstStart(); made != nil {
		printf(cmd.ErrOrStderr(), "%s was empty: the first account, %s, was made, its root key is in %s, its password for the console in %s\n",
			c.DataDir, made.AccountID, made.File, made.ConsoleFile)
	}
	return sentence(do(s))
}

// sentence is an error as the server's socket tells it: a refusal by its sentence
// alone, without its code and what lies behind it.
func sentence(err error) error {
	var refusal *iam.Error
	if errors.As(err, &refusal) {
		return errors.New(refusal.Message)
	}
	return err
}

// running is a server that runs on the data directory.
type running struct {
	path   string
	client http.Client
}

var errNobody = errors.New("no server runs on this data directory")

func dial(path string) *running {
	return &running{path, http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", path)
			},
		},
	}}
}

// reach tells whether the server is there. errNobody says that there is no
// socket, or that nobody listens at it any more.
func (s *running) reach(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", s.path)
	switch {
	case err == nil:
		return conn.Close()
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("the server's socket belongs to somebody else: run this as the user who runs iamd serve: %w", err)
	default:
		return errNobody
	}
}

// CreateAccount asks the server.
func (s *running) CreateAccount(ctx context.Context, name, email string) (*server.Credentials, error) {
	in, err := json.Marshal(map[string]string{"name": name, "email": email})
	if err != nil {
		return nil, err
	}
	c := new(server.Credentials)
	return c, s.call(ctx, http.MethodPost, "/accounts", in, c)
}

// ResetRootPassword asks the server.
func (s *running) ResetRootPassword(ctx context.Context, account string) (*server.Credentials, error) {
	c := new(server.Credentials)
	return c, s.call(ctx, http.MethodPost, "/accounts/"+url.PathEscape(account)+"/root-password", nil, c)
}

// Trace asks the server.
func (s *running) Trace(ctx context.Context, requestID string) (*server.Trace, error) {
	t := new(server.Trace)
	return t, s.call(ctx, http.MethodGet, "/traces/"+url.PathEscape(requestID), nil, t)
}

// ListAccounts asks the server.
func (s *running) ListAccounts(ctx context.Context) (list []server.AccountInfo, err error) {
	return list, s.call(ctx, http.MethodGet, "/accounts", nil, &list)
}

const maxAnswer = 64 << 20

func (s *running) call(ctx context.Context, method, path string, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, "http://iamd"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("asking the server at %s: %w", s.path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("asking the server at %s: %w", s.path, err)
	}
	if resp.StatusCode >= 300 {
		var no struct{ Error, Message string }
		if err := json.Unmarshal(text, &no); err != nil || no.Message == "" {
			return fmt.Errorf("the server answered %s", resp.Status)
		}
		return errors.New(no.Message)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	return nil
}
