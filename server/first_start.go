package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"iamd/iam"
)

// begin makes the first account of a store that holds none. Its root user's key
// and password are on disk before the account is, under names of their own until
// all are.
func (s *Server) begin(ctx context.Context, fresh bool) error {
	keyFile, consoleFile := RootFile(s.cfg.DataDir), ConsoleFile(s.cfg.DataDir)
	if !fresh {
		return s.keepBoth(ctx, keyFile, consoleFile)
	}
	root := s.cfg.Root
	root.AccountName, root.Email = cmp.Or(root.AccountName, "root"), cmp.Or(root.Email, "root@example.com")
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
	if root.Password == "" {
		root.Password = newPassword(s.cfg.Rand)
	}
	if err := errors.Join(
		writeSecrets(keyFile+pending, fmt.Appendf(nil, "Access key ID,Secret access key\n%s,%s\n", root.AccessKeyID, root.SecretAccessKey)),
		writeSecrets(consoleFile+pending, signInFile(root.Email, root.Password, s.knownConsoleURL())),
	); err != nil {
		return fmt.Errorf("root credentials: %w", err)
	}
	c, err := s.createAccount(ctx, root)
	if iam.Unavailable(err) { // and may have been made all the same
		c, err = s.made(ctx, root, err)
	}
	if err != nil && s.begun(ctx) { // another node was first: what it wrote is what counts
		return forget(keyFile, consoleFile)
	}
	if err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	if err := errors.Join(keep(keyFile), keep(consoleFile)); err != nil {
		return err
	}
	c.File, c.ConsoleFile, s.first = keyFile, consoleFile, c
	return nil
}

// made finds the first account that this node may have made, though the store did not
// say so; why is what it said. Without it the only key to the account would be lost.
func (s *Server) made(ctx context.Context, root Root, why error) (*Credentials, error) {
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		id, err := iam.OwnerOfKey(ctx, s.accounts, root.AccessKeyID)
		switch {
		case err == nil && id == root.AccountID:
			s.deliver(ctx, id, root.Email)
			return &Credentials{
				AccountID: id, AccountName: root.AccountName, Email: root.Email,
				AccessKeyID: root.AccessKeyID, SecretAccessKey: root.SecretAccessKey, Password: root.Password,
			}, nil
		case !iam.Unavailable(err) || wait > present:
			return nil, why
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, why
		}
	}
}

// begun tells whether another node made the first account meanwhile.
func (s *Server) begun(ctx context.Context) bool {
	if s.follower == nil {
		return false
	}
	ids, err := s.accounts.IDs(ctx, "", 1)
	return err == nil && len(ids) > 0
}

// RootFile is where the first start leaves the root user's key.
func RootFile(dataDir string) string { return filepath.Join(dataDir, "root-credentials.csv") }

// ConsoleFile is where the first start leaves how the root user signs in to the
// console.
func ConsoleFile(dataDir string) string { return filepath.Join(dataDir, "console-credentials.csv") }

// pending ends the name of a file whose account may not be made yet.
const pending = ".new"

// keepBoth does with the files of a start that ended amid what that would have done:
// they count if the store knows their key. Else another node made the first account.
func (s *Server) keepBoth(ctx context.Context, keyFile, consoleFile string) error {
	content, err := os.ReadFile(keyFile + pending)
	if errors.Is(err, os.ErrNotExist) {
		return keep(consoleFile)
	}
	if err != nil {
		return fmt.Errorf("root credentials: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err == nil && len(rows) == 2 && len(rows[1]) == 2 {
		_, err = iam.OwnerOfKey(ctx, s.accounts, rows[1][0])
		if err == nil {
			return errors.Join(keep(keyFile), keep(consoleFile))
		}
		if !errors.Is(err, iam.ErrNotFound) {
			return fmt.Errorf("root credentials: %w", err)
		}
	}
	return forget(keyFile, consoleFile)
}

// forget removes the files of an account that was not made.
func forget(files ...string) error {
	for _, file := range files {
		if err := os.Remove(file + pending); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("root credentials: %w", err)
		}
	}
	return nil
}

// keep gives a file its name once the account stands; a start that ended in
// between left that to the next.
func keep(file string) error {
	if _, err := os.Stat(file + pending); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	// A file of that name is of a store that is gone; it is kept.
	if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("root credentials: %w", err)
	}
	if err := os.Rename(file+pending, file); err != nil {
		return fmt.Errorf("root credentials: %w", err)
	}
	return nil
}

// signInFile has AWS's form of a console password's file.
func signInFile(email, password, url string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	// A bytes.Buffer takes every write.
	_ = w.WriteAll([][]string{{"User name", "Password", "Console sign-in URL"}, {email, password, url}})
	return out.Bytes()
}

// writeSecrets writes a file for the owner alone, over what an earlier start left.
func writeSecrets(file string, content []byte) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
