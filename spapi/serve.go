package spapi

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/lwa"
	"iamd/sigv4"
)

// door is how rows want to be signed.
var door = guard.Door{Options: sigv4.Options{
	Service: service, DoubleEncode: true, NormalizePath: true, MaxSkew: guard.SkewQuery,
}}

func (r *row) action() string { return service + ":" + r.event }

// signed is a row as a handler: what holds for every row stands here.
func (d *Door) signed(r row) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		k, code := d.begin(req), ""
		headers(w, k.ID)
		out, err := d.do(&r, k, w)
		if err != nil {
			d.explain(k, w, r.action(), err)
			code = d.refuse(w, k, err)
		} else {
			answer(w, r.status, out)
		}
		d.observe(k, r.action(), code)
	})
}

func answer(w http.ResponseWriter, status int, out any) {
	if out == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has gone hears no answer.
	_, _ = w.Write(encode(out, ""))
}

// do takes one call through its steps. What comes after the signature is recorded.
func (d *Door) do(r *row, k *call, w http.ResponseWriter) (out any, err error) {
	body, err := receive(w, k.Request, maxBody)
	if err != nil {
		return nil, unread(err)
	}
	k.Caller, err = d.cfg.Guard.Authenticate(k, k.Request, sha256.Sum256(body), door, d.cfg.Origin(k.Request))
	if err != nil {
		k.Caller = nil
		return nil, err
	}
	if err = r.decode(k, body); err == nil {
		out, err = d.admitted(r, k)
	}
	if err != nil || !r.write {
		d.cfg.Audit.Record(d.event(r, k, out, err))
	}
	return out, err
}

// admitted authorizes and runs. A write is authorized by what stands now, so that
// who may not call keeps nobody waiting, and once more by the draft that it changes.
func (d *Door) admitted(r *row, k *call) (out any, err error) {
	account := k.Caller.Account
	if k.Account, err = d.cfg.Accounts.View(k, account); err != nil {
		return nil, err
	}
	d.cfg.Audit.Attempted(k, k.Caller.Attempt(r.action()))
	if err := d.may(r, k); err != nil {
		return nil, err
	}
	if !r.write {
		if k.Applications, err = d.cfg.Applications.View(k, account); errors.Is(err, lwa.ErrNotFound) {
			k.Applications, err = lwa.New(nil, account), nil
		}
		if err != nil {
			return nil, err
		}
		return r.run(d, k)
	}
	err = d.cfg.Applications.Write(k, account, func(draft *lwa.Draft, of *iam.Draft) error {
		on := *k
		on.Draft, on.Applications, on.Account = draft, draft.Applications, of.Account
		if err := d.may(r, &on); err != nil {
			return err
		}
		var err error
		if out, err = r.run(d, &on); err != nil {
			return err
		}
		// The event commits with what it records.
		of.Emit(d.event(r, k, out, nil).Stored())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// may asks whether the caller may do what the row does, of the application in the
// path or of any.
func (d *Door) may(r *row, k *call) error {
	id := k.clientID()
	if id == "" {
		id = "*"
	}
	return d.cfg.Guard.Authorize(k.Caller, k.Account, guard.Check{
		Action: r.action(), Resource: "arn:aws:" + service + "::" + k.Caller.Account + ":application/" + id,
	})
}

// messageHeader carries the encoded authorization message of a denial, as in the
// answers of the AWS APIs.
const messageHeader = "X-Iamd-Encoded-Authorization-Message"

// explain keeps the trace of a denial, under the call's request id, and gives its
// encoded message. Other failures have neither.
func (d *Door) explain(k *call, w http.ResponseWriter, action string, err error) {
	if k.Caller == nil {
		return
	}
	t := d.cfg.Guard.Trace(k.Caller, k.ID, action, err)
	if t == nil {
		return
	}
	w.Header().Set(messageHeader, d.cfg.Guard.Message(t))
	d.cfg.Audit.Keep(k.Caller.Account, k.ID, k.Time, t.Pack)
}

// event is a call in its account's history: names and ids, never a secret, a token
// or a code.
func (d *Door) event(r *row, k *call, out any, err error) *audit.Event {
	e := &audit.Event{
		EventVersion: "1.11", UserIdentity: k.Caller.Identity(), EventTime: k.Time.UTC(),
		EventSource: service + ".amazonaws.com", EventName: r.event, AWSRegion: k.Caller.Region,
		SourceIPAddress: k.Caller.SourceIP, UserAgent: k.Caller.UserAgent, RequestID: k.ID, EventID: d.newID(), ReadOnly: !r.write,
		EventType: "AwsApiCall", ManagementEvent: true, RecipientAccountID: k.Caller.Account, EventCategory: "Management",
		RequestParameters: elements(k.asked()),
	}
	if k.Caller.FromConsole() {
		e.FromConsole = "true"
	}
	if err != nil {
		told := refusalOf(err)
		e.ErrorCode, e.ErrorMessage = told.code, told.message
	} else if r.told != nil {
		e.ResponseElements = elements(r.told(k, out))
	}
	return e
}

// asked is what the event tells of a request; nil of one that names nothing.
func (k *call) asked() any {
	in := map[string]any{}
	for _, m := range []struct{ member, event string }{
		{"name", "name"}, {"iam_arn", "iamArn"}, {"selling_partner_id", "sellingPartnerId"}, {"code", "code"},
	} {
		if v, ok := k.In[m.member]; ok {
			in[m.event] = v
		}
	}
	if id := k.clientID(); lwa.IsClientID(id) {
		in["clientId"] = id
		if partner := k.Request.PathValue("selling_partner_id"); partner != "" {
			in["sellingPartnerId"] = partner
		}
	}
	if len(in) == 0 {
		return nil
	}
	return in
}

// elements is JSON of what an event tells; nil is null.
func elements(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	return encode(v, "")
}

// stamp is how times are told.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
