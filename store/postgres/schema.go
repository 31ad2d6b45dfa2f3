package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// migrations[n] brings the tables from form n to n+1. What was released is never
// changed; a new form is a new entry, done whole or not at all. {C} stands where the order of a column must
// be that of its bytes. Times are microseconds since 1970.
var migrations = []string{
	`CREATE TABLE aggregates (
		name    text {C} NOT NULL,
		version bigint NOT NULL,
		PRIMARY KEY (name)
	);
	CREATE TABLE rows (
		aggregate text {C} NOT NULL,
		kind      text {C} NOT NULL,
		key       text {C} NOT NULL,
		schema    bigint NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, kind, key)
	);
	CREATE TABLE uniques (
		space     text {C} NOT NULL,
		key       text {C} NOT NULL,
		aggregate text {C} NOT NULL,
		PRIMARY KEY (space, key)
	);
	CREATE INDEX uniques_by_owner ON uniques (aggregate);
	-- data is as package form writes it.
	CREATE TABLE changes (
		aggregate text {C} NOT NULL,
		version   bigint NOT NULL,
		time      bigint NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, version)
	);
	-- to prune by; a key of the time alone would have all nodes write to one place
	CREATE INDEX changes_by_time ON changes (aggregate, time);
	CREATE TABLE events (
		aggregate text {C} NOT NULL,
		time      bigint NOT NULL,
		id        text {C} NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, time, id)
	);
	-- batches hold many appended events each; a batch is named by the SHA-256 of its data.
	CREATE TABLE batches (
		aggregate text {C} NOT NULL,
		newest    bigint NOT NULL,
		digest    bytea NOT NULL,
		oldest    bigint NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, newest, digest)
	);
	CREATE TABLE soft (
		aggregate text {C} NOT NULL,
		kind      text {C} NOT NULL,
		key       text {C} NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, kind, key)
	);
	-- size is that of data, so that adding up reads no data.
	CREATE TABLE traces (
		aggregate text {C} NOT NULL,
		time      bigint NOT NULL,
		id        text {C} NOT NULL,
		principal text {C} NOT NULL,
		size      bigint NOT NULL,
		data      bytea NOT NULL,
		PRIMARY KEY (aggregate, time, id)
	);
	CREATE UNIQUE INDEX traces_by_id ON traces (id);
	CREATE INDEX traces_by_principal ON traces (aggregate, principal, time, id);`,

	// A database that shards by the aggregate takes no unique index without it.
	`DROP INDEX traces_by_id;
	CREATE UNIQUE INDEX traces_once ON traces (id, aggregate);`,
}

// migrateTime bounds what a migration may take.
const migrateTime = time.Minute

// migrate brings the tables to the last of forms and tells what the server is. Nodes
// that start at the same time do so one after the other.
func (s *Store) migrate(ctx context.Context, forms []string) (product, error) {
	ctx, cancel := context.WithTimeout(ctx, migrateTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.connect)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	p, err := s.prepare(ctx, conn, patient...)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		ready, err := isNewest(ctx, conn, len(forms))
		if ready || err != nil {
			return p, err
		}
		err = bringForward(ctx, conn, p, forms)
		if err == nil {
			continue
		}
		if n >= maxAttempts || !contended(err) {
			return "", err
		}
		if conn.PgConn().TxStatus() != 'I' {
			if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
				return "", err
			}
		}
		if err := pause(ctx, n); err != nil {
			return "", err
		}
	}
}

// patient are the settings of who waits for another node that makes tables, which
// may take its time.
var patient = [][2]string{{"lock_timeout", "0"}, {"idle_in_transaction_session_timeout", "1min"}}

// isNewest also says whether the tables' form is one that this program knows. A
// role that may not make tables can so use those that are there.
func isNewest(ctx context.Context, conn *pgx.Conn, newest int) (bool, error) {
	var form int
	err := conn.QueryRow(ctx, "SELECT value FROM meta WHERE name = 'form'").Scan(&form)
	var answer *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows), errors.As(err, &answer) && answer.Code == "42P01": // undefined_table
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read the form of the tables: %w", err)
	case form > newest:
		return false, fmt.Errorf("the tables have form %d, written by a newer version of this program, which knows forms up to %d", form, newest)
	}
	return form == newest, nil
}

// bringForward holds the lock of one row, so that one node at a time makes tables.
func bringForward(ctx context.Context, conn *pgx.Conn, p product, forms []string) error {
	if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS meta (name text NOT NULL, value bigint NOT NULL, PRIMARY KEY (name))"); err != nil {
		return fmt.Errorf("make tables in the schema that search_path names: %w", err)
	}
	if _, err := conn.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('form', 0) ON CONFLICT (name) DO NOTHING"); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // does nothing after Commit
	var form int
	if err := tx.QueryRow(ctx, "SELECT value FROM meta WHERE name = 'form' FOR UPDATE").Scan(&form); err != nil {
		return err
	}
	bytewise := `COLLATE "C"`
	if p.cockroach() {
		bytewise = "" // strings have no other order there
	}
	for n := form; n < len(forms); n++ {
		if _, err := tx.Exec(ctx, strings.ReplaceAll(forms[n], "{C}", bytewise)); err != nil {
			return fmt.Errorf("bring the tables to form %d: %w", n+1, err)
		}
	}
	if form < len(forms) {
		if _, err := tx.Exec(ctx, "UPDATE meta SET value = $1 WHERE name = 'form'", len(forms)); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// contended: another node makes the same table at this moment. PostgreSQL tells so
// by a broken rule of its own catalogue.
func contended(err error) bool {
	var answer *pgconn.PgError
	return judge(err) == collided || errors.As(err, &answer) &&
		slices.Contains([]string{"23505", "42P07", "42710", "XX000"}, answer.Code)
}
