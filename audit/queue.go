package audit

// Queue is what waits to be written.
type Queue struct {
	Events, EventBytes int
	Traces, TraceBytes int
}

// Queue tells what waits at this moment.
func (r *Recorder) Queue() Queue {
	events, traces := r.events.waiting(), r.traces.waiting()
	return Queue{events.items, events.bytes, traces.items, traces.bytes}
}
