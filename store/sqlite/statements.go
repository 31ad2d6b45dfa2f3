package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// preparer is a connection or a pool of them.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// statement says what text a statement has and where it goes.
type statement struct {
	at   **sql.Stmt
	text string
}

func prepare(ctx context.Context, p preparer, list []statement) (err error) {
	for _, s := range list {
		if *s.at, err = p.PrepareContext(ctx, s.text); err != nil {
			return fmt.Errorf("prepare %q: %w", s.text, err)
		}
	}
	return nil
}

// eventsAtOnce is how many events one statement stores; most come by the batch.
const eventsAtOnce = 64

type writeStatements struct {
	savepoint, undo, release       *sql.Stmt
	version, setVersion, addChange *sql.Stmt
	putRow, dropRow                *sql.Stmt
	take, free                     *sql.Stmt
	addEvent, addEvents, addBatch  *sql.Stmt
	putSoft, dropSoft              *sql.Stmt
	pruneEvents, pruneChanges      *sql.Stmt
	pruneBatches, pruneTraces      *sql.Stmt
	addTrace, newAggregate         *sql.Stmt
	trimPrincipal, trimAggregate   *sql.Stmt // of traces
}

func (w *writeStatements) prepare(ctx context.Context, p preparer) error {
	return prepare(ctx, p, w.list())
}

// close closes what prepare made: a statement of a connection that was taken out of
// its pool keeps that open otherwise.
func (w *writeStatements) close() (err error) {
	for _, s := range w.list() {
		err = errors.Join(err, (*s.at).Close())
	}
	return err
}

func (w *writeStatements) list() []statement {
	return []statement{
		{&w.savepoint, "SAVEPOINT one"},
		{&w.undo, "ROLLBACK TO one"},
		{&w.release, "RELEASE one"},

		{&w.version, "SELECT version FROM aggregates WHERE name = ?"},
		{&w.setVersion, "INSERT INTO aggregates VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version"},
		{&w.newAggregate, "INSERT INTO aggregates VALUES (?, ?) ON CONFLICT DO NOTHING"},
		{&w.addChange, "INSERT INTO changes VALUES (?, ?, ?, ?)"},

		{&w.putRow, "INSERT INTO rows VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET schema = excluded.schema, data = excluded.data"},
		{&w.dropRow, "DELETE FROM rows WHERE aggregate = ? AND kind = ? AND key = ?"},

		// It changes no row when the name has another owner.
		{&w.take, "INSERT INTO uniques VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET aggregate = excluded.aggregate WHERE aggregate = excluded.aggregate"},
		{&w.free, "DELETE FROM uniques WHERE space = ? AND key = ? AND aggregate = ?"},

		{&w.addEvent, "INSERT INTO events VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"},
		{&w.addEvents, "INSERT INTO events VALUES (?, ?, ?, ?)" + strings.Repeat(", (?, ?, ?, ?)", eventsAtOnce-1) + " ON CONFLICT DO NOTHING"},

		{&w.addBatch, "INSERT INTO batches VALUES (?, ?, ?, ?)"},

		{&w.putSoft, "INSERT INTO soft VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data"},
		{&w.dropSoft, "DELETE FROM soft WHERE aggregate = ? AND kind = ? AND key = ?"},

		{&w.addTrace, "INSERT INTO traces VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"},
		{&w.trimPrincipal, trimTraces("aggregate = ?3 AND principal = ?4")},
		{&w.trimAggregate, trimTraces("aggregate = ?3")},

		// Aggregate by aggregate, along the primary key: an index by time would
		// cost every event that is written as much as the event itself.
		{&w.pruneEvents, `WITH RECURSIVE a(name) AS (
				SELECT min(aggregate) FROM events
				UNION ALL SELECT (SELECT min(aggregate) FROM events WHERE aggregate > a.name) FROM a WHERE a.name IS NOT NULL)
			DELETE FROM events WHERE (aggregate, time, id) IN
			(SELECT e.aggregate, e.time, e.id FROM a CROSS JOIN events e WHERE e.aggregate = a.name AND e.time < ? LIMIT ?)`},
		{&w.pruneBatches, "DELETE FROM batches WHERE rowid IN (SELECT rowid FROM batches WHERE newest < ? LIMIT ?)"},
		{&w.pruneTraces, "DELETE FROM traces WHERE rowid IN (SELECT rowid FROM traces WHERE time < ? LIMIT ?)"},
		{&w.pruneChanges, `DELETE FROM changes WHERE (aggregate, version) IN
			(SELECT aggregate, version FROM changes WHERE time < ? ORDER BY time LIMIT ?)`},
	}
}

