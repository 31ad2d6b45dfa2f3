// Command stores puts load on iamd, as it is shipped, on each of its stores, beside
// what the machine can do at most: for reads and sessions a bare net/http handler
// that reads the same requests and answers the same bytes, for writes the store's own
// Commit with the rows and the event that CreateUser makes. Server, ceiling and
// clients are processes of their own; iamd and its ceiling take turns of a second or
// less, so that whatever else the machine does hits both.
//
// It prints docs/load.md's tables. Requests are signed beforehand.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"iamd/bench/stores/fleet"
	"iamd/server"
)

// plan is how much is done.
type plan struct {
	binary, dir, profile string
	kinds                []string
	accounts, users      int
	read, write          time.Duration // of a turn
	rounds               int
	starts               int // of each kind
	hops                 int // writes that are looked for at another node
	clients              []int
	only                 []string // actions, by how their names begin; none: all
}

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintln(os.Stderr, role+":", err)
			os.Exit(1)
		}
		return
	}
	p := plan{accounts: 200, users: 250, read: 500 * time.Millisecond, write: 700 * time.Millisecond, rounds: 5, starts: 5, hops: 300, clients: []int{1, 8, 64}}
	quick := flag.Bool("quick", false, "a run of less than two minutes")
	kinds := flag.String("stores", "", "kinds of stores, by commas; empty: all of "+strings.Join(fleet.Kinds, ","))
	flag.StringVar(&p.binary, "iamd", "../bin/iamd", "the program")
	flag.StringVar(&p.dir, "dir", "", "directory for all that is written; empty: the system's temporary one")
	accounts := flag.Int("accounts", 0, "accounts to fill; 0: 200, or 20 if it is to be quick")
	users := flag.Int("users", 0, "users in each; 0: 250, or 50")
	only := flag.String("actions", "", "actions, by commas, each by how its name begins; empty: all that there are")
	clients := flag.String("clients", "", "how many clients, by commas; empty: 1,8,64")
	rounds := flag.Int("rounds", 0, "turns of each; 0: 5, or 2")
	flag.StringVar(&p.profile, "profile", "", "directory in which to keep CPU profiles of iamd under each load")
	flag.Parse()
	if *quick {
		p.accounts, p.users, p.read, p.write, p.rounds, p.starts, p.hops = 20, 50, 200*time.Millisecond, 300*time.Millisecond, 2, 2, 60
	}
	p.accounts, p.users, p.rounds = cmp.Or(*accounts, p.accounts), cmp.Or(*users, p.users), cmp.Or(*rounds, p.rounds)
	p.kinds = slices.Clone(fleet.Kinds)
	if *kinds != "" {
		p.kinds = strings.Split(*kinds, ",")
	}
	if *only != "" {
		p.only = strings.Split(*only, ",")
	}
	if *clients != "" {
		p.clients = nil
		for _, text := range strings.Split(*clients, ",") {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				fmt.Fprintf(os.Stderr, "stores: -clients: %q is no number of clients\n", text)
				os.Exit(2)
			}
			p.clients = append(p.clients, n)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stores:", err)
		os.Exit(1)
	}
}

// asks tells whether an action is to be measured.
func (p *plan) asks(action string) bool {
	return p.only == nil || slices.ContainsFunc(p.only, func(name string) bool { return strings.HasPrefix(action, name) })
}

// run measures all.
func (p *plan) run(ctx context.Context) (err error) {
	if p.dir, err = os.MkdirTemp(p.dir, "iamd-stores-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.dir)) }()
	if err := os.Chmod(p.dir, 0o711); err != nil { // PostgreSQL's server is another user
		return err
	}
	began := time.Now()
	machine := fleet.Machine()
	syncs, err := fleet.FsyncTimes(p.dir, 200)
	if err != nil {
		return err
	}
	fmt.Printf("%s; write and fsync of 4 KiB: p50 %s ms, p99 %s ms.\n\n", machine, ms(fleet.Percentile(syncs, 50)), ms(fleet.Percentile(syncs, 99)))
	b, err := p.fill(ctx)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	defer func() { err = errors.Join(err, b.bare.Stop()) }()
	// The embedded store goes last, as it takes what was filled and the others copy that.
	slices.SortStableFunc(p.kinds, func(a, b string) int { return order(a) - order(b) })
	var all []*result
	for _, kind := range p.kinds {
		r, err := b.measure(ctx, kind)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b *result) int { return slices.Index(fleet.Kinds, a.kind) - slices.Index(fleet.Kinds, b.kind) })
	printAll(all, p)
	fmt.Printf("\nThe run took %s.\n", time.Since(began).Round(time.Second))
	return nil
}

func order(kind string) int {
	if kind == "embedded" {
		return 1
	}
	return 0
}

// bench is a filled embedded store, with what is known of it.
type bench struct {
	*plan
	keyring  string
	base     string // URL
	world    []*fleet.Account
	template string // file of what CreateUser commits
	bare     *role
	made     int // users
}

// fill makes accounts and users in an embedded store through the front door.
func (p *plan) fill(ctx context.Context) (_ *bench, err error) {
	b := &bench{plan: p, keyring: filepath.Join(p.dir, "keyring"), base: "sqlite:" + filepath.Join(p.dir, "base"), template: filepath.Join(p.dir, "template")}
	if err := fleet.NewKeyring(p.binary, b.keyring); err != nil {
		return nil, err
	}
	n, err := b.start(ctx, b.base, "filler")
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if b.world, err = fleet.NewWorld(ctx, n, p.accounts, p.users); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	// Alone, so that its commit is one user's.
	l := fleet.NewLine(n.Address)
	defer l.Close()
	if err := errors.Join(l.Ask(b.createUser(0)), n.Stop()); err != nil {
		return nil, err
	}
	count := p.accounts * (2 + p.users)
	took := time.Since(began)
	fmt.Printf("Filled: %d accounts, %d users and roles, in %s s (%.0f a second); the embedded store has %d MB.\n", p.accounts, count, seconds(took),
		float64(count)/took.Seconds(), fleet.Size(filepath.Join(p.dir, "base"))>>20)
	if err := keepTemplate(ctx, b.base, "account/"+fleet.FirstAccount, b.template); err != nil {
		return nil, err
	}
	b.bare, err = begin("bare")
	return b, err
}

// start runs a node on a store; its own directory has that name.
func (b *bench) start(ctx context.Context, url, name string) (*fleet.Node, error) {
	return fleet.Start(ctx, fleet.Config{Binary: b.binary, Store: url, Dir: filepath.Join(b.dir, name), Keyring: b.keyring})
}

// createUser is a request for a new user in an account.
func (b *bench) createUser(account int) []byte {
	b.made++
	return fleet.Sign(b.world[account%len(b.world)].User, "iam", "Action", "CreateUser", "UserName", fmt.Sprintf("made-%08d", b.made))
}

// copy fills a store with what the base has.
func (b *bench) copy(ctx context.Context, to string) error {
	_, err := server.CopyStore(ctx, b.base, to, slog.New(slog.DiscardHandler), func(string, int, bool) {})
	return err
}
