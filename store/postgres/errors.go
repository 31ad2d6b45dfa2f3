package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// verdict is what an error of the database says about trying again.
type verdict int

const (
	refused  verdict = iota // an answer; the same will be told again
	collided                // with another transaction: nothing was done
	lost                    // the connection, before anything was done for good
	silent                  // nobody answers, or not in time
)

// idleTooLong is told by a server that has ended a session, whose transaction it
// rolled back, before it read what came next.
const idleTooLong = "25P03"

// Codes of PostgreSQL's appendix A, and what they say here.
var verdicts = map[string]verdict{
	"40001":     collided, // serialization_failure
	"40P01":     collided, // deadlock_detected
	"40003":     silent,   // statement_completion_unknown
	"55P03":     silent,   // lock_not_available
	"57014":     silent,   // query_canceled
	"57P01":     lost,     // admin_shutdown
	"57P02":     lost,     // crash_shutdown
	"57P03":     silent,   // cannot_connect_now
	"57P05":     lost,     // idle_session_timeout
	idleTooLong: lost,     // idle_in_transaction_session_timeout
	"25006":     lost,     // read_only_sql_transaction: this server is no primary any more
	"53100":     silent,   // disk_full
	"53200":     silent,   // out_of_memory
	"53300":     silent,   // too_many_connections
}

// errReadOnly says that a server takes no writes.
var errReadOnly = errors.New("the server only reads: it is a standby, or was told so")

// judge tells what an error that this package got from pgx, or made, means.
func judge(err error) verdict {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		if v, ok := verdicts[answer.Code]; ok {
			return v
		}
		if strings.HasPrefix(answer.Code, "08") { // connection_exception
			return lost
		}
		return refused
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, errReadOnly), errors.As(err, &connect), errors.Is(err, context.DeadlineExceeded):
		return silent
	case errors.Is(err, syscall.ETIMEDOUT):
		return lost // what was sent was never confirmed; another connection may fare better
	case pgconn.Timeout(err):
		return silent
	case pgconn.SafeToRetry(err), errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return lost
	}
	return refused
}
