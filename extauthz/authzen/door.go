package authzen

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/google/uuid"

	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
)

// Service is what requests are signed for, in any region.
const Service = "authzen"

// What an asker must be allowed. These are ours to choose, as AWS has no such door.
const (
	// actionPrincipal is asked for on the user, role or root user that a question is
	// about: it tells what the simulator would.
	actionPrincipal = "iam:SimulatePrincipalPolicy"
	// actionRequest is asked for on the API whose request is judged,
	// arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE.
	actionRequest = "authzen:EvaluateRequest"
)

// Bounds of one call.
const (
	maxBody        = 1 << 20
	maxEvaluations = 256
	// maxWork is how much the questions of one call may cost together, in steps of a
	// nanosecond or two, as in the policy simulator.
	maxWork = 128 << 20
)

// The API's paths, and where it tells of them.
const (
	Path         = "/access/v1/"
	MetadataPath = "/.well-known/authzen-configuration"
)

// Guard says who asks, and whether they may; *guard.Guard does.
type Guard interface {
	Authenticate(ctx context.Context, r *http.Request, body [32]byte, door guard.Door, from guard.Origin) (*guard.Caller, error)
	Authorize(c *guard.Caller, account *iam.Account, checks ...guard.Check) error
	Trace(c *guard.Caller, requestID, action string, err error) *guard.Trace
}

// Gateway judges requests that others hold; *gateway.Gateway does.
type Gateway interface {
	Find(r *http.Request) *gateway.API
	Ask(ctx context.Context, asked gateway.Asked) gateway.Answer
}

// Deps is what a Door needs of the world. All but Gateway, Record and Log are
// required.
type Deps struct {
	Guard Guard
	// Simulate lets the organization of an account have its say in a simulation.
	Simulate func(s *guard.Simulation, account string) error
	// Account gives an account as it is now.
	Account func(ctx context.Context, id string) (*iam.Account, error)
	// Gateway gives the gateway; nil, or what it gives is, when no API is guarded.
	Gateway func() Gateway
	Origin  func(*http.Request) guard.Origin
	// Seal seals where a search's page ended, for one account, and Unseal opens it,
	// failing for all that was not sealed for that account.
	Seal   func(account string, plain []byte) []byte
	Unseal func(account string, sealed []byte) ([]byte, error)
	// PublicURL is where others reach the API.
	PublicURL func() string
	Record    func(context.Context, Event) // told of every request once it is answered; nil: nobody is
	Now       func() time.Time
	Log       *slog.Logger // nil: discarded
}

// Event is what became of one request.
type Event struct {
	RequestID string
	Time      time.Time
	Duration  time.Duration
	Operation string        // such as Evaluation or SearchSubject
	Caller    *guard.Caller // who asked; nil until verified
	Actions   []string      // what the asker was checked for
	About     []string      // principals that were asked about, the first few
	Status    int           // of the HTTP answer
	Message   string        // of an error, empty otherwise
	Trace     *guard.Trace  // of an asker who was denied; nil otherwise
}

// Door is the API. It serves any number of requests at once.
type Door struct{ deps Deps }

// New makes a door.
func New(deps Deps) *Door {
	if deps.Record == nil {
		deps.Record = func(context.Context, Event) {}
	}
	if deps.Gateway == nil {
		deps.Gateway = func() Gateway { return nil }
	}
	deps.Log = cmp.Or(deps.Log, slog.New(slog.DiscardHandler))
	return &Door{deps}
}

// operations are the API's, by path.
var operations = map[string]struct {
	name string
	run  func(*inquiry, object) (any, error)
}{
	"evaluation":      {"Evaluation", (*inquiry).evaluation},
	"evaluations":     {"Evaluations", (*inquiry).evaluations},
	"search/subject":  {"SearchSubject", (*inquiry).searchSubject},
	"search/resource": {"SearchResource", (*inquiry).searchResource},
	"search/action":   {"SearchAction", (*inquiry).searchAction},
}

// inquiry is one request on its way.
type inquiry struct {
	door    *Door
	ctx     context.Context
	id      string
	caller  *guard.Caller
	account *iam.Account // the asker's
	budget  int          // of work, what is left
	event   Event
	may     map[string]error // what the asker was told before, by check
}

