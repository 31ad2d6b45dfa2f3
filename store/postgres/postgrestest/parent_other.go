//go:build unix && !linux

package postgrestest

import "syscall"

// ofParent: a server ends when the test ends it.
func ofParent(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Setpgid: true}
}
