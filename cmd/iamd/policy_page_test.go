package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

var (
	pageBlock = regexp.MustCompile(`(?m)(?:^    .*\n|^\n    .*\n)+`)
	pageFile  = regexp.MustCompile("`([a-z]+\\.json)`:\n$")
)

// TestPolicyPage runs the examples of docs/policy-commands.md on the files that
// stand there, and holds their outputs to the page's.
func TestPolicyPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "policy-commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	archive := new(txtar.Archive)
	file := func(name, text string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	examples := 0
	for _, at := range pageBlock.FindAllIndex(page, -1) {
		before, block := page[:at[0]], string(page[at[0]:at[1]])
		block = strings.TrimPrefix(strings.ReplaceAll("\n"+block, "\n    ", "\n"), "\n")
		if name := pageFile.FindSubmatch(before); name != nil {
			file(string(name[1]), strings.TrimPrefix(block, "\n"))
			continue
		}
		command, output, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(block, "\n"), "\\\n", ""), "\n")
		command, ok := strings.CutPrefix(command, "$ ")
		if !ok {
			continue
		}
		// What a terminal shows of an error comes last.
		stderr := ""
		if i := strings.LastIndex("\n"+output, "\niamd: "); i >= 0 {
			output, stderr = output[:i], output[i:]
			command = "! exec " + command
		} else {
			command = "exec " + command
		}
		examples++
		fmt.Fprintf(&script, "%s\ncmp stdout %d.out\ncmp stderr %[2]d.err\n", command, examples)
		file(fmt.Sprintf("%d.out", examples), output)
		file(fmt.Sprintf("%d.err", examples), stderr)
	}
	if examples < 4 || len(archive.Files) < 2*examples+4 {
		t.Fatalf("found %d examples, and with their outputs %d files", examples, len(archive.Files))
	}
	archive.Comment = []byte(script.String())
	name := filepath.Join(t.TempDir(), "page.txtar")
	if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{name}})
}
