package etcd

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Config tells Open where the store is.
type Config struct {
	// URL is etcd://[user[:password]@]host[:port][,host[:port]…][/prefix][?option=…].
	// The port is 2379 and the prefix /iamd/ unless told otherwise. Options: ca, cert,
	// key (files of PEM) and server_name, which mean TLS; tls=1, which means it with the
	// system's authorities; password_file. The client's certificate is read anew for
	// each connection.
	URL  string
	Now  func() time.Time // dates the changes; nil means time.Now
	Rand io.Reader        // makes ids; nil means crypto/rand
	Log  *slog.Logger     // nil: nothing is logged
}

// address is a URL taken apart. Its password goes into no error.
type address struct {
	endpoints      []string
	user, password string
	prefix         string
	tls            *tls.Config // nil: plain
}

// parseURL takes a URL apart by hand as far as there may be several hosts. Its
// errors hold nothing of what stands before the query: a password with a stray
// character may be anywhere there.
func parseURL(text string) (a address, err error) {
	rest, ok := strings.CutPrefix(text, "etcd://")
	if !ok {
		return a, errors.New("the URL does not begin with etcd://")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		var errUser, errPassword error
		a.user, errUser = url.PathUnescape(user)
		a.password, errPassword = url.PathUnescape(password)
		if errUser != nil || errPassword != nil || a.user == "" {
			return a, errors.New("the user or the password in the URL is not well-formed")
		}
		authority = authority[i+1:]
	}
	prefix, err := url.PathUnescape(path)
	if err != nil {
		return a, errors.New("the prefix in the URL is not well-formed")
	}
	a.prefix = "/" + strings.Trim(prefix, "/") + "/"
	if a.prefix == "//" {
		a.prefix = "/iamd/"
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return a, errors.New("the options in the URL are not well-formed")
	}
	if err := a.set(options); err != nil {
		return a, err
	}
	scheme := "http://"
	if a.tls != nil {
		scheme = "https://"
	}
	for i, host := range strings.Split(authority, ",") {
		end, ok := endpoint(host)
		if !ok {
			return a, fmt.Errorf("host %d in the URL is not well-formed", i+1)
		}
		a.endpoints = append(a.endpoints, scheme+end)
	}
	return a, nil
}

// endpoint is a host with its port, or with 2379.
func endpoint(host string) (string, bool) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), "2379"
		if strings.Contains(name, ":") && net.ParseIP(name) == nil {
			return "", false
		}
	}
	if name == "" || port == "" || strings.ContainsAny(name+port, "[]@/ \\") || strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	return net.JoinHostPort(name, port), true
}

func (a *address) set(options url.Values) error {
	var ca, cert, key, server, passwordFile string
	wanted := ""
	known := map[string]*string{
		"ca": &ca, "cert": &cert, "key": &key, "server_name": &server, "password_file": &passwordFile, "tls": &wanted,
	}
	for name, values := range options {
		at, ok := known[name]
		if !ok || len(values) != 1 {
			return errors.New("an option in the URL is not known, or there twice") // unnamed: it may be the rest of a password with a "?"
		}
		*at = values[0]
	}
	if passwordFile != "" {
		if a.user == "" || a.password != "" {
			return errors.New("password_file goes with a user, and without a password in the URL")
		}
		data, err := os.ReadFile(passwordFile)
		if err != nil {
			return fmt.Errorf("password_file: %w", err)
		}
		a.password = strings.TrimRight(string(data), "\r\n")
	}
	if a.user != "" && a.password == "" {
		return errors.New("there is a user without a password")
	}
	secure := ca+cert+key+server != ""
	switch {
	case wanted != "" && wanted != "0" && wanted != "1":
		return errors.New("tls is 0 or 1")
	case wanted == "0" && secure:
		return errors.New("tls=0 contradicts the other options")
	case wanted != "1" && !secure:
		return nil
	}
	var err error
	a.tls, err = secured(ca, cert, key, server)
	return err
}

func secured(ca, cert, key, server string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: server}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca: %s holds no certificate", ca)
		}
	}
	if (cert == "") != (key == "") {
		return nil, errors.New("cert and key go together")
	}
	if cert == "" {
		return c, nil
	}
	p := &pair{cert: cert, key: key}
	if _, err := p.read(nil); err != nil {
		return nil, fmt.Errorf("cert and key: %w", err)
	}
	c.GetClientCertificate = p.read
	return c, nil
}

// pair is a client's certificate in two files, which others renew.
type pair struct {
	cert, key string

	mu   sync.Mutex
	last *tls.Certificate
}

// read reads the files. While they don't go together, as amid a renewal, the
// last good pair stays.
func (p *pair) read(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	loaded, err := tls.LoadX509KeyPair(p.cert, p.key)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		p.last = &loaded
	case p.last == nil:
		return nil, err
	}
	return p.last, nil
}
