//go:build unix

package server_test

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of the processors, the kernel's work
// for it included; zero if nobody knows.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
