package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/wire"
)

// MaxBody is the longest body of a request that is read, in bytes.
const MaxBody = wire.MaxBody

// answerSize is room for most answers, in bytes.
const answerSize = 1 << 10

// door is how the services want requests signed: a scope of any region is good.
var door = guard.Door{Options: sigv4.Options{
	DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery,
}}

// answer is what goes back: one way out for successes and refusals.
type answer struct {
	protocol protocol
	service  string // whose XML namespace; "" while unknown
	action   string // service:Name; "" while unknown
	account  string // the caller's; "" while unknown
	caller   *guard.Caller
	id       string
	status   int
	body     []byte
	message  string // the encoded authorization message of a denial
}

// ServeHTTP is the way of every request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := a.newID()
	buf := a.buffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= 64<<10 {
			buf.Reset()
			a.buffers.Put(buf)
		}
	}()
	began := a.cfg.Now()
	out := answer{protocol: protocolOf(r), id: id, status: http.StatusOK}
	code := ""
	if err := a.serve(w, r, buf, &out); err != nil {
		code = a.refuse(&out, err)
	}
	a.cfg.Observe(r.Context(), out.action, code, out.caller, a.cfg.Now().Sub(began))
	h := w.Header()
	out.protocol.headers(h, code)
	h["X-Amzn-Requestid"] = []string{id}
	if a.cfg.Seen != nil && out.account != "" {
		a.cfg.Seen(h, out.account)
	}
	if out.message != "" {
		h[messageHeader] = []string{out.message}
	}
	w.WriteHeader(out.status)
	// A client that has gone hears no answer.
	_, _ = w.Write(out.body)
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer, out *answer) error {
	from := a.cfg.Origin(r)
	if a.cfg.Arrive != nil {
		if err := a.cfg.Arrive(from); err != nil {
			return err
		}
	}
	hash, err := readBody(w, r, buf)
	if err != nil {
		return err
	}
	if err := out.protocol.read(r, buf.Bytes()); err != nil {
		return err
	}
	caller, action, err := a.who(r, from, hash, out.protocol)
	if err != nil {
		return err
	}
	out.service, out.action, out.account, out.caller = action.Service, action.IAMAction(), caller.Account, caller
	in := action.in()
	if err := out.protocol.decode(action.op, in); err != nil {
		return err
	}
	if err := wire.Validate(action.op, in); err != nil {
		return err
	}
	c := &Call{Context: r.Context(), ID: out.id, Time: a.cfg.Now(), Caller: caller, Home: caller.Account, api: a}
	result, err := a.do(c, action, in)
	out.caller = c.Caller // an unsigned call's is found on the way
	if err != nil {
		out.message = a.explain(c, action, err)
		return err
	}
	// The request has been read: its memory serves for the answer.
	buf.Reset()
	buf.Grow(answerSize)
	out.body, err = out.protocol.encode(buf.AvailableBuffer(), action.op, out.id, result)
	return err
}

// who finds the caller and the row that is asked for: first the caller, since
// the signature says which service is meant, unless the action wants none.
func (a *API) who(r *http.Request, from guard.Origin, hash [32]byte, p protocol) (*guard.Caller, *Action, error) {
	if action := p.unsigned(a); action != nil {
		return guard.Anonymous(from), action, nil
	}
	ctx, end := a.span(r.Context(), "authenticate")
	caller, err := a.cfg.Guard.Authenticate(ctx, r, hash, door, from)
	end(err)
	if err != nil {
		return nil, nil, err
	}
	action, err := p.action(a, caller.Service)
	return caller, action, err
}

