// Command load fills an organization and serves it: it tells how much memory it takes, and how long the slower reads
// last. Then it makes the users of a large account, and compares the first with the last.
//
// Everything goes through the front door: the SDK signs, HTTP carries, policies decide, SQLite keeps.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"iamd/iam"
	"iamd/org"
	"iamd/server"
)

// size is how much there is to be.
type size struct{ accounts, users, roles, policies, many, asks int }

func main() {
	var s size
	flag.IntVar(&s.accounts, "accounts", 200, "accounts in the organization")
	flag.IntVar(&s.users, "users", 500, "users in each account")
	flag.IntVar(&s.roles, "roles", 200, "roles in each account")
	flag.IntVar(&s.policies, "policies", 100, "policies in each account")
	flag.IntVar(&s.many, "many", 5000, "users of the large account")
	flag.IntVar(&s.asks, "asks", 400, "how often each read is timed")
	flag.Parse()
	if err := run(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s size) error {
	dir, err := os.MkdirTemp("", "iamd-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%d accounts × %d users, %d roles, %d policies\n", s.accounts, s.users, s.roles, s.policies)

	w, err := start(ctx, dir, s)
	if err != nil {
		return err
	}
	began := time.Now()
	made, err := w.fill(ctx, s)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("made %d entities in %.0f s, %.0f a second, each durable before it was answered\n", made, took.Seconds(), float64(made)/took.Seconds())
	if err := w.stop(ctx); err != nil {
		return err
	}
	w = nil
	before := heap()

	// Begun anew, nothing is in memory yet.
	if w, err = start(ctx, dir, s); err != nil {
		return err
	}
	began = time.Now()
	if err := w.touchAll(ctx); err != nil {
		return err
	}
	fmt.Printf("a fresh start loads all accounts in %.1f s; they take %.0f MB of memory, the database %.0f MB\n",
		time.Since(began).Seconds(), float64(heap()-before)/1e6, float64(onDisk(dir))/1e6)

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "read\tcalls\tp50 ms\tp99 ms\t")
	for _, r := range w.reads() {
		took, err := w.time(ctx, s.asks, r)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\t%d\t%.1f\t%.1f\t\n", r.name, len(took), ms(took, 50), ms(took, 99))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	first, last, err := w.many(ctx, s.many)
	if err != nil {
		return err
	}
	fmt.Printf("CreateUser, %d in one account: the first tenth %.2f ms each, the last tenth %.2f ms: %.2f×\n",
		s.many, milliseconds(first), milliseconds(last), float64(last)/float64(first))
	return w.stop(ctx)
}

// world is a server under load.
type world struct {
	server *server.Server
	front  *httptest.Server
	client map[string]*clients // by account, the management account's under ""
	order  []string            // the members
}

func start(ctx context.Context, dir string, s size) (*world, error) {
	quotas, joint := iam.DefaultQuotas(), org.DefaultQuotas()
	quotas.Users, joint.Accounts = max(quotas.Users, s.users, s.many), s.accounts+2
	root := server.Root{AccountID: "111122223333", AccountName: "load", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	srv, err := server.New(ctx, server.Config{DataDir: dir, Root: root, Quotas: quotas, OrganizationQuotas: joint})
	if err != nil {
		return nil, err
	}
	w := &world{server: srv, front: httptest.NewServer(srv.Handler()), client: map[string]*clients{}}
	w.client[""] = clientsOf(w.front.URL, root.AccessKeyID, root.SecretAccessKey, "")
	return w, nil
}

func (w *world) stop(ctx context.Context) error {
	w.front.Close()
	return w.server.Close(ctx)
}

// heap is the memory in use, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func onDisk(dir string) (total int64) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
	}
	return total
}

// ms gives a percentile in milliseconds.
func ms(took []time.Duration, percent int) float64 {
	slices.Sort(took)
	return milliseconds(took[min(len(took)-1, len(took)*percent/100)])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
