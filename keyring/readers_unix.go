//go:build unix

package keyring

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// identity is whom a process runs as.
type identity struct {
	user   int
	groups []int // the primary one too
}

func self() (identity, error) {
	groups, err := os.Getgroups()
	return identity{os.Geteuid(), append(groups, os.Getegid())}, err
}

// rights are those of a file's mode and of its access control list, if it has one.
type rights struct {
	mode         fs.FileMode
	owner, group int
	list         []listed
}

// listed is somebody whom an access control list lets read: a user, a group, or
// the file's own group.
type listed struct {
	kind int
	id   int // of kindUser and kindGroup
}

const (
	kindUser     = 0x02
	kindOwnGroup = 0x04
	kindGroup    = 0x08
)

// strangers is an error when anybody may do anything with an open file but its
// owner and us.
//
// Kubernetes gives the files of a Secret to root and to the group fsGroup (0440);
// systemd lends a credential of root's by an access control list, which looks like
// 0440. So what a group may read is accepted of root's files alone, and if it is a
// group of ours: who could name another group to it is root, who has the keyring
// anyway. A file of our own needs no group: there a slip would let in the primary
// group, which on some systems all people have. Nor does one of root's own group,
// when we are root.
func strangers(path string, f *os.File, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("keyring: %s has no owner", path)
	}
	r := rights{mode: info.Mode().Perm(), owner: int(stat.Uid), group: int(stat.Gid)}
	us, err := self()
	if err == nil && r.mode&0o040 != 0 {
		r.list, err = accessList(f)
	}
	if err != nil {
		return fmt.Errorf("keyring: who may read %s cannot be found out: %w", path, err)
	}
	if who, remedy := r.stranger(us); who != "" {
		return refusal(path, who, r.mode, remedy)
	}
	return nil
}

func refusal(path, who string, mode fs.FileMode, remedy string) error {
	return fmt.Errorf("keyring: %s may be read by %s (mode %04o): %s, and if strangers could have read it, use a new key", path, who, mode, remedy)
}

// stranger names one who may read or write the file beside its owner and us, and
// what to do about it; empty when there is none.
func (r rights) stranger(us identity) (who, remedy string) {
	const unlist = "setfacl --remove-all it"
	shut := r.shut(us)
	switch {
	case r.mode&0o007 != 0:
		return "others", shut
	case r.mode&0o030 != 0:
		return "its group, and written or run", shut
	case r.mode&0o040 == 0:
		return "", ""
	case r.owner != 0 || us.user == 0 && r.group == 0:
		return "its group", shut
	}
	// A list has the mode's bits in its own way: those of the group are a mask.
	list := r.list
	if list == nil {
		list = []listed{{kind: kindOwnGroup}}
	}
	for _, l := range list {
		switch {
		case l.kind == kindOwnGroup && !slices.Contains(us.groups, r.group):
			return fmt.Sprintf("group %d, in which iamd does not run", r.group), shut
		case l.kind == kindGroup && !slices.Contains(us.groups, l.id):
			return fmt.Sprintf("group %d by its access control list", l.id), unlist
		case l.kind == kindUser && l.id != us.user && l.id != 0:
			return fmt.Sprintf("user %d by its access control list", l.id), unlist
		}
	}
	return "", ""
}

// shut is what closes a file to others than us: by its mode, if it is ours to read then.
func (r rights) shut(us identity) string {
	ours := slices.Contains(us.groups, r.group)
	switch {
	case r.owner == 0 && us.user != 0 && ours:
		return "chmod 440 it (of a Kubernetes volume: defaultMode 0400)"
	case r.owner == 0 && us.user != 0:
		return fmt.Sprintf("chown it to user %d and chmod 600 it", us.user)
	case r.owner == 0 && !ours && r.mode&0o037 == 0: // the server may well be of that group
		return fmt.Sprintf("run this by setpriv --groups %d or chmod 600 it", r.group)
	}
	return "chmod 600 it"
}
