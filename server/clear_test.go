package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/api"
	"iamd/audit/sink"
	"iamd/iam"
	"iamd/server/servertest"
)

// heardLog is a log that several write to.
type heardLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *heardLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// listener is a topic that keeps the last message, or breaks.
type listener struct {
	mu     sync.Mutex
	last   []byte
	broken bool
}

func (*listener) Has(string) bool { return true }

func (l *listener) Publish(_ context.Context, _ string, message []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = message
	if l.broken {
		panic("the topic broke")
	}
	return nil
}

// breaks makes the topic break, or not.
func (l *listener) breaks(broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
}

// message is the last one.
func (l *listener) message() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// clearRun is a server of which one of every secret is asked.
type clearRun struct {
	*secrets
	t      *testing.T
	s      *Server
	url    string
	first  *Credentials
	admin  *sdk.Client
	sts    *sts.Client
	issuer *servertest.Issuer
	topic  *listener
}

func (r *clearRun) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *clearRun) fails(what string, err error) {
	r.t.Helper()
	if err == nil {
		r.t.Errorf("%s is let through", what)
	}
}

func (r *clearRun) as(id, secret, token string) aws.Config {
	return servertest.Config(r.url, "us-east-1", id, secret, token)
}

func (r *clearRun) session(what string, c *ststypes.Credentials) aws.Config {
	r.add(what+" secret", *c.SecretAccessKey)
	r.add(what+" token", *c.SessionToken)
	cfg := r.as(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(r.t.Context(), nil); err != nil {
		r.t.Errorf("%s: %v", what, err)
	}
	_, err := sts.NewFromConfig(r.as(*c.AccessKeyId, r.add("wrong secret", "wrong"+*c.SecretAccessKey), *c.SessionToken)).GetCallerIdentity(r.t.Context(), nil)
	r.fails(what+" with a wrong signature", err)
	_, err = sts.NewFromConfig(r.as(*c.AccessKeyId, *c.SecretAccessKey, r.add("wrong token", (*c.SessionToken)[:60]+"AAAA"+(*c.SessionToken)[64:]))).GetCallerIdentity(r.t.Context(), nil)
	r.fails(what+" with a wrong token", err)
	return cfg
}

// holding is where a server keeps what it is told.
type holding struct {
	dir     string // of data
	store   string // as Config has it, like the next
	keyring string
	values  values // all that the store holds, once the server has closed it
	// servers ends those of the store, and gives the directory of what they wrote; nil:
	// it has none.
	servers func() (dir string)
}

// TestNoSecretsInTheClear: one of every secret is made, used, and used wrongly; none
// stands anywhere but where it was handed out.
func TestNoSecretsInTheClear(t *testing.T) {
	dir := t.TempDir()
	noSecretsInTheClear(t, holding{dir: dir, values: inSQLite(filepath.Join(dir, "iamd.db"))})
}

func noSecretsInTheClear(t *testing.T, h holding) {
	log, traces, events := new(heardLog), newReceiver(t), filepath.Join(t.TempDir(), "events")
	r := &clearRun{secrets: &secrets{all: map[string]string{}}, t: t, issuer: servertest.NewIssuer(t), topic: new(listener)}
	const template = "arn:aws:iam::aws:delegation-template/example.com/Reader"
	r.s = start(t, Config{
		Telemetry: Telemetry{Endpoint: traces.URL + "/under"}, Audit: Audit{Sinks: []sink.Spec{{File: &sink.File{Path: events}}}},
		DataDir: h.dir, Store: h.store, KeyringFile: h.keyring, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})),
		Outside: api.Outside{Dial: r.issuer.Dial, Roots: r.issuer.Roots}, Topics: r.topic,
		Templates: iam.TemplateFile{PolicyTemplates: []iam.PolicyTemplate{{
			ARN: template, Partner: "Example Corp", PolicyDocument: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUserTags","Resource":"arn:aws:iam::*:user/@{userName}"}]}`),
		}}},
	})
	front := httptest.NewUnstartedServer(r.s.Handler())
	front.Config.ErrorLog = slog.NewLogLogger(r.s.cfg.Log.Handler(), slog.LevelDebug) // as Serve has it
	front.Start()
	r.url, r.first = front.URL, r.s.FirstStart()
	r.admin, r.sts = sdk.NewFromConfig(root(r.first, front.URL)), sts.NewFromConfig(root(r.first, front.URL))
	r.add("root key", r.first.SecretAccessKey)
	r.add("root password", r.first.Password)
	user := r.user()
	r.passwords(user)
	r.devices(user)
	r.roles()
	r.privateKeys()
	r.applications()
	r.delegation(template)
	r.faults(user)
	r.operator()
	r.rotation()

	metrics, err := http.Get(front.URL + "/metrics")
	r.ok(err)
	text, err := io.ReadAll(metrics.Body)
	r.ok(err)
	r.ok(metrics.Body.Close())
	if !bytes.Contains(text, []byte("iamd_")) {
		t.Error("no metrics")
	}
	if len(r.all) < 60 {
		t.Errorf("the run saw %d secrets only", len(r.all))
	}
	r.ok(r.s.audit.Flush(t.Context()))
	r.in(t, "metrics", text)
	if h.servers == nil {
		if names := r.inFiles(t, h.dir, r.first.AccessKeyID); !slices.Contains(names, "iamd.db-wal") {
			t.Errorf("files are %v", names)
		}
	}
	front.Close()
	closed(t, r.s)
	all := r.inValues(t, h.values)
	written := h.dir
	if h.servers != nil {
		written = h.servers()
	}
	r.inFiles(t, written, r.first.AccessKeyID)
	r.in(t, "log", log.text.Bytes())
	told, err := os.ReadFile(events)
	r.ok(err)
	r.in(t, "sink", told)
	traces.mu.Lock()
	defer traces.mu.Unlock()
	r.in(t, "traces", traces.raw.Bytes())
	// Were these not found, the search would prove nothing.
	for _, known := range []string{`"eventName":"CreateAccessKey"`, `"eventName":"ConsoleLogin"`} {
		if !bytes.Contains(told, []byte(known)) {
			t.Errorf("the sink does not hold %s", known)
		}
	}
	for _, known := range []string{"CreateAccessKey", "AssumeRole", "authenticate"} {
		if !bytes.Contains(traces.raw.Bytes(), []byte(known)) {
			t.Errorf("the traces do not hold %s", known)
		}
	}
	for _, known := range []string{r.first.AccessKeyID, `"eventName":"CreateAccessKey"`, `"eventName":"GetCallerIdentity"`, `"eventName":"ConsoleLogin"`, "Corp", "$argon2id$"} {
		if !bytes.Contains(all, []byte(known)) {
			t.Errorf("the store does not hold %s", known)
		}
	}
	for _, known := range []string{"level=DEBUG", "level=ERROR", "the topic broke"} {
		if !bytes.Contains(log.text.Bytes(), []byte(known)) {
			t.Errorf("the log does not hold %s", known)
		}
	}
	// Nor do events hold what only a guesser wants.
	for line := range bytes.Lines(all) {
		if bytes.Contains(line, []byte(`"eventName"`)) && bytes.Contains(line, []byte("$argon2id$")) {
			t.Errorf("a hash stands in an event: %s", line)
		}
	}
}
