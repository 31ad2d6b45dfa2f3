package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrations[n] brings a file from form n to n+1. What was released is never
// changed; a new form is a new entry, done whole or not at all.
var migrations = []string{
	`CREATE TABLE aggregates (
		name    TEXT PRIMARY KEY,
		version INTEGER NOT NULL
	) WITHOUT ROWID;
	CREATE TABLE rows (
		aggregate TEXT NOT NULL,
		kind      TEXT NOT NULL,
		key       TEXT NOT NULL,
		schema    INTEGER NOT NULL,
		data      BLOB NOT NULL,
		PRIMARY KEY (aggregate, kind, key)
	) WITHOUT ROWID;
	CREATE TABLE uniques (
		space     TEXT NOT NULL,
		key       TEXT NOT NULL,
		aggregate TEXT NOT NULL,
		PRIMARY KEY (space, key)
	) WITHOUT ROWID;
	-- data is JSON: {"rows":[{"kind","key","schema","data"}],"take":[{"space","key"}],"free":[…]};
	-- a row whose data is null was removed. Times are microseconds since 1970.
	CREATE TABLE changes (
		aggregate TEXT NOT NULL,
		version   INTEGER NOT NULL,
		time      INTEGER NOT NULL,
		data      BLOB NOT NULL,
		PRIMARY KEY (aggregate, version)
	) WITHOUT ROWID;
	CREATE INDEX changes_by_time ON changes (time);
	CREATE TABLE events (
		aggregate TEXT NOT NULL,
		time      INTEGER NOT NULL,
		id        TEXT NOT NULL,
		data      BLOB NOT NULL,
		PRIMARY KEY (aggregate, time, id)
	) WITHOUT ROWID;
	-- batches hold many appended events each: see batch.go.
	CREATE TABLE batches (
		aggregate TEXT NOT NULL,
		oldest    INTEGER NOT NULL,
		newest    INTEGER NOT NULL,
		data      BLOB NOT NULL
	);
	CREATE INDEX batches_by_time ON batches (aggregate, newest);
	CREATE INDEX batches_to_prune ON batches (newest);
	CREATE TABLE soft (
		aggregate TEXT NOT NULL,
		kind      TEXT NOT NULL,
		key       TEXT NOT NULL,
		data      BLOB NOT NULL,
		PRIMARY KEY (aggregate, kind, key)
	) WITHOUT ROWID;
	PRAGMA application_id = 1767992676;`, // "iamd"

	// Traces are looked for by their id alone, and forgotten by age.
	`CREATE TABLE traces (
		aggregate TEXT NOT NULL,
		time      INTEGER NOT NULL,
		id        TEXT NOT NULL,
		data      BLOB NOT NULL
	);
	CREATE UNIQUE INDEX traces_by_id ON traces (id);
	CREATE INDEX traces_by_age ON traces (aggregate, time, id);
	CREATE INDEX traces_to_prune ON traces (time);`,

	// Each principal has a share of the traces, in number and bytes. What each holds
	// is counted, so that nobody reads all of them to find that they are too many.
	`ALTER TABLE traces RENAME TO older;
	CREATE TABLE traces (
		aggregate TEXT NOT NULL,
		principal TEXT NOT NULL,
		time      INTEGER NOT NULL,
		id        TEXT NOT NULL,
		data      BLOB NOT NULL
	);
	CREATE TABLE trace_totals (
		aggregate TEXT NOT NULL,
		principal TEXT NOT NULL,
		items     INTEGER NOT NULL,
		bytes     INTEGER NOT NULL,
		PRIMARY KEY (aggregate, principal)
	) WITHOUT ROWID;
	CREATE TRIGGER trace_added AFTER INSERT ON traces BEGIN
		INSERT INTO trace_totals VALUES (new.aggregate, new.principal, 1, length(new.data))
			ON CONFLICT DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
	END;
	CREATE TRIGGER trace_removed AFTER DELETE ON traces BEGIN
		UPDATE trace_totals SET items = items - 1, bytes = bytes - length(old.data)
			WHERE aggregate = old.aggregate AND principal = old.principal;
		DELETE FROM trace_totals WHERE aggregate = old.aggregate AND principal = old.principal AND items = 0;
	END;
	INSERT INTO traces SELECT aggregate, '', time, id, data FROM older;
	DROP TABLE older;
	CREATE UNIQUE INDEX traces_by_id ON traces (id);
	CREATE INDEX traces_by_age ON traces (aggregate, time, id);
	CREATE INDEX traces_by_principal ON traces (aggregate, principal, time, id);
	CREATE INDEX traces_to_prune ON traces (time);`,

	// A snapshot of an aggregate has the names that it owns.
	"CREATE INDEX uniques_by_owner ON uniques (aggregate, space, key)",
}

const applicationID = 1767992676

// migrate brings the file to the last of forms, in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, forms []string) (err error) {
	var form, id, tables int
	err = errors.Join(
		conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&form),
		conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id),
		conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables),
	)
	switch {
	case err != nil:
		return err
	case id != applicationID && (id != 0 || form != 0 || tables != 0):
		return errors.New("this is a database of another program")
	case form > len(forms):
		return fmt.Errorf("the file has form %d, written by a newer version of this program, which knows forms up to %d", form, len(forms))
	case form == len(forms):
		return nil
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for n := form; n < len(forms); n++ {
		if _, err = tx.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA user_version = %d", forms[n], n+1)); err != nil {
			return errors.Join(fmt.Errorf("bring the file to form %d: %w", n+1, err), tx.Rollback())
		}
	}
	return tx.Commit()
}
