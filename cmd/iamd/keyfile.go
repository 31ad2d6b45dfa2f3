package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// keyHeader are the columns of the file that AWS's console hands out.
var keyHeader = []string{"Access key ID", "Secret access key"}

// readKeyFile reads an access key in the form that AWS's console hands out,
// with or without the byte order mark.
func readKeyFile(path string) (id, secret string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "", fmt.Errorf("access key file: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 2 || !slices.Equal(rows[0], keyHeader) || rows[1][0] == "" || rows[1][1] == "" {
		return "", "", fmt.Errorf("access key file %s: it must have the columns %q and %q, and one key", path, keyHeader[0], keyHeader[1])
	}
	return rows[1][0], rows[1][1], nil
}

func (w *workflow) keyFile() string {
	return filepath.Join(w.flags.out, w.flags.user+"_accessKeys.csv")
}

// accessKey makes the user's access key, unless there is one or was one.
func (w *workflow) accessKey(ctx context.Context) error {
	list, err := w.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &w.flags.user})
	if ok, err := found(err); err != nil {
		return fmt.Errorf("access keys of %s: %w", w.flags.user, err)
	} else if !ok {
		list = &iam.ListAccessKeysOutput{} // only in a dry run
	}
	path := w.keyFile()
	id, _, err := readKeyFile(path)
	switch {
	case err == nil:
		if !slices.ContainsFunc(list.AccessKeyMetadata, func(k types.AccessKeyMetadata) bool { return aws.ToString(k.AccessKeyId) == id }) {
			w.differs("%s holds the access key %s, which user %s does not have: move the file away for a new key", path, id, w.flags.user)
			return nil
		}
		w.say("exists", "access key %s in %s", id, path)
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case len(list.AccessKeyMetadata) > 0:
		w.differs("user %s has an access key, %s, but %s is not there: bring the file back, or delete the key for a new one",
			w.flags.user, aws.ToString(list.AccessKeyMetadata[0].AccessKeyId), path)
		return nil
	}
	return w.ensure("access key of user "+w.flags.user+" in "+path, false, func() error { return w.createKey(ctx, path) })
}

// createKey opens the file first: a secret that can't be written is lost.
func (w *workflow) createKey(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	made, err := w.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &w.flags.user})
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	key := made.AccessKey
	out := csv.NewWriter(f)
	err = out.WriteAll([][]string{keyHeader, {aws.ToString(key.AccessKeyId), aws.ToString(key.SecretAccessKey)}})
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		return nil
	}
	// Nobody has the secret, so nobody shall have the key.
	_, undo := w.iam.DeleteAccessKey(context.WithoutCancel(ctx), &iam.DeleteAccessKeyInput{UserName: &w.flags.user, AccessKeyId: key.AccessKeyId})
	return errors.Join(fmt.Errorf("the access key could not be written and was deleted again: %w", err), undo, os.Remove(path))
}
