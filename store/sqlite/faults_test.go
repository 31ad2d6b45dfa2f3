package sqlite

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"modernc.org/libc"
	codes "modernc.org/sqlite/lib"
)

// faults make the disk below SQLite fail, as a shim over its own file system.
type faults struct {
	// These are asked for a result code before a file is synced, and before so many
	// bytes of it are written; nil: all is well.
	sync  atomic.Pointer[func(path string) int32]
	write atomic.Pointer[func(path string, at int64, n int) int32]

	files   sync.Map // of open files: their paths by their address
	methods sync.Map // the system's own, by the address of those that stand for them
	open    func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32
	made    map[uintptr]uintptr // methods that stand for the system's, by those
	mu      sync.Mutex
}

// theFaults is one for the process, as SQLite's file systems are.
var theFaults = sync.OnceValue(func() *faults {
	f := &faults{made: map[uintptr]uintptr{}}
	tls := libc.NewTLS()
	system := codes.Xsqlite3_vfs_find(tls, 0)
	ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(codes.Tsqlite3_vfs{})))
	*at[codes.Tsqlite3_vfs](ours) = *at[codes.Tsqlite3_vfs](system)
	f.open = function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](at[codes.Tsqlite3_vfs](system).FxOpen)
	name, err := libc.CString("faults")
	if err != nil {
		panic(err)
	}
	vfs := at[codes.Tsqlite3_vfs](ours)
	vfs.FzName, vfs.FpNext, vfs.FxOpen = name, 0, address(f.opened)
	if rc := codes.Xsqlite3_vfs_register(tls, ours, 1); rc != codes.SQLITE_OK {
		panic(rc)
	}
	return f
})

// failing puts the shim below the stores of a test, until that is done.
func failing(t *testing.T) *faults {
	f := theFaults()
	t.Cleanup(func() {
		f.sync.Store(nil)
		f.write.Store(nil)
	})
	return f
}

// at is what lies at an address of SQLite's memory, which Go does not move.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// function is a function of SQLite's by its address, and address that of one of
// ours.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }
func address[F any](f F) uintptr  { kept.Store(&f, f); return *(*uintptr)(unsafe.Pointer(&f)) }

// kept holds the functions that only SQLite knows.
var kept sync.Map

func (f *faults) opened(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	rc := f.open(tls, vfs, name, file, flags, out)
	handle := at[codes.Tsqlite3_file](file)
	if rc != codes.SQLITE_OK || handle.FpMethods == 0 || name == 0 {
		return rc
	}
	f.files.Store(file, libc.GoString(name))
	f.mu.Lock()
	defer f.mu.Unlock()
	system := handle.FpMethods
	if f.made[system] == 0 {
		ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(codes.Tsqlite3_io_methods{})))
		m := at[codes.Tsqlite3_io_methods](ours)
		*m = *at[codes.Tsqlite3_io_methods](system)
		m.FxSync, m.FxWrite = address(f.synced), address(f.written)
		f.made[system] = ours
		f.methods.Store(ours, system)
	}
	handle.FpMethods = f.made[system]
	return rc
}

// of finds a file's path and the system's methods.
func (f *faults) of(file uintptr) (path string, system *codes.Tsqlite3_io_methods) {
	p, _ := f.files.Load(file)
	m, _ := f.methods.Load(at[codes.Tsqlite3_file](file).FpMethods)
	return p.(string), at[codes.Tsqlite3_io_methods](m.(uintptr))
}

func (f *faults) synced(tls *libc.TLS, file uintptr, flags int32) int32 {
	path, system := f.of(file)
	if fault := f.sync.Load(); fault != nil {
		if rc := (*fault)(path); rc != codes.SQLITE_OK {
			return rc
		}
	}
	return function[func(*libc.TLS, uintptr, int32) int32](system.FxSync)(tls, file, flags)
}

func (f *faults) written(tls *libc.TLS, file, data uintptr, n int32, offset codes.Tsqlite3_int64) int32 {
	path, system := f.of(file)
	if fault := f.write.Load(); fault != nil {
		if rc := (*fault)(path, int64(offset), int(n)); rc != codes.SQLITE_OK {
			return rc
		}
	}
	return function[func(*libc.TLS, uintptr, uintptr, int32, codes.Tsqlite3_int64) int32](system.FxWrite)(tls, file, data, n, offset)
}

// TestShim: the faults are asked, or the tests that use them would show nothing.
func TestShim(t *testing.T) {
	f := failing(t)
	var syncs, writes atomic.Int32
	onSync := func(path string) int32 {
		if strings.HasSuffix(path, "-wal") {
			syncs.Add(1)
		}
		return codes.SQLITE_OK
	}
	onWrite := func(path string, _ int64, n int) int32 {
		writes.Add(int32(n))
		return codes.SQLITE_OK
	}
	f.sync.Store(&onSync)
	f.write.Store(&onWrite)
	w := &written{Store: start(t, t.TempDir()+"/store.db")}
	if err := w.write(t); err != nil {
		t.Fatal(err)
	}
	if syncs.Load() == 0 || writes.Load() < 4096 {
		t.Errorf("%d syncs of the log, %d bytes written", syncs.Load(), writes.Load())
	}
}
