package main

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"
)

// manager is the service manager that started the program and wants to hear of
// its state: systemd, for a unit of Type=notify or notify-reload. Nothing waits for
// it longer than notifyTime.
// https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
type manager struct {
	socket string // empty: nobody wants to hear
	log    *slog.Logger

	mu              sync.Mutex
	ready, stopping bool // what was told
}

// notifyTime is how long one message may take.
const notifyTime = time.Second

// newManager takes what stands in NOTIFY_SOCKET: a path, or @ and an abstract name.
func newManager(socket string, log *slog.Logger) *manager {
	if socket != "" && !strings.HasPrefix(socket, "/") && !strings.HasPrefix(socket, "@") {
		log.Warn("NOTIFY_SOCKET is no socket of this machine's: nobody hears when the server is ready", "socket", socket)
		socket = ""
	}
	return &manager{socket: socket, log: log}
}

// Ready tells that all doors are open.
func (m *manager) Ready() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ready = true
	if !m.stopping {
		m.tell("READY=1")
	}
}

// Stopping tells that the server was told to stop.
func (m *manager) Stopping() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopping = true
	m.tell("STOPPING=1")
}

// Reloading tells that reload begins, and afterwards that all is as before. A
// server that is not ready yet, or stops, reloads without a word.
func (m *manager) Reloading(reload func()) {
	if m.tells(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonic().Microseconds())) {
		defer m.tells("READY=1")
	}
	reload()
}

// tells tells it if the server is ready and does not stop.
func (m *manager) tells(state string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ready || m.stopping {
		return false
	}
	m.tell(state)
	return true
}

// tell sends one datagram. The server goes on without a manager that does not listen.
func (m *manager) tell(state string) {
	if m.socket == "" {
		return
	}
	if err := send(m.socket, state); err != nil {
		m.log.Warn("the service manager does not hear the server's state", "error", err)
	}
}

func send(socket, state string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(notifyTime)); err != nil {
		return err
	}
	_, err = conn.Write([]byte(state))
	return err
}
