package policy

import (
	"net/netip"
	"time"
	"unique"
)

// query is a request being decided. It stays on the stack of whoever decides.
type query struct {
	req     *Request
	bounded bool // the request comes with a permissions boundary
	whole   bool // it says what it asks for; nothing allows one that does not
	service services
	paired  bool // pairs are those of the resource
	pairs   pairs
	address reading[netip.Addr]
	date    reading[time.Time]
	arn     reading[arn]
	answers [memoSize]answer
}

// memoSize is more conditions than most requests come upon.
const memoSize = 16

// answer is what became of a condition.
type answer struct {
	said unique.Handle[string]
	truth
}

func (q *query) begin(req *Request, p *Policies) {
	q.req, q.bounded, q.whole = req, p.bounded(), req.Action != "" && req.Resource != ""
	q.service = service(req.Action)
}

// full tells whether the caller has full access by default.
func (q *query) full() bool { return q.whole && q.req.Principal.full() }

// condition tells whether the request meets a condition. Conditions that say the same have the same answer.
func (q *query) condition(c *condition) truth {
	a := &q.answers[c.slot%memoSize]
	if a.said != c.said {
		*a = answer{c.said, c.eval(q)}
	}
	return a.truth
}

// reading is a value of the request as it was read last. Most requests have one address, one date and one ARN that
// policies ask for, over and over. Nothing can be read from the empty string.
type reading[T any] struct {
	of   string
	what T
	ok   bool
}

// from reads s. What it returns lasts until the next call.
func (r *reading[T]) from(s string, read func(string) (T, bool)) (*T, bool) {
	if s != r.of {
		r.of = s
		r.what, r.ok = read(s)
	}
	return &r.what, r.ok
}
