package fleet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is a server of its own.
type Process struct{ cmd *exec.Cmd }

// NewProcess is a command that was started.
func NewProcess(cmd *exec.Cmd) Process { return Process{cmd} }

// Running tells whether it has not ended by itself.
func (p *Process) Running() bool {
	stat, err := stat(strconv.Itoa(p.cmd.Process.Pid))
	return err == nil && stat[0] != "Z"
}

// stopTime is how long a server may take to stop.
const stopTime = 30 * time.Second

// Stop has it end in order.
func (p *Process) Stop() error {
	if p == nil || p.cmd == nil || p.cmd.ProcessState != nil {
		return nil
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	late := time.AfterFunc(stopTime, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM {
		err = nil // it has no other way to end
	}
	return err
}

// CPU is the time that it has used, user and system, to 10 ms.
func (p *Process) CPU() time.Duration { return cpu(strconv.Itoa(p.cmd.Process.Pid)) }

// OwnCPU is the time that this process has used.
func OwnCPU() time.Duration { return cpu("self") }

func cpu(pid string) time.Duration {
	words, err := stat(pid)
	if err != nil {
		return 0 // it has ended: whoever asked it learns of that
	}
	user, _ := strconv.ParseInt(words[11], 10, 64)
	system, _ := strconv.ParseInt(words[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// stat is what the kernel tells of a process, from its state on.
func stat(pid string) ([]string, error) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil, err
	}
	// The name, in parentheses, may hold anything.
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(words) < 13 {
		return nil, errors.New("/proc/" + pid + "/stat is short")
	}
	return words, nil
}

// Memory is what is resident of it now, and was at most, in bytes.
func (p *Process) Memory() (now, peak int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes int64
		name, rest, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmHWM" {
			continue
		}
		if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
			return 0, 0, fmt.Errorf("memory: %q: %w", line, err)
		}
		if name == "VmRSS" {
			now = kilobytes << 10
		} else {
			peak = kilobytes << 10
		}
	}
	return now, peak, nil
}

// Machine describes where this runs: processors, memory, kernel.
func Machine() string {
	model, memory := "", ""
	cores := 0
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				cores++
			}
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kilobytes int64
		if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kilobytes); err == nil {
			memory = fmt.Sprintf("%.0f GB of memory", float64(kilobytes)/1e6)
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("%d cores (%s), %s, Linux %s, load before the run %s", cores, model, memory, strings.TrimSpace(string(kernel)), strings.Join(strings.Fields(string(load))[:1], ""))
}
