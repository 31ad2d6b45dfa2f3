package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"iamd/policy/scenario"
)

// engineEnd is how long an engine may take to end once it has been asked all.
const engineEnd = 5 * time.Second

// engine is another policy engine, running as a command that speaks in lines.
type engine struct {
	process  *exec.Cmd
	stdin    io.WriteCloser
	stdout   io.ReadCloser
	lines    *scenario.Lines
	deadline *time.Timer
	timeout  time.Duration
	stop     context.CancelCauseFunc
	ctx      context.Context
	err      error // why there is nothing more to ask
}

// errNoAnswer is why an engine was stopped.
var errNoAnswer = errors.New("no answer in time")

// startEngine starts a command. Whoever starts one ends it.
func startEngine(ctx context.Context, command string, timeout time.Duration, stderr io.Writer) (*engine, error) {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("--against names no command")
	}
	e := &engine{timeout: timeout}
	e.ctx, e.stop = context.WithCancelCause(ctx)
	e.process = exec.CommandContext(e.ctx, words[0], words[1:]...)
	e.process.Stderr = stderr
	e.process.WaitDelay = time.Second
	var err error
	if e.stdin, err = e.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	if e.stdout, err = e.process.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	if err := e.process.Start(); err != nil {
		e.stop(err)
		return nil, fmt.Errorf("--against: %w", err)
	}
	e.lines = scenario.NewLines(e.stdin, e.stdout)
	e.deadline = time.AfterFunc(timeout, func() { e.stop(errNoAnswer) })
	// A child of the engine's may hold the other ends of the pipes: only closing ours ends a read or a write for sure.
	context.AfterFunc(e.ctx, func() {
		e.stdout.Close()
		e.stdin.Close()
	})
	return e, nil
}

// run asks one case. Once the engine has failed there is nothing more to ask, and end tells why.
func (e *engine) run(c *scenario.Case) []string {
	if e.err != nil {
		return nil
	}
	e.deadline.Reset(e.timeout)
	a, err := e.lines.Ask(c)
	switch {
	case errors.Is(context.Cause(e.ctx), errNoAnswer):
		e.err = fmt.Errorf("%s: %w: the engine took longer than %s", c.Name, errNoAnswer, e.timeout)
	case errors.Is(err, scenario.ErrRefused):
		return []string{err.Error()}
	case err != nil:
		e.err = err
	default:
		if s := c.Judge(a); s != "" {
			return []string{s}
		}
	}
	return nil
}

// end tells the engine that there is nothing more to come, and waits for it to end.
func (e *engine) end() error {
	e.deadline.Reset(engineEnd)
	defer e.deadline.Stop()
	if e.err != nil {
		e.stop(e.err)
	}
	e.stdin.Close()
	_, _ = io.Copy(io.Discard, e.stdout) // or it might wait for ever for somebody to read
	err := e.process.Wait()
	cause := context.Cause(e.ctx)
	e.stop(nil)
	switch {
	case e.err != nil:
		return e.err
	case cause != nil:
		return fmt.Errorf("the engine did not end when it was told that nothing more comes: %w", cause)
	case err != nil:
		return fmt.Errorf("the engine answered all, and failed: %w", err)
	}
	return nil
}