// readBody takes the body in and gives its hash.
func readBody(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) (hash [32]byte, err error) {
	if r.ContentLength > MaxBody {
		return hash, tooLarge()
	}
	body := r.Body
	if r.ContentLength < 0 { // else it ends where it said
		body = http.MaxBytesReader(w, body, MaxBody)
	} else {
		buf.Grow(int(r.ContentLength) + bytes.MinRead) // or it would be held several times as it grows
	}
	if _, err := buf.ReadFrom(body); err != nil {
		var over *http.MaxBytesError
		if errors.As(err, &over) {
			return hash, tooLarge()
		}
		return hash, &wire.Error{
			Code: wire.CodeMalformedInput, Message: "The request body could not be read.", Status: http.StatusBadRequest,
		}
	}
	return sha256.Sum256(buf.Bytes()), nil
}

func tooLarge() error {
	return &wire.Error{
		Code: wire.CodeTooLarge, Message: "The request body is larger than 1 MiB.", Status: http.StatusRequestEntityTooLarge,
	}
}

// clip shortens what an answer repeats of a request.
func clip(s string) string {
	const most = 128
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// do authorizes, runs and records one call.
func (a *API) do(c *Call, action *Action, in any) (out any, err error) {
	if action.admit != nil {
		err = action.admit(a, c, in)
	}
	if err == nil && action.prepare != nil {
		err = a.prepare(c, action, in)
	}
	switch {
	case err != nil:
	case action.org != nil:
		out, err = a.doOrganized(c, action, in)
	case action.Write:
		out, err = a.write(c, action, in)
	default:
		if c.Account, err = a.cfg.Accounts.View(c.Context, c.Home); err == nil {
			out, err = a.run(c, action, in)
		}
	}
	if (err != nil || !action.Write) && c.Home != "" {
		n := a.notes.Get().(*note)
		e := &n.event
		a.fill(e, n.room[:0], c, action, in, out, err)
		a.cfg.Audit.Record(e)
		if err == nil && c.role.held && c.role.account != e.RecipientAccountID {
			// Whose role was taken hears of it too, as with AWS; of what was
			// refused not, or strangers could fill their history.
			e.RecipientAccountID, e.EventID = c.role.account, a.newID()
			a.cfg.Audit.Record(e)
		}
		n.event = audit.Event{} // and the room is nobody's any more
		a.notes.Put(n)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// write runs an action on a draft of the caller's account.
func (a *API) write(c *Call, action *Action, in any) (out any, err error) {
	err = a.cfg.Accounts.Update(c.Context, c.Home, func(d *iam.Draft) error {
		call := *c
		call.Draft, call.Account = d, d.Account
		if out, err = a.run(&call, action, in); err != nil {
			return err
		}
		// The event commits with what it records.
		d.Emit(a.event(&call, action, in, out, nil).Stored())
		return nil
	})
	if err == nil && action.after != nil {
		err = action.after(a, c, in)
	}
	return out, err
}

// prepare admits the caller by the account as it is now, and prepares. The write
// that follows admits once more, by its draft.
func (a *API) prepare(c *Call, action *Action, in any) (err error) {
	if c.Account, err = a.cfg.Accounts.View(c.Context, c.Home); err != nil {
		return err
	}
	if err := a.admitted(c, action, in); err != nil {
		return err
	}
	return action.prepare(a, c, in)
}

func (a *API) run(c *Call, action *Action, in any) (out any, err error) {
	if err := a.admitted(c, action, in); err != nil {
		return nil, err
	}
	_, end := a.span(c.Context, "operation")
	out, err = action.run(a, c, in)
	end(err)
	return out, err
}

func (a *API) admitted(c *Call, action *Action, in any) error {
	_, end := a.span(c.Context, "authorize")
	err := a.authorize(c, action, in)
	end(err)
	return err
}

func (a *API) authorize(c *Call, action *Action, in any) error {
	if action.Open {
		a.cfg.Audit.Attempted(c.Context, c.Caller.Attempt(action.IAMAction()))
		return a.cfg.Guard.Open(c.Caller, action.IAMAction())
	}
	if c.Caller.Session != nil {
		// Before the request is looked into: who may not call at all learns nothing.
		if err := a.cfg.Guard.Open(c.Caller, action.IAMAction()); err != nil {
			a.cfg.Audit.Attempted(c.Context, c.Caller.Attempt(action.IAMAction()))
			return err
		}
	}
	need, err := action.checks(c, in)
	if err != nil {
		return err
	}
	organized := action.org
	if organized != nil {
		organized = organized.of(c, in)
		organized.owned(c, need)
	}
	for _, check := range need {
		a.cfg.Audit.Attempted(c.Context, c.Caller.Attempt(check.Action))
	}
	if err := a.cfg.Guard.Authorize(c.Caller, c.Account, need...); err != nil {
		return err
	}
	if organized != nil {
		if err := a.stillIn(c); err != nil {
			return err
		}
		if err := organized.admits(c); err != nil {
			return err
		}
	}
	return a.keepTagPolicy(c, action, need)
}

// note is an event on its way to the recorder, which keeps nothing of it, and room
// for most parameters and answers.
type note struct {
	event audit.Event
	room  [1 << 10]byte
}

func (a *API) event(c *Call, action *Action, in, out any, err error) *audit.Event {
	e := new(audit.Event)
	a.fill(e, make([]byte, 0, 1<<10), c, action, in, out, err)
	return e
}

// fill makes the event of a call, with parameters and answer in room.
func (a *API) fill(e *audit.Event, room []byte, c *Call, action *Action, in, out any, err error) {
	*e = audit.Event{
		EventVersion: "1.11", UserIdentity: c.Caller.Identity(), EventTime: c.Time.UTC(),
		EventSource: action.source, EventName: action.Name, AWSRegion: region(action, c),
		SourceIPAddress: c.Caller.SourceIP, UserAgent: c.Caller.UserAgent,
		RequestID: c.ID, EventID: a.newID(), ReadOnly: !action.Write || action.Unsigned, // what these use up is no change
		EventType: "AwsApiCall", ManagementEvent: true, EventCategory: "Management",
		RecipientAccountID: c.Home, RequestParameters: wire.AppendEvent(room, action.op, in),
	}
	if c.Caller.FromConsole() {
		e.FromConsole = "true"
	}
	switch {
	case err != nil:
		refusal := refusalOf(err)
		e.ErrorCode, e.ErrorMessage = refusal.Code, refusal.Message
	case action.Write || action.issues:
		e.ResponseElements = wire.AppendEvent(e.RequestParameters[len(e.RequestParameters):], action.op, out)
	}
}

// region is where CloudTrail files an event: those of global services in us-east-1.
func region(action *Action, c *Call) string {
	if action.Service == "iam" || action.Service == "organizations" || c.Caller.Region == "" {
		return "us-east-1"
	}
	return c.Caller.Region
}

// newID makes a random UUID. It is no secret.
func (a *API) newID() string {
	c, kept := a.chance.Get().(*chance)
	if !kept {
		c = new(chance)
	}
	defer a.chance.Put(c)
	if c.left == 0 {
		if _, err := io.ReadFull(a.cfg.Rand, c.random[:]); err != nil {
			panic("api: no randomness: " + err.Error())
		}
		c.left = len(c.random)
	}
	var id uuid.UUID
	c.left -= copy(id[:], c.random[c.left-len(id):c.left])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, as RFC 9562 has it
	return id.String()
}

// chance is drawn for several UUIDs at once, as asking for it is most of the work.
type chance struct {
	random [32 * len(uuid.UUID{})]byte
	left   int // bytes that are unused
}

// isRoot tells whether the root user calls.
func (c *Call) isRoot() bool { return c.Caller.Kind == policy.Root }

// span begins a part of a call, for who follows it.
func (a *API) span(ctx context.Context, name string) (context.Context, func(error)) {
	if a.cfg.Span == nil {
		return ctx, unfollowed
	}
	return a.cfg.Span(ctx, name)
}

func unfollowed(error) {}
