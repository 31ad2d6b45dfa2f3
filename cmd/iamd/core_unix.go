//go:build unix && !linux

package main

import "golang.org/x/sys/unix"

// keepCoreSecret keeps what is in memory from core files.
func keepCoreSecret() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
