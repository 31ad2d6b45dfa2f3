package keyring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

type aclEntry struct {
	kind, may uint16
	id        uint32
}

// aclOf is a list in the kernel's form.
func aclOf(entries ...aclEntry) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(b, e.kind), e.may), e.id)
	}
	return b
}

const nobody = 1<<32 - 1 // where an entry has no id

// lentTo is a list as systemd makes it for a credential: its user reads.
func lentTo(user uint32, more ...aclEntry) []byte {
	list := append([]aclEntry{{0x01, 4, nobody}, {0x02, 4, user}, {0x04, 0, nobody}}, more...)
	return aclOf(append(list, aclEntry{0x10, 4, nobody}, aclEntry{0x20, 0, nobody})...)
}

func TestParseAccessList(t *testing.T) {
	got, err := parseAccessList(lentTo(65532, aclEntry{0x08, 0, 7}, aclEntry{0x08, 4, 8}))
	if want := []listed{{kindUser, 65532}, {kindGroup, 8}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if got, err := parseAccessList(aclOf()); err != nil || got == nil || len(got) != 0 {
		t.Errorf("nobody: %v, %v", got, err)
	}
	whole := lentTo(1)
	for n := range len(whole) {
		if _, err := parseAccessList(whole[:n]); (err == nil) != (n >= 4 && n%8 == 4) {
			t.Errorf("%d bytes of it: %v", n, err)
		}
	}
	whole[0]++
	if _, err := parseAccessList(whole); err == nil {
		t.Error("another version is read")
	}
}

// loads is the name of the file that this program is to load, in the tests that
// run it again as somebody else.
const loads = "KEYRING_TEST_LOADS"

func TestMain(m *testing.M) {
	path := os.Getenv(loads)
	if path == "" {
		os.Exit(m.Run())
	}
	if _, err := Load(path); err != nil {
		fmt.Println(err)
	}
	os.Exit(0)
}

// TestMountedSecrets reads files as Kubernetes and systemd give them to a process
// that is not root. Only root can make such files; to all others TestStranger
// tells the same of the rule.
func TestMountedSecrets(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	// As Kubernetes writes a Secret: keyring → ..data/keyring, ..data → a folder.
	dir := t.TempDir()
	kept, path := filepath.Join(dir, "..2026", "keyring"), filepath.Join(dir, "keyring")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "load")
	if err := errors.Join(
		os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755), // who reads comes by here
		os.Mkdir(filepath.Dir(kept), 0o755), os.Symlink("..2026", filepath.Join(dir, "..data")), os.Symlink("..data/keyring", path),
		os.WriteFile(kept, []byte("1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"), 0o600),
		os.WriteFile(run, program, 0o755),
	); err != nil {
		t.Fatal(err)
	}
	const node, fsGroup = 65532, 2000
	load := func(groups ...uint32) string {
		cmd := exec.Command(run)
		cmd.Env = []string{loads + "=" + path}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: node, Gid: node, Groups: groups}}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	for _, c := range []struct {
		mode         os.FileMode
		owner, group int
		groups       []uint32
		want         string
	}{
		{0o440, 0, fsGroup, []uint32{7, fsGroup}, ""},
		{0o440, 0, node, nil, ""},
		{0o400, node, 0, nil, ""},
		{0o644, 0, fsGroup, []uint32{fsGroup}, "others (mode 0644): chmod 440 it"},
		{0o660, 0, fsGroup, []uint32{fsGroup}, "written or run (mode 0660): chmod 440 it"},
		{0o440, 1001, fsGroup, []uint32{fsGroup}, "its group (mode 0440): chmod 600 it"},
		{0o440, 0, fsGroup, nil, "permission denied"},
	} {
		if err := errors.Join(os.Chown(kept, c.owner, c.group), os.Chmod(kept, c.mode)); err != nil {
			t.Fatal(err)
		}
		if said := load(c.groups...); (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("%04o of %d:%d to groups %v: %q, want %q", c.mode, c.owner, c.group, c.groups, said, c.want)
		}
	}

	// As systemd lends a credential.
	if err := errors.Join(os.Chown(kept, 0, 0), os.Chmod(kept, 0o400)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		list []byte
		want string
	}{
		{lentTo(node), ""},
		{lentTo(node, aclEntry{0x08, 4, 7}), "group 7 by its access control list (mode 0440): setfacl --remove-all it"},
	} {
		err := unix.Setxattr(kept, "system.posix_acl_access", c.list, 0)
		if errors.Is(err, unix.EOPNOTSUPP) {
			t.Log("files here have no access control lists")
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if said := load(); (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("a credential: %q, want %q", said, c.want)
		}
	}
}

// TestChangeKeepsGroup: who runs the server reads a keyring that root has changed.
func TestChangeKeepsGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	path := filepath.Join(t.TempDir(), "keyring")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	like, other := path+".like", 2000
	for _, want := range []struct {
		mode  os.FileMode
		owner int
		group int
	}{{0o440, 0, other}, {0o640, 0, other}, {0o400, 1001, other}, {0o600, 0, os.Getegid()}} {
		if err := errors.Join(os.WriteFile(like, nil, 0o600), os.Chown(like, want.owner, want.group), os.Chmod(like, want.mode)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(like)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Chown(0, os.Getegid()), f.Chmod(0o600), sameOwner(f, info), os.Remove(like)); err != nil {
			t.Fatal(err)
		}
		got, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if stat := got.Sys().(*syscall.Stat_t); got.Mode() != want.mode || int(stat.Uid) != want.owner || int(stat.Gid) != want.group {
			t.Errorf("%04o of %d:%d, want %v", got.Mode(), stat.Uid, stat.Gid, want)
		}
	}
}
