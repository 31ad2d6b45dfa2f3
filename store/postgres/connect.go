package postgres

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	connectTime = 3 * time.Second // unless the URL says otherwise
	maxConns    = 16              // likewise
	silence     = 2 * time.Second // after which a peer that confirms nothing is given up
	pingTime    = time.Second     // what a connection that was quiet for as long may take to answer
)

func (s *Store) poolConfig(url string) (*pgxpool.Config, error) {
	if err := checkUser(url); err != nil {
		return nil, err
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	plain, err := pgx.ParseConfig(url) // still has what the pool takes out
	if err != nil {
		return nil, err
	}
	if plain.RuntimeParams["pool_max_conns"] == "" {
		cfg.MaxConns = maxConns
	}
	cfg.ShouldPing, cfg.PingTimeout = s.dead, pingTime
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := s.prepare(ctx, conn)
		return err
	}

	c := cfg.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTime
	}
	dialer := &net.Dialer{
		Timeout:         c.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence, Interval: time.Second, Count: 3},
		Control:         giveUp(silence),
	}
	c.DialFunc = dialer.DialContext
	for _, f := range c.Fallbacks {
		if c.ValidateConnect == nil && (f.Host != c.Host || f.Port != c.Port) {
			c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
		}
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "iamd"
	}
	c.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" || n.Severity == "WARNING" {
			conn.CustomData()[warning] = n.Message
		}
	}
	return cfg, nil
}

// dead tells whether a connection that is taken from the pool after a while of quiet
// does not answer any more, as when something on the way has forgotten it. Others
// were probably lost with it, so none of them is asked in its turn.
func (s *Store) dead(ctx context.Context, p pgxpool.ShouldPingParams) bool {
	if p.IdleDuration < s.quiet {
		return false
	}
	ping, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if p.Conn.Ping(ping) == nil {
		return false
	}
	if ctx.Err() == nil {
		s.pool.Reset()
	}
	return true // the pool's own ping finds it closed
}

// checkUser refuses a URL in which a password may not be where its writer thinks. One
// with an @ in it would end there, and the rest would be told as the name of a host or
// a database. Nothing of the URL is in the error.
func checkUser(url string) error {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return nil // keywords and values
	}
	rest, _, _ = strings.Cut(rest, "?")
	if i := strings.IndexByte(rest, '@'); i >= 0 && (strings.Contains(rest[i+1:], "@") || strings.Contains(rest[:i], "/")) {
		return errors.New("the URL has an @ or a / where none can be: in a user, a password or the name of a database write %40 and %2F")
	}
	return nil
}

// warning is where a connection keeps the last warning that it heard.
const warning = "warning"

// product is what the server says that it is.
type product string

func (p product) cockroach() bool { return strings.Contains(string(p), "CockroachDB") }

// notifies: YugabyteDB says so in its version, and has no NOTIFY either.
func (p product) notifies() bool { return !p.cockroach() && !strings.Contains(string(p), "-YB-") }

// settings of each session, where the server knows them and the URL says nothing
// else, as an option of its own or in options. A node that was cut off within a
// transaction keeps its locks until the server notices; that must be sooner than
// others give up waiting for them, and that sooner than callTime. A statement that
// runs out of time on the server while it waits for a standby would be told as done;
// that bound is kept on this side. CockroachDB knows the first three as well; it was
// not run.
var settings = [][2]string{
	{"idle_in_transaction_session_timeout", "2s"},
	{"lock_timeout", "4s"},
	{"statement_timeout", "0"},
	{"tcp_keepalives_idle", "2"}, {"tcp_keepalives_interval", "1"}, {"tcp_keepalives_count", "2"},
	{"tcp_user_timeout", "4000"},
	// What is planned while the tables are still small must serve when they no longer
	// are. No statement is meant to read a whole table.
	{"enable_seqscan", "off"},
	{"autocommit_before_ddl", "off"}, // CockroachDB's
}

// prepare makes a new connection ready, or says why it is of no use.
func (s *Store) prepare(ctx context.Context, conn *pgx.Conn, more ...[2]string) (p product, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	var synchronous, fsync *string
	var readOnly string
	if err := conn.QueryRow(ctx, `SELECT version(), current_setting('transaction_read_only'),
		current_setting('synchronous_commit', true), current_setting('fsync', true)`).
		Scan(&p, &readOnly, &synchronous, &fsync); err != nil {
		return "", err
	}
	if readOnly == "on" {
		return "", errReadOnly
	}
	var names, values []string
	said := conn.Config().RuntimeParams
	for _, set := range slices.Concat(settings, more) {
		if said[set[0]] == "" && !strings.Contains(said["options"], set[0]) {
			names, values = append(names, set[0]), append(values, set[1])
		}
	}
	if synchronous != nil && *synchronous == "off" {
		names, values = append(names, "synchronous_commit"), append(values, "on")
	}
	if fsync != nil && *fsync == "off" && s.warned.CompareAndSwap(false, true) {
		s.log.Warn("the database runs with fsync=off: a crash of its machine loses what it has confirmed")
	}
	_, err = conn.Exec(ctx, `SELECT set_config(s.name, s.value, false) FROM unnest($1::text[], $2::text[]) AS s(name, value)
		WHERE s.name IN (SELECT name FROM pg_settings)`, names, values)
	return p, err
}
