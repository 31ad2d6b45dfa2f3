package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	program := flag.String("iamd", "bin/iamd", "the program to show")
	dir := flag.String("data-dir", "", "directory for all that is made (default: a new temporary one)")
	once := flag.Bool("once", false, "end after the steps")
	selling := flag.Bool("stand-in", false, "show the Selling Partner API too, under Amazon's own host names")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := newPage(os.Stdout)
	d, err := prepare(*program, *dir, out)
	if err != nil {
		out.fault(err)
		return 1
	}
	d.standIn = *selling
	defer d.cleanUp()
	err = d.show(ctx)
	switch {
	case ctx.Err() != nil:
		out.line("")
		out.line("Stopped.")
		return 1
	case err != nil:
		out.fault(err)
		return 1
	}
	out.summary()
	if !*once {
		d.byHand()
		out.line("")
		out.line("%s is up. Ctrl-C ends it%s.", out.bold("iamd"), d.leaves())
		select {
		case <-ctx.Done():
			out.line("")
		case <-d.iamd.ended:
			out.fault(fmt.Errorf("iamd ended by itself: %s", d.iamd.last()))
			return 1
		}
	}
	if out.wrong > 0 {
		return 1
	}
	return 0
}

// prepare lays out the directory.
func prepare(program, dir string, out *page) (*demo, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("%s is not there: `make build` makes it", program)
	}
	d := &demo{page: out, program: program}
	if dir == "" {
		if d.dir, err = os.MkdirTemp("", "iamd-demo-"); err != nil {
			return nil, err
		}
		d.temporary = true
		return d, nil
	}
	if d.dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	return d, os.MkdirAll(d.dir, 0o700)
}
