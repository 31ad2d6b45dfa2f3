//go:build linux

package e2e_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// room is a network namespace with two ways from the host: one that always works,
// and one through a router, which drops what passes once it is cut: nobody hears
// of that, as behind a switch that lost its power.
//
// Namespaces have no names and so go, with the links into them, as soon as the
// processes that hold them do, however the test ends.
type room struct {
	enter  []string // the command that runs another in the room
	router []string // likewise in the router
	// The ends of the way that always works, and of the one that may be cut.
	hostFront, front string
	hostBack, back   string
}

// roomNetworks hold all rooms' addresses. RFC 2544 has them for tests.
const roomNetworks = "198.18.0.0/15"

// rooms counts those of this process: each has a network of its own.
var rooms atomic.Int64

func newRoom(t *testing.T) *room {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("cutting a network takes network namespaces, and those root: run this test as root")
	}
	n := (4*os.Getpid() + int(rooms.Add(1))) % 512
	for busy(t, net.IPv4(198, byte(18+n/256), byte(n), 1)) {
		n = (n + 1) % 512
	}
	subnet := fmt.Sprintf("198.%d.%d.", 18+n/256, n%256)
	r := &room{hostFront: subnet + "1", front: subnet + "2", hostBack: subnet + "5", back: subnet + "10"}
	inner, outer := subnet+"9", subnet+"6" // the router's
	router, inside := hold(t), hold(t)
	r.router, r.enter = within(router), within(inside)
	here := fmt.Sprint("iamd", n)
	ip(t, nil,
		fmt.Sprintf("link add %sf type veth peer name front netns %d", here, inside),
		fmt.Sprintf("link add %sb type veth peer name outer netns %d", here, router),
		fmt.Sprintf("addr add %s/30 dev %sf", r.hostFront, here),
		fmt.Sprintf("addr add %s/30 dev %sb", r.hostBack, here),
		fmt.Sprintf("link set %sf up", here),
		fmt.Sprintf("link set %sb up", here),
		fmt.Sprintf("route add %s/32 via %s", r.back, outer),
	)
	ip(t, r.router,
		fmt.Sprintf("link add inner type veth peer name back netns %d", inside),
		fmt.Sprintf("addr add %s/30 dev outer", outer),
		fmt.Sprintf("addr add %s/30 dev inner", inner),
		"link set outer up",
		"link set inner up",
	)
	ip(t, r.enter,
		fmt.Sprintf("addr add %s/30 dev front", r.front),
		fmt.Sprintf("addr add %s/30 dev back", r.back),
		"link set lo up",
		"link set front up",
		"link set back up",
		fmt.Sprintf("route add %s/32 via %s", r.hostBack, inner),
	)
	perform(t, append(r.router, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"), "")
	return r
}

// cut has what passes the way that may be cut vanish, until mend.
func (r *room) cut(t *testing.T) {
	t.Helper()
	ip(t, r.router, "route add blackhole "+r.hostBack+"/32", "route add blackhole "+r.back+"/32")
}

func (r *room) mend(t *testing.T) {
	t.Helper()
	ip(t, r.router, "route del blackhole "+r.hostBack+"/32", "route del blackhole "+r.back+"/32")
}

// busy tells whether the host has an address already.
func busy(t *testing.T, address net.IP) bool {
	t.Helper()
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(address) {
			return true
		}
	}
	return false
}

// hold starts a process in a network namespace of its own. It ends with the test's
// process: its input does.
func hold(t *testing.T) (pid int) {
	t.Helper()
	cmd := exec.Command("cat")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	input, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("no network namespace can be made here, which this test needs: %v", err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = cmd.Wait() // cat has nothing to say
	})
	return cmd.Process.Pid
}

func within(pid int) []string { return []string{"nsenter", "-t", fmt.Sprint(pid), "-n", "--"} }

// ip runs commands of iproute2 where enter leads.
func ip(t *testing.T, enter []string, commands ...string) {
	t.Helper()
	path, err := exec.LookPath("ip")
	if err != nil {
		path = "/usr/sbin/ip"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal("iproute2 is not installed: scripts/tools.sh installs what the tests need")
	}
	perform(t, append(enter[:len(enter):len(enter)], path, "-batch", "-"), strings.Join(commands, "\n")+"\n")
}

func perform(t *testing.T, words []string, input string) {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin = io.Reader(strings.NewReader(input))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(words, " "), err, input, out)
	}
}
