package server

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"iamd/ca"
	"iamd/standin"
)

// defaultTLSListen is where the doors answer by TLS beside a stand-in.
const defaultTLSListen = "127.0.0.1:8443"

// maxStreams bounds the requests of one HTTP/2 connection.
const maxStreams = 100

// front is the listener for TLS: the doors under AWS's and Amazon's host names. It
// alone chooses among them, by one name on which handshake and request agree.
type front struct {
	authority *ca.Authority
	names     *standin.Names
	doors     map[standin.Door]http.Handler
}

// newFront opens the authority and hangs the doors: on AWS's names the actions
// alone, on this machine's all that the plain listener serves.
func (s *Server) newFront(aws http.Handler) (*front, error) {
	doors := map[standin.Door]http.Handler{standin.Local: s.handler, standin.AWS: aws, standin.LWA: s.attended(s.throttle.limited(s.spapi.Login()))}
	if s.gateway != nil {
		doors[standin.API] = s.Gateway()
	}
	var hosts []string
	for _, a := range s.cfg.Gateway.APIs {
		for _, h := range a.Hosts {
			if !standin.Vouched(h) {
				s.cfg.Log.Info("host is not served by TLS: the local authority does not vouch for it", "api", a.ID, "host", h, "domains", standin.Domains)
			}
		}
		hosts = append(hosts, a.Hosts...)
	}
	f := &front{names: standin.NewNames(standin.NamesConfig{APIs: hosts, ExecuteAPI: s.gateway != nil}), doors: doors}
	var err error
	f.authority, err = Authority(s.cfg.DataDir, func(c *ca.Config) {
		c.Names, c.Now, c.Rand = f.names.Certificate, s.cfg.Now, s.cfg.Rand
	})
	return f, err
}

// Authority opens the certificate authority of a data directory, and makes it on
// first use.
func Authority(dataDir string, change func(*ca.Config)) (*ca.Authority, error) {
	cfg := ca.Config{Dir: dataDir, Domains: standin.Domains}
	if change != nil {
		change(&cfg)
	}
	return ca.Open(cfg)
}

// AuthorityFile is where the certificate of that authority is.
func AuthorityFile(dataDir string) string { return ca.CertificateFile(dataDir) }

// ServeHTTP gives a request to the door that it names.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	door, status, why := f.door(r)
	if door == standin.None {
		if r.ProtoMajor == 1 {
			w.Header().Set("Connection", "close")
		}
		text(w, status, why)
		return
	}
	if door != standin.API {
		// The gateway bounds bodies itself, as it lets some be long. What keeps a
		// connection from being bounded is told by reading from it.
		c, now := http.NewResponseController(w), time.Now()
		_ = c.SetReadDeadline(now.Add(readTimeout))
		_ = c.SetWriteDeadline(now.Add(writeTimeout))
	}
	f.doors[door].ServeHTTP(w, r)
}

// door reads where a request wants to go. A request that names one server in the
// handshake and another in its head, or two in its head, wants to be let in by one
// door and to be taken for somebody at another: it gets none.
func (f *front) door(r *http.Request) (door standin.Door, status int, why string) {
	if r.URL.Host != "" || r.URL.Scheme != "" || r.Header["Host"] != nil {
		return standin.None, http.StatusBadRequest, "The request names its host more than once: send a path as its target, and one Host header."
	}
	host, ok := standin.Host(r.Host)
	if !ok {
		return standin.None, http.StatusBadRequest, "The Host header must hold a host name or an IP address, and a port if need be."
	}
	door = f.names.Door(host)
	if door == standin.None || f.doors[door] == nil {
		return standin.None, http.StatusMisdirectedRequest, "No service and no API answers under this host name here."
	}
	server, ok := "", false
	if r.TLS != nil {
		server, ok = standin.ServerName(r.TLS.ServerName)
	}
	if !ok || server != host && (door != standin.Local || f.names.Door(server) != standin.Local) {
		return standin.None, http.StatusMisdirectedRequest, "The Host header names another server than the TLS handshake did."
	}
	return door, 0, ""
}

// openFront listens for TLS, within the bounds of the other listeners.
func (s *Server) openFront() (*door, error) {
	l, err := listen("tcp", s.cfg.TLSListen)
	if err != nil {
		return nil, err
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		s.cfg.Log.Warn("listening for TLS beyond this machine: whoever reaches this address reaches IAM, and the names that it answers to are AWS's", "address", l.Addr())
	}
	return &door{s.throttle.bounded(l), byTLS{&http.Server{
		Handler: s.throttle.multiplexed(s.leaving(framed(s.front))), ConnState: s.counted, TLSConfig: s.front.authority.TLS(), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: writeTimeout},
		DisableGeneralOptionsHandler: true,
	}}}, nil
}

// byTLS is a server whose listener speaks TLS.
type byTLS struct{ *http.Server }

// Serve answers until the door is shut.
func (s byTLS) Serve(l net.Listener) error { return s.ServeTLS(l, "", "") }
