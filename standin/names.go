package standin

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Door is where a host name leads.
type Door uint8

// Doors. None is no door at all.
const (
	None  Door = iota
	Local      // this machine's own names: what the plain listener serves
	AWS        // IAM, STS, Organizations, Access Analyzer, CloudTrail
	LWA        // Login with Amazon
	API        // the guarded APIs
)

// Domains are what the local authority may vouch for, and no more: of AWS's the
// domains where a region stands in names, of Amazon's the very hosts, and domains
// that are nobody's, for APIs of one's own.
// https://datatracker.ietf.org/doc/html/rfc2606#section-2
var Domains = []string{
	"amazonaws.com", "amazonaws.com.cn", "api.aws",
	"api.amazon.com", "api.amazon.co.uk", "api.amazon.co.jp",
	"sellingpartnerapi-na.amazon.com", "sellingpartnerapi-eu.amazon.com", "sellingpartnerapi-fe.amazon.com",
	"localhost", "test", "internal",
}

// login are the hosts of Login with Amazon.
var login = map[string]bool{"api.amazon.com": true, "api.amazon.co.uk": true, "api.amazon.co.jp": true}

// The names of AWS's services as its SDKs make them: global, of a region, FIPS
// and dual-stack ones.
var (
	serviceForm = regexp.MustCompile(`^(?:iam|sts|organizations|access-analyzer|cloudtrail)(?:-fips)?(?:\.(?:` + regionForm + `|global|us-gov))?\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)$`)
	executeForm = regexp.MustCompile(`^[a-z0-9_-]{1,63}\.(execute-api\.` + regionForm + `\.amazonaws\.com(?:\.cn)?)$`)
)

const regionForm = `[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}`

// NamesConfig says what there is beside the services of AWS.
type NamesConfig struct {
	// APIs are the host names of guarded APIs; those outside Domains get no
	// certificate, and no door here.
	APIs []string
	// ExecuteAPI leads the default endpoints, ID.execute-api.REGION.amazonaws.com,
	// to the guarded APIs.
	ExecuteAPI bool
}

// Names are the host names that are served.
type Names struct {
	apis    map[string]bool
	execute bool
}

// NewNames makes the table.
func NewNames(cfg NamesConfig) *Names {
	n := &Names{apis: map[string]bool{}, execute: cfg.ExecuteAPI}
	for _, host := range cfg.APIs {
		if name, ok := nameOf(host); ok && Vouched(name) {
			n.apis[name] = true
		}
	}
	return n
}

// Vouched tells whether a host name is in Domains.
func Vouched(host string) bool {
	name, ok := nameOf(host)
	if !ok {
		return false
	}
	for _, d := range Domains {
		if name == d || strings.HasSuffix(name, "."+d) {
			return true
		}
	}
	return false
}

// Door tells where a name leads that Host or ServerName gave.
func (n *Names) Door(name string) Door {
	switch {
	case local(name):
		return Local
	case serviceForm.MatchString(name):
		return AWS
	case login[name]:
		return LWA
	case n.apis[name], n.execute && executeForm.MatchString(name):
		return API
	}
	return None
}

// Certificate gives the names and addresses that a server's certificate has, none
// for a server that there is not. Whoever names no server means this machine.
func (n *Names) Certificate(server string) []string {
	name, ok := ServerName(server)
	if !ok {
		return nil
	}
	switch door := n.Door(name); {
	case door == None:
		return nil
	case door == Local:
		return []string{"localhost", "127.0.0.1", "::1"}
	case door == API && !n.apis[name]:
		// One certificate for all of a region: ids are for strangers to make up.
		return []string{"*." + executeForm.FindStringSubmatch(name)[1]}
	}
	return []string{name}
}

// local tells whether a name is this machine's own.
func local(name string) bool {
	if name == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.IsLoopback()
}

// ServerName reads the name in a handshake; none means localhost.
func ServerName(name string) (string, bool) {
	if name == "" {
		return "localhost", true
	}
	return nameOf(name)
}

// Host reads a Host header: a name, and perhaps a port.
func Host(host string) (string, bool) {
	name := host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name = host[:i]
		if n, err := strconv.ParseUint(host[i+1:], 10, 16); err != nil || n == 0 {
			return "", false
		}
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		a, err := netip.ParseAddr(inner)
		return a.String(), ok && err == nil && a.Is6() && a.Zone() == ""
	}
	return nameOf(name)
}

// nameOf gives the one spelling of a DNS name or an IPv4 address: in lower case,
// without the dot at its end.
func nameOf(s string) (string, bool) {
	s = strings.TrimSuffix(s, ".")
	// Before its case is changed: letters outside ASCII may become ones inside.
	if s == "" || len(s) > 253 || strings.ContainsFunc(s, func(c rune) bool { return c > '~' }) {
		return "", false
	}
	s = strings.ToLower(s)
	for label := range strings.SplitSeq(s, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for i := range len(label) {
			if c := label[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return "", false
			}
		}
	}
	return s, true
}