// ServeHTTP answers whoever signed.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id := r.Header.Get("X-Request-Id"); id != "" {
		w.Header().Set("X-Request-Id", id)
	}
	q := &inquiry{door: d, ctx: r.Context(), id: uuid.NewString(), budget: maxWork, may: map[string]error{}}
	w.Header().Set("X-Amzn-Requestid", q.id)
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == MetadataPath {
		d.metadata(w, r)
		return
	}
	q.event = Event{RequestID: q.id, Time: d.deps.Now()}
	out, err := q.serve(w, r)
	status := http.StatusOK
	if err != nil {
		f := faultOf(err)
		if f.status >= 500 {
			level := slog.LevelError
			if iam.Unavailable(err) { // of which the server tells once
				level = slog.LevelDebug
			}
			d.deps.Log.Log(context.Background(), level, "authzen: not answered", "request", q.id, "action", q.event.Operation, "account", q.caller.AccountID(), "error", f.err)
		}
		if f.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", sigv4.Algorithm+` realm="iamd", service="`+Service+`"`)
		}
		if f.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		status, out, q.event.Message = f.status, f.message, f.message
	}
	q.event.Status, q.event.Caller, q.event.Duration = status, q.caller, d.deps.Now().Sub(q.event.Time)
	d.deps.Record(r.Context(), q.event)
	answer(w, status, out)
}

// answer writes JSON. Errors are a JSON string: the specification asks for a string.
func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic("authzen: " + err.Error()) // texts, numbers and lists of them
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = w.Write(text)
}

func (q *inquiry) serve(w http.ResponseWriter, r *http.Request) (any, error) {
	op, ok := operations[r.URL.Path[min(len(Path), len(r.URL.Path)):]]
	switch {
	case !ok || r.URL.Path[:len(Path)] != Path:
		return nil, &fault{status: http.StatusNotFound, message: "There is no such endpoint: see " + MetadataPath + "."}
	case r.Method != http.MethodPost:
		return nil, &fault{status: http.StatusMethodNotAllowed, message: "The endpoints are called by POST."}
	}
	q.event.Operation = op.name
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if err := q.authenticate(r, sha256.Sum256(body)); err != nil {
		return nil, err
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" || len(r.Header["Content-Type"]) != 1 {
		return nil, badRequest("The Content-Type must be application/json.")
	}
	in, err := decode(body)
	if err != nil {
		return nil, err
	}
	return op.run(q, in)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := &fault{status: http.StatusRequestEntityTooLarge, message: "The request body is larger than 1 MiB."}
	if r.ContentLength > maxBody {
		return nil, tooLarge
	}
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return nil, tooLarge
		}
		return nil, badRequest("The request body could not be read.")
	}
	return buf.Bytes(), nil
}

// authenticate finds out who asks. Nobody learns anything before.
func (q *inquiry) authenticate(r *http.Request, hash [32]byte) (err error) {
	signed := guard.Door{Options: sigv4.Options{
		Service: Service, DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery,
	}}
	if q.caller, err = q.door.deps.Guard.Authenticate(q.ctx, r, hash, signed, q.door.deps.Origin(r)); err != nil {
		q.caller = nil
		return err
	}
	q.account, err = q.door.deps.Account(q.ctx, q.caller.Account)
	return err
}

// allowed asks whether the asker may; of each resource once.
func (q *inquiry) allowed(check guard.Check) error {
	key := check.Action + " " + check.Resource + " " + check.Named
	err, asked := q.may[key]
	if asked {
		return err
	}
	if len(q.event.Actions) == 0 || q.event.Actions[len(q.event.Actions)-1] != check.Action {
		q.event.Actions = append(q.event.Actions, check.Action)
	}
	if err = q.door.deps.Guard.Authorize(q.caller, q.account, check); err != nil {
		err = q.denied(check.Action, err)
	}
	q.may[key] = err
	return err
}

// denied words what the guard said to the asker, and keeps why, once a request.
func (q *inquiry) denied(action string, err error) error {
	var no *guard.Denied
	if !errors.As(err, &no) {
		return err
	}
	if q.event.Trace == nil {
		q.event.Trace = q.door.deps.Guard.Trace(q.caller, q.id, action, err)
	}
	return forbidden(no.Error(), err)
}

// isAnonymous tells whether nobody called.
func isAnonymous(c *guard.Caller) bool { return c.Kind == policy.Anonymous }
