package main

import "golang.org/x/sys/unix"

// keepCoreSecret keeps what is in memory from core files. The kernel heeds no
// limit of their size when it hands them to a program, so that the process also
// says that it must not be dumped; then no other process of the same user may look
// into it either.
func keepCoreSecret() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
