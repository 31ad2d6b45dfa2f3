package form

import (
	"math"

	"iamd/store"
)

// Window is what a query asks for, in microseconds: events from a time on that come
// before the other time and ID.
func Window(q store.EventQuery) (from, to int64, id string) {
	from, to = math.MinInt64, math.MaxInt64
	if !q.From.IsZero() {
		from = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		to = q.To.UnixMicro() // with no id, which comes before every event of that time
	}
	if q.After.ID != "" && q.After.Time.UnixMicro() < to {
		to, id = q.After.Time.UnixMicro(), q.After.ID
	}
	return from, to, id
}
