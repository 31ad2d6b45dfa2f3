package workload

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"iamd/iam"
	"iamd/sts"
)

// Instance says which instance profile this machine has; without one the door is
// closed.
type Instance struct {
	Listen  string
	Profile string // ARN of the instance profile
	ID      string // i-…; empty: new at each start
	Region  string // empty: us-east-1
	Zone    string // availability zone; empty: the region's a
	// HopLimit is how many networks an answer may cross; 0 is AWS's default, 1.
	HopLimit int
}

const (
	ec2 = "ec2.amazonaws.com"
	// serverName is what AWS's own service calls itself.
	serverName = "EC2ws"

	tokenPath   = "/latest/api/token"
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
)

// Metadata is the instance metadata service.
type Metadata struct {
	Deps
	cfg      Instance
	account  string
	workload workload
	tokens   tokens
	started  time.Time
}

var instanceID = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)

// NewMetadata makes the door. It fails for a configuration that cannot be meant.
func NewMetadata(cfg Instance, deps Deps) (*Metadata, error) {
	m := &Metadata{Deps: deps, started: deps.Now()}
	deps.read(m.tokens.key[:])
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	cfg.Zone = cmp.Or(cfg.Zone, cfg.Region+"a")
	if cfg.ID == "" {
		var b [9]byte
		deps.read(b[:])
		cfg.ID = "i-" + hex.EncodeToString(b[:])[:17]
	}
	fail := func(key, format string, args ...any) (*Metadata, error) {
		return nil, fmt.Errorf("workloads.instance.%s: %w", key, fmt.Errorf(format, args...))
	}
	var ok bool
	switch m.account, ok = accountOf(profileARN, cfg.Profile); {
	case !ok:
		return fail("instance_profile", "%q is no instance profile's ARN, such as arn:aws:iam::111122223333:instance-profile/Web", cfg.Profile)
	case !instanceID.MatchString(cfg.ID):
		return fail("instance_id", "%q is no instance's id, such as i-1234567890abcdef0", cfg.ID)
	case !regionName.MatchString(cfg.Region):
		return fail("region", "%q is no region's name", cfg.Region)
	case !strings.HasPrefix(cfg.Zone, cfg.Region) || len(cfg.Zone) > 64 || strings.ContainsAny(cfg.Zone, " /\r\n\t"):
		return fail("availability_zone", "%q is none of %s, such as %[2]sa", cfg.Zone, cfg.Region)
	case cfg.HopLimit < 0 || cfg.HopLimit > 64:
		return fail("hop_limit", "%d: write 1 to 64", cfg.HopLimit)
	}
	m.cfg = cfg
	m.workload = workload{
		service: ec2, name: cfg.ID, session: cfg.ID, region: cfg.Region,
		// AWS tells trust policies nothing of the instance, and every policy after.
		// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policy-structure.html#amazon-ec2-keys
		keys: []sts.Key{
			{Name: "ec2:RoleDelivery", Values: []string{"2.0"}},
			{Name: "ec2:SourceInstanceARN", Values: []string{"arn:aws:ec2:" + cfg.Region + ":" + m.account + ":instance/" + cfg.ID}},
		},
	}
	return m, nil
}

func (m *Metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Server", serverName)
	h.Set("Cache-Control", "no-store")
	status, body := m.answer(r, h)
	m.Observe("instance", status)
	h.Set("Content-Type", "text/plain")
	if status != http.StatusOK {
		h.Set("Content-Type", "text/html")
		body = page(status)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		// A client that has gone hears no answer.
		_, _ = w.Write([]byte(body))
	}
}

// answer is a status, and a body if that is 200. Whatever is asked, nothing is
// told without a token, not even what there is.
func (m *Metadata) answer(r *http.Request, h http.Header) (status int, body string) {
	switch {
	case !trusted(r), len(r.Header.Values("X-Forwarded-For")) > 0:
		// An open proxy, or a browser, asks for somebody else. AWS refuses so where
		// a token is asked for; nobody who is forwarded has one.
		return http.StatusForbidden, ""
	case r.Method == http.MethodPut:
		return m.give(r, h)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD, PUT")
		return http.StatusMethodNotAllowed, ""
	case r.URL.Path == tokenPath:
		h.Set("Allow", http.MethodPut)
		return http.StatusMethodNotAllowed, ""
	}
	left, ok := m.shown(r)
	if !ok {
		return http.StatusUnauthorized, ""
	}
	h.Set(ttlHeader, strconv.Itoa(int(left/time.Second)))
	if r.URL.RawPath != "" {
		return http.StatusNotFound, ""
	}
	return m.look(r)
}

// give answers a PUT: there is but one.
func (m *Metadata) give(r *http.Request, h http.Header) (status int, body string) {
	if r.URL.Path != tokenPath || r.URL.RawPath != "" {
		if strings.HasSuffix(r.URL.Path, "/api/token") {
			return http.StatusForbidden, "" // of a version of its own
		}
		h.Set("Allow", "GET, HEAD")
		return http.StatusMethodNotAllowed, ""
	}
	asked := r.Header.Values(ttlHeader)
	if len(asked) != 1 || len(asked[0]) > 5 {
		return http.StatusBadRequest, ""
	}
	seconds, err := strconv.ParseUint(asked[0], 10, 32)
	if err != nil || seconds < 1 || seconds > maxTTL {
		return http.StatusBadRequest, ""
	}
	h.Set(ttlHeader, strconv.FormatUint(seconds, 10))
	return http.StatusOK, m.token(m.Now().Add(time.Duration(seconds) * time.Second))
}

// shown tells whether the request shows a token that is good now, and for how long
// it still will be.
func (m *Metadata) shown(r *http.Request) (left time.Duration, ok bool) {
	values := r.Header.Values(tokenHeader)
	if len(values) != 1 {
		return 0, false
	}
	until, ok := m.tokens.open(values[0])
	left = until.Sub(m.Now())
	return left, ok && left > 0
}

// profile is the instance profile as it stands, and the role in it; nil where
// there is none.
func (m *Metadata) profile(r *http.Request) (*iam.InstanceProfile, *iam.Role, string, error) {
	account, err := m.Account(r.Context(), m.account)
	if errors.Is(err, iam.ErrNotFound) {
		return nil, nil, "", nil
	}
	if err != nil {
		return nil, nil, "", err
	}
	p, err := account.InstanceProfile(m.cfg.Profile[strings.LastIndexByte(m.cfg.Profile, '/')+1:])
	if err != nil || account.InstanceProfileARN(p) != m.cfg.Profile {
		return nil, nil, "", nil
	}
	role, ok := account.RoleByID(p.Role)
	if !ok {
		return p, nil, "", nil
	}
	return p, role, account.RoleARN(role), nil
}

// page is an error as AWS's service writes it.
func page(status int) string {
	title := strconv.Itoa(status) + " - " + http.StatusText(status)
	return `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>` + title + `</title>
 </head>
 <body>
  <h1>` + title + `</h1>
 </body>
</html>
`
}

// listing is a directory: its entries, one a line.
func listing(entries ...string) string {
	slices.Sort(entries)
	return strings.Join(entries, "\n")
}
