package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"iamd/bench/stores/fleet"
	"iamd/sigv4"
)

const password = "Soak-and-soak-again-1"

// load is all callers, and what they were answered.
type load struct {
	*soak
	nobody []sigv4.Credentials // users without rights, by account
	assets []string            // paths of the console
	made   atomic.Int64        // users

	mu    sync.Mutex
	kinds map[string]*kind
}

// kind is what is known of a kind of call.
type kind struct {
	took  []time.Duration
	wrong int
	away  int      // answers that the node cannot tell now, which clients take as a reason to ask again
	first []string // of the wrong answers
}

// job is one caller's, done again and again.
type job struct {
	share float64 // of all calls
	calls float64 // that doing it once makes
	do    func(c *caller)
}

// caller is a client with a connection to each door of each node.
type caller struct {
	*load
	apis, gateways fleet.Lines
	node           int // at which it works this time
	session        sigv4.Credentials
}

// newLoad makes what the callers need.
func (s *soak) newLoad(ctx context.Context) (*load, error) {
	l := &load{soak: s, kinds: map[string]*kind{}}
	line := fleet.NewLine(s.nodes[0].Address)
	defer line.Close()
	for _, a := range s.world {
		for _, form := range [][]string{
			{"Action", "CreateUser", "UserName", "nobody"},
			{"Action", "CreateLoginProfile", "UserName", "bench", "Password", password},
		} {
			if _, err := fleet.Must(line, a.Root, "iam", form...); err != nil {
				return nil, err
			}
		}
		key, err := fleet.Must(line, a.Root, "iam", "Action", "CreateAccessKey", "UserName", "nobody")
		if err != nil {
			return nil, err
		}
		l.nobody = append(l.nobody, sigv4.Credentials{KeyID: fleet.Between(key, "AccessKeyId"), Secret: fleet.Between(key, "SecretAccessKey")})
	}
	status, page, err := line.Do([]byte("GET /console/ HTTP/1.1\r\nHost: " + fleet.Host + "\r\n\r\n"))
	if err != nil {
		return nil, err
	}
	l.assets = append(regexp.MustCompile(`/console/assets/[\w.-]+`).FindAllString(string(page), -1), "/console/")
	if status != http.StatusOK || len(l.assets) < 2 {
		return nil, fmt.Errorf("the console's page: %d, with %d assets", status, len(l.assets))
	}
	return l, l.prime(ctx)
}

// remembered is more than nodes remember of sessions and signing keys.
const remembered = 17000

// prime has all nodes remember as many sessions and signing keys as they ever do.
func (l *load) prime(ctx context.Context) error {
	a := l.world[0]
	sessions := make([]sigv4.Credentials, remembered)
	err := fleet.Each(ctx, l.nodes[0], remembered, func(line *fleet.Line, i int) error {
		body, err := fleet.Must(line, a.User, "sts", "Action", "AssumeRole", "RoleArn", a.Role, "RoleSessionName", "prime")
		sessions[i] = sessionOf(body)
		return err
	})
	for _, n := range l.nodes {
		if err != nil {
			return err
		}
		err = fleet.Each(ctx, n, remembered, func(line *fleet.Line, i int) error {
			_, err := fleet.Must(line, sessions[i], "sts", "Action", "GetCallerIdentity")
			return err
		})
	}
	return err
}

func sessionOf(answer []byte) sigv4.Credentials {
	return sigv4.Credentials{KeyID: fleet.Between(answer, "AccessKeyId"), Secret: fleet.Between(answer, "SecretAccessKey"), Token: fleet.Between(answer, "SessionToken")}
}

// jobs are the load. Most of it are sessions that are used once: nodes remember some
// thousands of those, half of which they forget at a time, and that has to happen often
// for its ups and downs to even out. Sign-ins cost what hashing a password does, and
// are few.
func (s *soak) jobs() []job {
	return []job{
		{0.55, 2, (*caller).brief},
		{0.14, 3, (*caller).reads},
		{0.10, 5, (*caller).sessions},
		{0.12, 8, (*caller).life},
		{0.03, 2, (*caller).denied},
		{0.03, 7, (*caller).malformed},
		{0.03, 2, (*caller).pages},
		{0.4 / s.rate, 1, (*caller).signIn},
		{0.1 / s.rate, 1, (*caller).guess},
	}
}

