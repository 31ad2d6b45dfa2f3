package postgrestest

import "syscall"

// ofParent: a server ends with the test, even one that panics or is killed.
func ofParent(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
}
