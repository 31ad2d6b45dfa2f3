package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// monotonic is the time since the machine started, on the clock that systemd
// compares by.
func monotonic() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // fails for an unknown clock alone
	return time.Duration(t.Nano())
}
