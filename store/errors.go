package store

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound says that the aggregate, or the owner of a name, is not there.
	ErrNotFound = errors.New("store: not found")
	// ErrExists says that an aggregate which was to be created is there.
	ErrExists = errors.New("store: exists already")
	// ErrConflict says that an aggregate's version is not the expected one.
	ErrConflict = errors.New("store: the version has moved")
	// ErrCompacted says that the changes asked for were pruned: load instead.
	ErrCompacted = errors.New("store: the changes were pruned")
	// ErrBusy says that too many writes to one aggregate are waiting.
	ErrBusy = errors.New("store: too many writes are waiting")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store: closed")
	// ErrInvalid says that a call broke the store's own rules, such as the form
	// of names. It is a fault of the program, never of a user.
	ErrInvalid = errors.New("store: invalid")
)

// TakenError says that a unique name has another owner. Nothing of the commit
// was done.
type TakenError struct{ Unique }

func (e *TakenError) Error() string {
	return fmt.Sprintf("store: %s %q is taken", e.Space, e.Key)
}

// PanicError is the error of a write whose function panicked. Nothing of that
// write was done.
type PanicError struct {
	Value any
	Stack []byte // for the log only
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("store: the write panicked: %v", e.Value)
}
