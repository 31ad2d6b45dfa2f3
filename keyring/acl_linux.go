package keyring

import (
	"encoding/binary"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// accessList tells whom a file's access control list lets read; nil when it has
// none. The form is the kernel's: a version, and entries of a kind, rights and an
// id, little-endian.
func accessList(f *os.File) ([]listed, error) {
	b := make([]byte, 4<<10)
	n, err := unix.Fgetxattr(int(f.Fd()), "system.posix_acl_access", b)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.EOPNOTSUPP) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseAccessList(b[:n])
}

func parseAccessList(b []byte) ([]listed, error) {
	const version, head, entry = 2, 4, 8
	if len(b) < head || binary.LittleEndian.Uint32(b) != version || (len(b)-head)%entry != 0 {
		return nil, errors.New("its access control list has an unknown form")
	}
	list := []listed{}
	for b = b[head:]; len(b) > 0; b = b[entry:] {
		kind, may, id := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:])
		// What else a list has is the owner, all others and the mask, which the mode tells.
		if (kind == kindUser || kind == kindGroup || kind == kindOwnGroup) && may != 0 {
			list = append(list, listed{int(kind), int(id)})
		}
	}
	return list, nil
}
