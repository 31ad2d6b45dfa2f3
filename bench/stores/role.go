package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"iamd/bench/stores/fleet"
	"iamd/server"
	"iamd/store"
)

// What this program is told when it starts itself as a ceiling.
const (
	roleVariable     = "IAMD_STORES_ROLE"
	storeVariable    = "IAMD_STORES_URL"
	templateVariable = "IAMD_STORES_TEMPLATE"
	namesVariable    = "IAMD_STORES_AGGREGATES" // by spaces
)

// role is a ceiling at work: a process that answers each line with a line.
type role struct {
	fleet.Process
	in      io.WriteCloser
	out     *bufio.Reader
	address string // of "bare"
}

// begin starts a role, and reads its first line.
func begin(name string, variables ...string) (*role, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self)
	c.Env = append(append(os.Environ(), roleVariable+"="+name), variables...)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	r := &role{Process: fleet.NewProcess(c)}
	if r.in, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReader(out)
	if err := c.Start(); err != nil {
		return nil, err
	}
	first, err := r.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), r.Stop())
	}
	r.address = strings.TrimSpace(first)
	return r, nil
}

func (r *role) ask(line string) (string, error) {
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		return "", err
	}
	return r.out.ReadString('\n')
}

// answers has a bare handler answer all requests with a body.
func (r *role) answers(body []byte) error {
	_, err := r.ask(base64.StdEncoding.EncodeToString(body))
	return err
}

// commits has a store take commits for so long.
func (r *role) commits(clients int, during time.Duration) (s fleet.Sum, err error) {
	used := r.CPU()
	line, err := r.ask(fmt.Sprint(clients, " ", int64(during)))
	if err != nil {
		return s, err
	}
	var told struct {
		Took  []time.Duration
		Time  time.Duration
		Error string
	}
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		return s, err
	}
	s = fleet.Sum{Took: told.Took, Time: told.Time, CPU: r.CPU() - used}
	if told.Error != "" {
		s.Failed, s.Why = 1, errors.New(told.Error)
	}
	return s, nil
}

func play(name string) error {
	switch name {
	case "bare":
		return bare()
	case "commit":
		return commit()
	}
	return fmt.Errorf("there is no role %q", name)
}

// bare serves one answer, within the bounds that iamd sets strangers.
func bare() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var answer atomic.Pointer[[]byte]
	answer.Store(new([]byte))
	s := &http.Server{
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			body := *answer.Load()
			h := w.Header()
			h.Set("Content-Type", "text/xml")
			h.Set("X-Amzn-Requestid", "00000000-0000-0000-0000-000000000000")
			h.Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body) // a client that has gone hears nothing
		}),
	}
	go func() { _ = s.Serve(l) }() // until the process ends
	fmt.Println(l.Addr())
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		body, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			return err
		}
		answer.Store(&body)
		fmt.Println("ok")
	}
}

// template is what one CreateUser commits.
type template struct {
	Rows   []store.Row
	Take   []store.Unique
	Events []store.Event
}

// keepTemplate writes the newest change of an aggregate to a file.
func keepTemplate(ctx context.Context, url, aggregate, file string) (err error) {
	backend, err := server.OpenStore(ctx, url, "", time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, backend.Close()) }()
	version, _, err := backend.Load(ctx, aggregate)
	if err != nil {
		return err
	}
	changes, err := backend.Changes(ctx, aggregate, version-1, 1)
	if err != nil {
		return err
	}
	events, err := backend.Events(ctx, aggregate, store.EventQuery{Limit: 20})
	if err != nil {
		return err
	}
	t := template{Rows: changes[0].Rows, Take: changes[0].Take}
	for _, e := range events {
		if bytes.Contains(e.Data, []byte("made-00000001")) {
			t.Events = append(t.Events, e)
		}
	}
	if len(t.Rows) == 0 || len(t.Events) != 1 {
		return fmt.Errorf("the newest change has %d rows and %d events", len(t.Rows), len(t.Events))
	}
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	size := 0
	for _, r := range t.Rows {
		size += len(r.Data)
	}
	fmt.Printf("A CreateUser commits %d rows of %d bytes together, and an event of %d bytes.\n\n", len(t.Rows), size, len(t.Events[0].Data))
	return os.WriteFile(file, text, 0o600)
}

// commit puts what CreateUser commits into a filled store, each committer to an account
// of its own: the store's own grouping is all that they share.
func commit() error {
	ctx := context.Background()
	text, err := os.ReadFile(os.Getenv(templateVariable))
	if err != nil {
		return err
	}
	var t template
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	backend, err := server.OpenStore(ctx, os.Getenv(storeVariable), "", time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var all []*aggregate
	for _, name := range strings.Fields(os.Getenv(namesVariable)) {
		version, _, err := backend.Load(ctx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		all = append(all, &aggregate{name, version})
	}
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return backend.Close()
		}
		var clients int
		var during time.Duration
		if _, err := fmt.Sscan(line, &clients, (*int64)(&during)); err != nil {
			return err
		}
		if clients > len(all) {
			return fmt.Errorf("%d committers, and %d aggregates", clients, len(all))
		}
		told, err := json.Marshal(committed(ctx, backend, &t, all[:clients], during))
		if err != nil {
			return err
		}
		fmt.Println(string(told))
	}
}

// aggregate is what one committer writes to.
type aggregate struct {
	name    string
	version uint64
}

func committed(ctx context.Context, backend store.Backend, t *template, all []*aggregate, during time.Duration) any {
	var told struct {
		Took  []time.Duration
		Time  time.Duration
		Error string
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	began := time.Now()
	for i, a := range all {
		wait.Go(func() {
			var took []time.Duration
			var err error
			for at := began; time.Since(began) < during && err == nil; {
				part := store.Part{Aggregate: a.name, Expect: a.version, Changes: t.anew(i, a.version)}
				if err = backend.Commit(ctx, []store.Part{part}); err == nil {
					a.version++
					now := time.Now()
					took, at = append(took, now.Sub(at)), now
				}
			}
			mu.Lock()
			defer mu.Unlock()
			told.Took = append(told.Took, took...)
			if err != nil {
				told.Error = err.Error()
			}
		})
	}
	wait.Wait()
	told.Time = time.Since(began)
	return told
}

// anew gives the changes names that nobody has yet, of the same length.
func (t *template) anew(i int, version uint64) (c store.Changes) {
	name := func(like string) string {
		number := fmt.Sprintf("%04d%08d", i, version)
		return like[:max(0, len(like)-len(number))] + number[max(0, len(number)-len(like)):]
	}
	for _, r := range t.Rows {
		r.Key = name(r.Key)
		c.Rows = append(c.Rows, r)
	}
	for _, u := range t.Take {
		u.Key = name(u.Key)
		c.Take = append(c.Take, u)
	}
	for _, e := range t.Events {
		e.ID, e.Time = name(e.ID), time.Now()
		c.Events = append(c.Events, e)
	}
	return c
}
