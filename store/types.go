package store

import "time"

// Row is one item of an aggregate: a user, a policy version, a setting. It is
// named by Kind and Key within its aggregate. Data that is nil means that the
// row is gone; data of no bytes is a row all the same.
type Row struct {
	Kind, Key string
	Schema    int    // the form of Data, to be read by whoever wrote it
	Data      []byte // never changed by the store; not to be changed by a reader
}

// Unique is a name with one owner among all aggregates, such as
// {"access-key", "AKIA…"} or {"account-alias", "example"}.
type Unique struct{ Space, Key string }

// Event is a management event. ID is unique within its aggregate and Time: an
// event that is already there is not stored twice. Time is kept in UTC to the
// microsecond.
type Event struct {
	ID   string
	Time time.Time
	Data []byte
}

// Changes is what a write does to one aggregate. What is in Free is freed
// before anything is taken, so a name may move from one aggregate to another in
// one commit. Freeing what the aggregate doesn't own does nothing; taking what
// it owns already does nothing either.
type Changes struct {
	Rows       []Row
	Take, Free []Unique
	Events     []Event
}

// Part is one aggregate's share of a commit. Expect is the version that the
// changes were made upon; 0 says that the aggregate must not exist yet. After
// the commit the version is Expect+1.
type Part struct {
	Aggregate string // such as "account/123456789012"
	Expect    uint64
	Changes
}

// Change is one committed version of an aggregate, as another node needs it to
// follow. Its events are read with Events.
type Change struct {
	Version    uint64
	Time       time.Time // when it was committed, by the backend's clock
	Rows       []Row
	Take, Free []Unique
}

// Soft is a value beside an aggregate that may be lost in a crash without
// harm, such as when a key was last used. It has no version: the last one saved
// stays. Data that is nil removes it.
type Soft struct {
	Aggregate, Kind, Key string
	Data                 []byte
}

// Trace is how one request was decided, kept beside the aggregate that asked.
// ID is unique among all aggregates, which is for its maker to see to; of two with
// one ID in one aggregate the first stays.
// Principal, which may be empty, is who asked. Time is kept as an Event's. Like a
// soft value it may be lost in a crash.
type Trace struct {
	Aggregate, Principal, ID string
	Time                     time.Time
	Data                     []byte
}

// TraceBounds bound the traces that are kept of each principal of an aggregate,
// and of each aggregate.
type TraceBounds struct{ Principal, Aggregate TraceBound }

// TraceBound is how many traces, and how many bytes of their data together.
type TraceBound struct{ Items, Bytes int }

// EventQuery selects events of one aggregate, newest first and, within one
// moment, by descending ID.
type EventQuery struct {
	From, To time.Time // From ≤ event < To; a zero time sets no bound
	After    EventMark // the last event of the page before; zero for the first page
	Limit    int       // at most so many; must be positive
}

// EventMark is a position in an EventQuery's order.
type EventMark struct {
	Time time.Time
	ID   string
}
