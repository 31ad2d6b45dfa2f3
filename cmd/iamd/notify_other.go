//go:build !linux

package main

import "time"

// monotonic is for systemd, which is on Linux.
func monotonic() time.Duration { return 0 }