// pace is how many jobs one caller does in a second.
const pace = 2.0

func (l *load) run(ctx context.Context) {
	var wait sync.WaitGroup
	for _, j := range l.jobs() {
		each := j.share * l.rate / j.calls // jobs a second
		callers := max(1, int(each/pace+0.5))
		for range callers {
			wait.Go(func() { l.call(ctx, j, time.Duration(float64(callers)/each*float64(time.Second))) })
		}
	}
	wait.Wait()
}

// call has one caller do a job every so often.
func (l *load) call(ctx context.Context, j job, every time.Duration) {
	c := &caller{load: l}
	for _, n := range l.nodes {
		c.apis, c.gateways = append(c.apis, fleet.NewLine(n.Address)), append(c.gateways, fleet.NewLine(n.Gateway))
	}
	defer c.apis.Close()
	defer c.gateways.Close()
	first := time.NewTimer(rand.N(every)) // not all at once
	defer first.Stop()
	select {
	case <-first.C:
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		c.node = rand.N(len(l.nodes))
		j.do(c)
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// account is any of them.
func (c *caller) account() int { return rand.N(len(c.world)) }

// ask sends a request and wants an answer of that status.
func (c *caller) ask(name string, line *fleet.Line, raw []byte, want ...int) []byte {
	began := time.Now()
	status, body, err := line.Do(raw)
	took := time.Since(began)
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kinds[name]
	if k == nil {
		k = &kind{}
		c.kinds[name] = k
	}
	if k.took = append(k.took, took); err == nil && slices.Contains(want, status) {
		return body
	}
	if err == nil && status == http.StatusServiceUnavailable {
		k.away++
		return nil
	}
	if k.wrong++; len(k.first) < 3 {
		k.first = append(k.first, fmt.Sprintf("%d %.300s %v, %v is due", status, body, err, want))
	}
	return nil
}

// api asks the caller's node for an action.
func (c *caller) api(key sigv4.Credentials, service string, want int, form ...string) []byte {
	return c.ask(form[1], c.apis[c.node], fleet.Sign(key, service, form...), want)
}

func (l *load) counts() (calls, wrong int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.kinds {
		calls, wrong = calls+len(k.took), wrong+k.wrong
	}
	return calls, wrong
}

// print tells of each kind.
func (l *load) print() {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Println("\n| | calls | p50 ms | p99 ms | unavailable | wrong answers |\n| --- | --- | --- | --- | --- | --- |")
	for _, name := range names(l.kinds) {
		k := l.kinds[name]
		fmt.Printf("| %s | %d | %.2f | %.1f | %d | %d |\n", name, len(k.took), ms(fleet.Percentile(k.took, 50)), ms(fleet.Percentile(k.took, 99)), k.away, k.wrong)
	}
}

// mayBeAway is the share of calls to which a node may say that it is cut off from the
// store, as it does when the machine stands still for a second.
const mayBeAway = 0.001

// judge fails when an answer was not the one that was due, or too many were none.
func (l *load) judge() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []any{}
	calls, away := 0, 0
	for _, name := range names(l.kinds) {
		calls, away = calls+len(l.kinds[name].took), away+l.kinds[name].away
		for _, why := range l.kinds[name].first {
			all = append(all, name+": "+why)
		}
	}
	if float64(away) > mayBeAway*float64(calls) {
		all = append(all, fmt.Sprintf("%d of %d calls met a node that was cut off from the store", away, calls))
	}
	if len(all) == 0 {
		return nil
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return fmt.Errorf("answers that were not due: %s", text)
}

func names[V any](m map[string]V) (list []string) {
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
