package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"iamd/store"
)

// Config says which sinks there are.
type Config struct {
	Backend store.Backend
	Prefix  string // of the aggregates that have events
	// Node tells the cursors of several processes at one store apart.
	Node  string
	Sinks []Spec
	Log   *slog.Logger
	Now   func() time.Time
}

// Spec is one sink; one of File, Writer and HTTP is there.
type Spec struct {
	// Name is what its cursor is kept under; empty: one made of where it leads.
	Name   string
	File   *File
	Writer *Writer
	HTTP   *HTTP
}

// Writer takes JSON lines.
type Writer struct {
	Name string // "stdout"
	To   io.Writer
	// Ready is closed once it may be written to; nil: at once.
	Ready <-chan struct{}
}

// HTTP is an endpoint that takes {"Records":[…]} by POST.
type HTTP struct {
	URL         string
	HeadersFile string        // of lines NAME: VALUE, read anew for each request
	Timeout     time.Duration // of a request; zero: 10 seconds
	Batch       int           // events of a request; zero: 500
	Gzip        bool
	// Transport is the network; nil: HTTP's.
	Transport http.RoundTripper
}

// Destination is where a sink leads.
type Destination interface {
	// Write delivers events. When it fails, all of them come again, until ctx ends.
	// ErrTooLarge: fewer at a time may be taken.
	Write(ctx context.Context, events [][]byte) error
	Close() error
}

// ErrTooLarge says that a destination takes no so many bytes at once.
var ErrTooLarge = errors.New("sink: too large")

// Sinks are all that run.
type Sinks struct {
	cfg     Config
	running []*shipper
}

// Open starts the sinks, each from its cursor. A file that cannot be written is an
// error; an endpoint that does not answer is waited for.
func Open(ctx context.Context, cfg Config) (_ *Sinks, err error) {
	s := &Sinks{cfg: cfg}
	var made []*shipper
	defer func() {
		if err != nil {
			for _, one := range made {
				err = errors.Join(err, one.to.Close())
			}
		}
	}()
	names := map[string]bool{}
	for _, spec := range cfg.Sinks {
		one, err := s.make(spec)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
		if names[one.name] {
			return nil, fmt.Errorf("audit: two sinks are %q: give one of them another name", one.name)
		}
		names[one.name] = true
		if err := one.begin(ctx); err != nil {
			return nil, err
		}
	}
	s.running = made
	for _, one := range s.running {
		go one.run()
	}
	return s, nil
}

func (s *Sinks) make(spec Spec) (*shipper, error) {
	one := &shipper{cfg: &s.cfg, most: batch{items: 500, bytes: 1 << 20}}
	var err error
	switch {
	case spec.File != nil:
		one.name = "file " + spec.File.Path
		one.to, err = openFile(*spec.File, s.cfg.Now, s.cfg.Log)
	case spec.Writer != nil:
		one.name, one.to = spec.Writer.Name, &lines{*spec.Writer}
	case spec.HTTP != nil:
		one.most.items = cmp.Or(spec.HTTP.Batch, one.most.items)
		one.name, one.to, err = newEndpoint(*spec.HTTP)
	default:
		err = errors.New("audit: a sink leads nowhere: name a file, stdout or an http URL")
	}
	one.name = cmp.Or(spec.Name, one.name)
	one.init()
	return one, err
}

// State is how a sink does.
type State struct {
	Name    string
	Dropped uint64        // single events that were too large for the endpoint
	Failed  uint64        // attempts at delivery
	Waiting int           // events in memory
	Behind  time.Duration // how long ago the oldest event that was not delivered was
}

// States are those of all sinks, in the order of the configuration; of nil, none.
func (s *Sinks) States() []State {
	if s == nil {
		return nil
	}
	list := make([]State, 0, len(s.running))
	for _, one := range s.running {
		list = append(list, one.state())
	}
	return list
}

// grace is how long Close waits for what is still to be delivered.
const grace = 5 * time.Second

// Close delivers what waits, within grace, and keeps the cursors. Events must have
// stopped coming.
func (s *Sinks) Close() error {
	for _, one := range s.running {
		close(one.drain)
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var failed error
	for _, one := range s.running {
		failed = errors.Join(failed, one.close(ctx))
	}
	return failed
}
