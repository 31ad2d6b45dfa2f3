package sink

import (
	"time"

	"iamd/store"
)

// readAgain delivers what the store has of a span; false: the context ended before.
func (s *shipper) readAgain(missed span) bool {
	const namesAtOnce = 500
	for after := ""; ; {
		var names []string
		if !s.read("accounts", func() (err error) {
			names, err = s.cfg.Backend.List(s.ctx, s.cfg.Prefix, after, namesAtOnce)
			return err
		}) {
			return false
		}
		for _, name := range names {
			if !s.readOne(name, missed) {
				return false
			}
		}
		if len(names) < namesAtOnce {
			return true
		}
		after = names[len(names)-1]
	}
}

// readOne does one aggregate.
func (s *shipper) readOne(name string, missed span) bool {
	const atOnce = 64
	q := store.EventQuery{From: missed.from.Truncate(time.Microsecond), To: missed.to.Add(time.Microsecond), Limit: min(atOnce, s.most.items)}
	for {
		var list []store.Event
		if !s.read("events", func() (err error) {
			list, err = s.cfg.Backend.Events(s.ctx, name, q)
			return err
		}) {
			return false
		}
		data := make([][]byte, len(list))
		for i, e := range list {
			data[i] = e.Data
		}
		if len(data) > 0 && !s.deliver(data) {
			return false
		}
		if len(list) < q.Limit {
			return true
		}
		last := list[len(list)-1]
		q.After = store.EventMark{Time: last.Time, ID: last.ID}
	}
}

// read asks the store until it answers; false: the context ended before.
func (s *shipper) read(what string, ask func() error) bool {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := ask()
		switch {
		case err == nil:
			return true
		case s.ctx.Err() != nil:
			return false
		}
		s.cfg.Log.Error("audit sink: "+what+" not read, and will be tried again", "sink", s.name, "waiting", wait, "error", err)
		if !s.pause(wait) {
			return false
		}
	}
}