// trimTraces removes the oldest trace of which something holds, if those are more
// than ?1, or have more than ?2 bytes.
func trimTraces(where string) string {
	return `DELETE FROM traces WHERE rowid = (SELECT rowid FROM traces WHERE ` + where + ` ORDER BY time, id LIMIT 1)
		AND (SELECT sum(items) > ?1 OR sum(bytes) > ?2 FROM trace_totals WHERE ` + where + `)`
}

type readStatements struct {
	load, owner, list, changes, events, batches, soft, trace *sql.Stmt
	snapshot, traces, recorded                               *sql.Stmt
}

func (r *readStatements) prepare(ctx context.Context, p preparer) error {
	return prepare(ctx, p, []statement{
		// One statement sees one state, so the version is that of the rows.
		{&r.load, `SELECT a.version, r.kind, r.key, r.schema, r.data
			FROM aggregates a LEFT JOIN rows r ON r.aggregate = a.name
			WHERE a.name = ? ORDER BY r.kind, r.key`},
		{&r.owner, "SELECT aggregate FROM uniques WHERE space = ? AND key = ?"},
		{&r.list, "SELECT name FROM aggregates WHERE name > ?1 AND name >= ?2 AND name < ?3 ORDER BY name LIMIT ?4"},
		{&r.changes, `SELECT a.version, c.version, c.time, c.data
			FROM aggregates a LEFT JOIN changes c ON c.aggregate = a.name AND c.version > ?2
			WHERE a.name = ?1 ORDER BY c.version LIMIT ?3`},
		{&r.events, `SELECT time, id, data FROM events
			WHERE aggregate = ?1 AND time >= ?2 AND (time, id) < (?3, ?4)
			ORDER BY time DESC, id DESC LIMIT ?5`},
		{&r.batches, `SELECT newest, data FROM batches
			WHERE aggregate = ?1 AND newest >= ?2 AND oldest <= ?3 ORDER BY newest DESC`},
		{&r.trace, "SELECT aggregate, principal, time, data FROM traces WHERE id = ?"},
		{&r.soft, "SELECT kind, key, data FROM soft WHERE aggregate = ? ORDER BY kind, key"},

		// As load: one statement sees one state.
		{&r.snapshot, `SELECT 0 AS part, '' AS first, '' AS second, version AS number, NULL AS data FROM aggregates WHERE name = ?1
			UNION ALL SELECT 1, kind, key, schema, data FROM rows WHERE aggregate = ?1
			UNION ALL SELECT 2, space, key, 0, NULL FROM uniques WHERE aggregate = ?1
			ORDER BY part, first, second`},
		// By the index of the aggregate's own: it has few traces, and all together many.
		{&r.traces, `SELECT principal, id, time, data FROM traces INDEXED BY traces_by_age
			WHERE aggregate = ? AND id > ? ORDER BY id LIMIT ?`},
		{&r.recorded, `WITH RECURSIVE a(name) AS (
				SELECT ` + nextRecorded("?1") + `
				UNION ALL SELECT ` + nextRecorded("a.name") + ` FROM a WHERE a.name IS NOT NULL)
			SELECT name FROM a WHERE name IS NOT NULL LIMIT ?2`},
	})
}

// nextRecorded is the first name after another that has events, traces or soft
// values: a step along each index, over all that one name has.
func nextRecorded(after string) string {
	var tables []string
	for _, t := range []string{"events", "batches", "traces", "soft"} {
		tables = append(tables, "SELECT min(aggregate) AS name FROM "+t+" WHERE aggregate > "+after)
	}
	return "(SELECT min(name) FROM (" + strings.Join(tables, " UNION ALL ") + "))"
}
