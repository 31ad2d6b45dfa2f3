package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// roleVariable makes this program one of the servers: it starts itself.
const roleVariable = "IAMD_GATEWAY_BENCH_ROLE"

// process is a server of its own.
type process struct {
	command *exec.Cmd
	told    []string // the words of its first line
}

// begin starts this program in a role, and waits for the line in which it tells its addresses.
func begin(role string, variables ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self)
	c.Env = append(append(os.Environ(), roleVariable+"="+role), variables...)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p := &process{command: c}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return p, fmt.Errorf("%s: %w", role, err)
	}
	p.told = strings.Fields(line)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

func (p *process) stop() {
	if p == nil || p.command.Process == nil {
		return
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
}

// pids are the process and its children: nginx works in those.
func (p *process) pids() []string {
	pid := strconv.Itoa(p.command.Process.Pid)
	children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		return []string{pid}
	}
	return append(strings.Fields(string(children)), pid)
}

// cpu is the time that the process has used, user and system.
func (p *process) cpu() (total time.Duration, err error) {
	for _, pid := range p.pids() {
		used, err := cpuOf(pid)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

func cpuOf(pid string) (time.Duration, error) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	// The name, in parentheses, may hold anything; the times are the 14th and 15th words, in hundredths of a second.
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(words) < 13 {
		return 0, errors.New("/proc/" + pid + "/stat is short")
	}
	user, err := strconv.ParseInt(words[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(words[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, err
}

// memory is what is resident of the process, in bytes.
func (p *process) memory() (total int64, err error) {
	for _, pid := range p.pids() {
		text, err := os.ReadFile("/proc/" + pid + "/statm")
		if err != nil {
			return 0, err
		}
		words := strings.Fields(string(text))
		if len(words) < 2 {
			return 0, errors.New("/proc/" + pid + "/statm is short")
		}
		pages, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return 0, err
		}
		total += pages * int64(os.Getpagesize())
	}
	return total, nil
}
