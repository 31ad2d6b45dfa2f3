//go:build unix

package keyring

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const nonblock = syscall.O_NONBLOCK

func inode(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Ino)
	}
	return 0
}

// ours tells whether a file belongs to us, or to root, from whom nothing is kept.
// Root itself may read whoever's it is, to list and change it.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (os.Geteuid() == 0 || int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

// sameOwner gives a file the owner and mode of another, and its group where that
// may read it, so that who runs the server reads a keyring that root changes.
func sameOwner(f *os.File, like fs.FileInfo) error {
	stat, ok := like.Sys().(*syscall.Stat_t)
	if ok && (int(stat.Uid) != os.Geteuid() || like.Mode().Perm()&0o070 != 0) {
		if err := f.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
			return err
		}
	}
	return f.Chmod(like.Mode().Perm())
}

// syncDir makes durable that a directory has a new entry.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
