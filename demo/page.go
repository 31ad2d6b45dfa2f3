package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// page prints the demo, in colours on a terminal that wants them.
type page struct {
	w      io.Writer
	colour bool
	step   int
	right  int
	wrong  int
}

func newPage(f *os.File) *page {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &page{w: f, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

func (p *page) paint(code, s string) string {
	if !p.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *page) bold(s string) string  { return p.paint("1", s) }
func (p *page) faint(s string) string { return p.paint("2", s) }

// title begins a step.
func (p *page) title(format string, args ...any) {
	p.step++
	p.line("")
	p.line("%s", p.bold(fmt.Sprintf("%d. %s", p.step, fmt.Sprintf(format, args...))))
}

// labelled are lines such as "asked  …".
func (p *page) labelled(label, format string, args ...any) {
	p.line("   %s  %s", p.faint(fmt.Sprintf("%-8s", label)), fmt.Sprintf(format, args...))
}

// quoted shows what another program printed.
func (p *page) quoted(text string) {
	for l := range strings.Lines(strings.TrimRight(text, "\n")) {
		p.line("   %s %s", p.faint("│"), strings.TrimRight(l, "\n"))
	}
}

// allowed and refused show a call; what came out otherwise than it should is
// marked.
func (p *page) allowed(ok bool, what, came string) { p.call(ok, p.paint("32", "✓"), what, came) }

func (p *page) refused(ok bool, what, came string) { p.call(ok, p.paint("31", "✗"), what, came) }

func (p *page) call(ok bool, mark, what, came string) {
	const column = 28
	if !ok {
		p.wrong++
		p.line("   %s %-*s %s", p.paint("1;31", "!"), column, what, came)
		p.line("     %-*s %s", column, "", p.paint("1;31", "not what should have come"))
		return
	}
	p.right++
	if came == "" {
		p.line("   %s %s", mark, what)
		return
	}
	for i, l := range wrap(came, 88) {
		if i > 0 {
			mark, what = " ", ""
		}
		p.line("   %s %-*s %s", mark, column, what, l)
	}
}

// wrap breaks text between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func (p *page) fault(err error) {
	p.wrong++
	p.line("")
	p.line("%s %v", p.paint("1;31", "The demo stops here:"), err)
}

func (p *page) summary() {
	p.line("")
	if p.wrong == 0 {
		p.line("%s", p.paint("1;32", fmt.Sprintf("All %d answers are as they should be.", p.right)))
		return
	}
	p.line("%s", p.paint("1;31", fmt.Sprintf("%d of %d answers came out wrong.", p.wrong, p.right+p.wrong)))
}
