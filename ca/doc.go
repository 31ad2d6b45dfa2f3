// Package ca is a certificate authority of one's own, for servers on this
// machine that answer under host names of AWS and Amazon.
//
// The way of one certificate: Open reads ca.pem and ca-key.pem, or makes them on
// first use (pair.go); a client's handshake names a server, Config.Names says
// which names its certificate has, and the authority signs one (certificate.go),
// which is kept for the next handshake and made anew before it ends.
//
// What it may vouch for stands in its own certificate, as critical name
// constraints: the domains that Config names, and addresses of this machine.
// Whoever gets hold of its key can pose as nothing else, however many machines
// trust it. It ends after ten years; certificates of servers after ninety days.
//
// It never replaces a key or a certificate that is there, never reads a key that
// others may read, never signs for a name that Names does not know or that its
// constraints leave out, and never keeps more than a few hundred certificates:
// strangers choose the names in handshakes. Keys of servers stay in memory.
//
// It may import nothing of ours.
//
// Pages: https://datatracker.ietf.org/doc/html/rfc5280#section-4.2.1.10 (name
// constraints) and https://datatracker.ietf.org/doc/html/rfc6066#section-3 (server
// names).
package ca
