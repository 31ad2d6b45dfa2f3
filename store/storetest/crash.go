package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"iamd/store"
)

// Crash is a store that is written to by processes that are killed.
type Crash struct {
	// Place makes an empty store and says where it is. It is not called in the
	// processes that are killed: those are told.
	Place func(t *testing.T) string
	// Open opens the store at a place.
	Open func(ctx context.Context, place string) (store.Whole, error)
	// Kills is how often the process that writes is killed.
	Kills int
	// Outages end what the store itself runs on and begin it again, while one process
	// goes on writing.
	Outages []func(t *testing.T)
}

const (
	// crashPlace is the environment's name for where the store is, in a process
	// that is to be killed.
	crashPlace = "IAMD_TEST_CRASH_PLACE"
	// epoch is how many processes write to the same aggregates, one after the other.
	epoch = 10
	// everything is the round in which nothing is written, and all is checked.
	everything = -1
)

// RunCrash kills processes that write to a store, at random moments, and checks
// after each that all that was acknowledged is there, and nothing by halves. Each
// is this test binary once more, with the same test, which must not be a subtest.
// The next one checks first, and then goes on writing upon what it found.
func RunCrash(t *testing.T, cfg Crash) {
	if place := os.Getenv(crashPlace); place != "" {
		if err := writer(cfg, place); err != nil {
			say("fault", err.Error())
		}
		return
	}
	r := &crashes{t: t, place: cfg.Place(t), said: map[string]string{}}
	for round := range cfg.Kills {
		w := r.start(round)
		if round%8 != 7 { // the others may be killed while they open the store, or check it
			w.until("ready")
		}
		w.hearFor(5*time.Millisecond + rand.N(55*time.Millisecond))
		w.kill()
	}
	if len(cfg.Outages) > 0 {
		r.outages(cfg.Outages)
	}
	w := r.start(everything)
	w.until("ready")
	w.kill()
	t.Logf("%d kills: %d writes acknowledged; %d found that nobody was told of; %d refused, %d of unknown end; a process opened the store after %.0f ms, had checked it after %.0f ms more",
		cfg.Kills, r.count('d'), r.count('f'), r.count('r'), r.count('u'), millis(r.opening)/float64(r.opened), millis(r.checking)/float64(r.ready))
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// orders are what such a process is to do, by its input.
type orders struct {
	Round int
	// Said is what was heard of each writer of each round: a letter for each of its
	// writes, d for one that was acknowledged, r for one that was refused, u for one
	// whose end is unknown, f for one that was found though nobody was told of it.
	Said map[string]string
}

// crashes is what is known of all processes together.
type crashes struct {
	t     *testing.T
	place string
	said  map[string]string

	opened, ready     int // processes that had opened the store, and checked it
	opening, checking time.Duration
	last              time.Time // when a write was acknowledged
	pause             time.Duration
}

func (r *crashes) count(letter byte) (n int) {
	for _, letters := range r.said {
		n += strings.Count(letters, string(letter))
	}
	return n
}

// writing is one such process.
type writing struct {
	*crashes
	round  int
	cmd    *exec.Cmd
	lines  chan line // closed when it has ended
	stage  time.Time // when it had come so far
	stderr bytes.Buffer
}

type line struct {
	text string
	at   time.Time
}

func (r *crashes) start(round int) *writing {
	r.t.Helper()
	o := orders{Round: round, Said: map[string]string{}}
	for who, letters := range r.said {
		if round == everything || roundOf(who)/epoch == round/epoch {
			o.Said[who] = letters
		}
	}
	input, err := json.Marshal(o)
	if err != nil {
		r.t.Fatal(err)
	}
	// Room for all that is said while nobody listens.
	w := &writing{crashes: r, round: round, lines: make(chan line, 1<<16)}
	w.cmd = exec.Command(os.Args[0], "-test.run=^"+r.t.Name()+"$")
	w.cmd.Env = append(os.Environ(), crashPlace+"="+r.place)
	w.cmd.Stdin, w.cmd.Stderr = bytes.NewReader(input), &w.stderr
	out, err := w.cmd.StdoutPipe()
	if err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	go func() {
		defer close(w.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.lines <- line{lines.Text(), time.Now()}
		}
	}()
	w.until("begun")
	return w
}

// until listens until it says so.
func (w *writing) until(what string) {
	w.t.Helper()
	for w.hear(nil) != what {
	}
}

func (w *writing) hearFor(d time.Duration) {
	w.t.Helper()
	for over := time.After(d); w.hear(over) != ""; {
	}
}

// hear takes note of the next line, unless the time has come before it.
func (w *writing) hear(over <-chan time.Time) string {
	w.t.Helper()
	select {
	case l, ok := <-w.lines:
		if !ok {
			w.end()
			w.t.Fatalf("round %d: the process ended by itself", w.round)
		}
		w.note(l)
		return l.text
	case <-over:
		return ""
	}
}

func (w *writing) note(l line) {
	w.t.Helper()
	kind, rest, _ := strings.Cut(l.text, " ")
	switch kind {
	case "d", "r", "u":
		w.said[rest] += kind
		if kind == "d" {
			w.pause = max(w.pause, l.at.Sub(w.last))
			w.last = l.at
		}
	case "f":
		w.said[rest] += kind
	case "begun":
		w.stage = l.at
	case "open":
		w.opening += l.at.Sub(w.stage)
		w.opened++
		w.stage = l.at
	case "ready":
		w.checking += l.at.Sub(w.stage)
		w.ready++
	default:
		w.t.Errorf("round %d: %s", w.round, l.text)
	}
}

// kill ends it, and listens to what it had said until then.
func (w *writing) kill() {
	w.t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		w.t.Error(err)
	}
	for l := range w.lines {
		w.note(l)
	}
	w.end()
}

func (w *writing) end() {
	w.t.Helper()
	err := w.cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || bytes.Contains(w.stderr.Bytes(), []byte("DATA RACE")) {
		w.t.Errorf("round %d: %v\n%.4000s", w.round, err, &w.stderr)
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// outages has one process write through them all.
func (r *crashes) outages(list []func(*testing.T)) {
	r.t.Helper()
	w := r.start(0)
	defer w.cmd.Process.Kill() // when an outage fails the test; nothing else can be done about it
	w.until("ready")
	w.goesOn()
	for n, outage := range list {
		for len(w.lines) > 0 {
			w.hear(nil)
		}
		w.pause = 0
		begun := time.Now()
		outage(r.t)
		took := time.Since(begun)
		for len(w.lines) > 0 {
			w.hear(nil)
		}
		w.goesOn()
		r.t.Logf("outage %d took %.0f ms; between two acknowledged writes were %.0f ms at most", n, millis(took), millis(w.pause))
	}
	w.kill()
	if r.count('u') == 0 {
		r.t.Error("no write was broken off")
	}
}

// goesOn waits until each writer was acknowledged several writes more.
func (w *writing) goesOn() {
	w.t.Helper()
	for i := range writers {
		who := fmt.Sprintf("%d.%d", w.round, i)
		for want := strings.Count(w.said[who], "d") + 10; strings.Count(w.said[who], "d") < want; {
			w.hear(nil)
		}
	}
}
