package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"iamd/iam"
	"iamd/store/sqlite"
)

// backupAdmin adds POST /backup, which answers with the embedded store's file as of
// one moment after the call; one at a time.
func (s *Server) backupAdmin(mux *http.ServeMux) {
	var one sync.Mutex
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		if !one.TryLock() {
			s.reply(w, 0, nil, iam.Errorf(iam.CodeInvalidInput, "A backup is under way already."))
			return
		}
		defer one.Unlock()
		// It takes as long as it takes; a writer that knows no deadlines has none.
		answer := http.NewResponseController(w)
		_ = answer.SetReadDeadline(time.Time{})
		_ = answer.SetWriteDeadline(time.Time{})
		if err := s.sendBackup(w, r); err != nil {
			s.reply(w, 0, nil, err)
		}
	})
}

// sendBackup writes the backup beside the database, where there must be room for
// it, and from there to w. It fails only while nothing was sent.
func (s *Server) sendBackup(w http.ResponseWriter, r *http.Request) (err error) {
	own, ok := embedded(s.backend).(interface {
		Backup(ctx context.Context, path string) error
	})
	if !ok {
		return iam.Errorf(iam.CodeInvalidInput, "%s", errOwnBackup)
	}
	path := filepath.Join(s.cfg.DataDir, "iamd.db.backup")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // a server's that was killed
		return err
	}
	if err := own.Backup(r.Context(), path); err != nil {
		return iam.Errorf(iam.CodeInvalidInput, "%s", err) // only the operator hears it
	}
	defer func() {
		if err := os.Remove(path); err != nil {
			s.cfg.Log.Error("a backup was sent, and its file stays", "error", err)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if _, err := io.Copy(w, f); err != nil { // whoever asked sees that it is too short
		s.cfg.Log.Error("a backup was not sent to its end", "error", err)
	}
	return nil
}

// errOwnBackup says how stores are backed up that are databases of their own.
var errOwnBackup = errors.New("the store is a database with backups of its own: PostgreSQL's by pg_dump, etcd's by etcdctl snapshot save")

// BackupStopped writes the embedded store of a data directory on which no server
// runs to a new file.
func BackupStopped(ctx context.Context, storeURL, dataDir, path string) error {
	at, err := locate(storeURL, dataDir)
	if err != nil {
		return err
	}
	if at.file == "" {
		return errOwnBackup
	}
	return sqlite.BackupFile(ctx, at.file, path)
}

// SaveBackup has write make a backup of an embedded store at a path, reads that
// from end to end, and only then gives it its name. It is durable then, and for its
// owner alone. What has the name already is replaced with force, and else refused.
func SaveBackup(ctx context.Context, name string, force bool, write func(path string) error) error {
	return sqlite.SaveFile(ctx, name, force, write)
}

// ReceiveBackup writes what a server sends to a new file, durably and for its owner
// alone.
func ReceiveBackup(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close())
}
