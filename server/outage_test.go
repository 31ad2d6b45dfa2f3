package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/store"
	"iamd/store/sqlite"
)

// heard is what operators hear of a log.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *heard) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *heard) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// with are the lines that hold a text.
func (l *heard) with(text string) (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			list = append(list, line)
		}
	}
	return list
}

// errors are the lines of that level, but for those of what a start does beside.
func (l *heard) errors() []string {
	return slices.DeleteFunc(l.with("level=ERROR"), func(line string) bool {
		return strings.Contains(line, "AWS managed policies not held") || strings.Contains(line, "closed accounts not taken")
	})
}

// onceOne wants one ERROR, which says why, and one line that says how many writes
// were refused until it was over.
func (l *heard) onceOne(t *testing.T, begins, ends string, refused int) {
	t.Helper()
	if list := l.errors(); len(list) != 1 || !strings.Contains(list[0], begins) {
		t.Errorf("the errors: %q", list)
	}
	if list := l.with("writes_refused="); len(list) != 1 || !strings.Contains(list[0], ends) {
		t.Errorf("its end: %q", list)
	} else if n := 0; true {
		_, rest, _ := strings.Cut(list[0], "writes_refused=")
		if _, err := fmt.Sscan(rest, &n); err != nil || n < refused {
			t.Errorf("%d were refused, %d or more should be; %v", n, refused, err)
		}
	}
}

// TestCutIsToldOnce: however many requests a node refuses that is cut off, its log has
// one line when that begins and one when it is over.
func TestCutIsToldOnce(t *testing.T) {
	for name, stale := range map[string]time.Duration{"from memory": time.Hour, "nothing": 0} {
		t.Run(name, func(t *testing.T) {
			log := &heard{}
			list := nodes(t, 1, func(c *Config) { c.Log, c.StaleFor = log.log(), stale })
			c := first(t, list)
			n := list[0].client(c.AccessKeyID, c.SecretAccessKey, nil)
			create := func(name string) error {
				_, err := n.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: &name}, func(o *sdk.Options) { o.RetryMaxAttempts = 1 })
				return err
			}
			list[0].way.Cut(true)
			const more = 30
			for i := range more {
				if err := create("ann"); code(err) != "ServiceUnavailable" {
					t.Errorf("write %d: %v", i, err)
				}
			}
			soon(t, "the node knows that it is cut off", func() bool { return list[0].follower.State().Stalled != nil })
			for range more {
				if err := create("ann"); code(err) != "ServiceUnavailable" {
					t.Error(err)
				}
			}
			list[0].way.Cut(false)
			soon(t, "the node writes again", func() bool { return create("ann") == nil })
			if stale == 0 { // who is refused as nobody can tell who it is has not come to the write
				if list := log.errors(); len(list) != 1 {
					t.Errorf("the errors: %q", list)
				}
				return
			}
			log.onceOne(t, "cut off from the store", "following the store", more)
		})
	}
}

// fullDisk is an embedded store whose disk is full while it is on.
type fullDisk struct {
	store.Backend
	on atomic.Bool
}

func (d *fullDisk) Writable(context.Context) error {
	if !d.on.Load() {
		return nil
	}
	return &sqlite.DiskError{Reason: "the disk is full", Err: errors.New("open /secret/path: no space left on device")}
}

func (d *fullDisk) Commit(ctx context.Context, parts []store.Part) error {
	if err := d.Writable(ctx); err != nil {
		return err
	}
	return d.Backend.Commit(ctx, parts)
}

func (d *fullDisk) AppendEvents(ctx context.Context, events map[string][]store.Event) error {
	if err := d.Writable(ctx); err != nil {
		return err
	}
	return d.Backend.AppendEvents(ctx, events)
}

// TestFullDisk: changes are refused as such that may succeed later, reads go on,
// /readyz says what is wrong but not where, and the log has it once.
func TestFullDisk(t *testing.T) {
	backend, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "iamd.db")})
	if err != nil {
		t.Fatal(err)
	}
	disk, log := &fullDisk{Backend: backend}, &heard{}
	s, err := New(t.Context(), Config{DataDir: t.TempDir(), Backend: disk, Log: log.log()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, s) })
	front := httptest.NewServer(s.Handler())
	t.Cleanup(front.Close)
	c := s.FirstStart()
	n := (&node{Server: s, url: front.URL}).client(c.AccessKeyID, c.SecretAccessKey, nil)
	create := func() error {
		_, err := n.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("ann")}, func(o *sdk.Options) { o.RetryMaxAttempts = 1 })
		return err
	}
	disk.on.Store(true)
	if status, text := page(t, front.URL+"/readyz"); status != http.StatusOK || text != "writes are refused, reads and decisions go on: the disk is full\n" {
		t.Errorf("readyz, before anybody wrote: %d %q", status, text)
	}
	const times = 20
	for range times {
		if err := create(); code(err) != "ServiceUnavailable" {
			t.Errorf("a write: %v", err)
		}
	}
	if _, err := n.ListUsers(t.Context(), &sdk.ListUsersInput{}); err != nil {
		t.Errorf("a read: %v", err)
	}
	disk.on.Store(false)
	if err := create(); err != nil {
		t.Errorf("a write, when there is room: %v", err)
	}
	if status, text := page(t, front.URL+"/readyz"); status != http.StatusOK || text != "ready\n" {
		t.Errorf("readyz: %d %q", status, text)
	}
	log.onceOne(t, "the disk is full", "the store takes writes again", times)
}
