// Command gen writes docs/actions.md; see package actionsdoc.
package main

import (
	"flag"
	"fmt"
	"os"

	"iamd/api/internal/actionsdoc"
)

func main() {
	out := flag.String("out", "", "file to write; empty: standard output")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(out string) error {
	if out == "" {
		_, err := os.Stdout.Write(actionsdoc.Markdown())
		return err
	}
	return os.WriteFile(out, actionsdoc.Markdown(), 0o644)
}
